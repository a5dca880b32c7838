//! `teu ps`.

use super::{Outcome, now, print};
use crate::arguments::ListArguments;
use crate::filter::ContainerFilter;
use crate::output::{self, Format, Row};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use teu_api::container::ContainerSnapshot;
use teu_core::Engine;

const TABLE: &str =
    r"{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
const TABLE_WITH_SIZE: &str =
    r"{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}\t{{.Size}}";

const HEADINGS: [(&str, &str); 14] = [
    ("ID", "CONTAINER ID"),
    ("Image", "IMAGE"),
    ("Command", "COMMAND"),
    ("CreatedAt", "CREATED AT"),
    ("RunningFor", "CREATED"),
    ("State", "STATE"),
    ("Status", "STATUS"),
    ("Ports", "PORTS"),
    ("Names", "NAMES"),
    ("Labels", "LABELS"),
    ("LocalVolumes", "LOCAL VOLUMES"),
    ("Mounts", "MOUNTS"),
    ("Networks", "NETWORKS"),
    ("Size", "SIZE"),
];

/// Lists containers.
pub fn run(engine: &Engine, arguments: &ListArguments) -> Outcome {
    let mut containers = engine.containers()?;
    let image_id = |name: &str| engine.store().find_image(name).ok().map(|image| image.id);
    let filter = ContainerFilter::new(&arguments.filter, &containers, &image_id)?;
    let last = if arguments.latest { Some(1) } else { arguments.last.filter(|number| *number > 0) };
    let all = arguments.all || last.is_some() || filter.wants_all();
    containers.retain(|container| (all || container.state.status.is_live()) && filter.matches(container));
    if let Some(last) = last {
        containers.truncate(last as usize);
    }
    let usual = if arguments.size { TABLE_WITH_SIZE } else { TABLE };
    let format = Format::parse(arguments.format.as_deref(), usual, arguments.quiet.then_some("{{.ID}}"))?;
    let now = now();
    let rows: Vec<Row> = containers.iter().map(|container| row(engine, arguments, container, now)).collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

fn row(engine: &Engine, arguments: &ListArguments, container: &ContainerSnapshot, now: i64) -> Row {
    let whole = arguments.no_trunc;
    let labels: Vec<String> =
        container.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let created = Timestamp::from_nanosecond(i128::from(container.created_at)).unwrap_or_default();
    let zone = TimeZone::system().to_offset(created);
    let volumes = container.mounts.iter().filter(|mount| !mount.starts_with('/')).count();
    let ports =
        if container.state.status.is_live() { output::ports(&container.ports) } else { String::new() };
    Row::new([
        ("ID", if whole { container.id.to_string() } else { container.id.short().to_owned() }),
        ("Image", container.image.clone()),
        ("Command", output::command(&container.args, whole)),
        ("CreatedAt", format!("{} {zone}", zone.to_datetime(created).strftime("%Y-%m-%d %H:%M:%S"))),
        ("RunningFor", output::ago(container.created_at, now)),
        ("State", container.state.status.as_str().to_owned()),
        ("Status", output::status(&container.state, now)),
        ("Ports", ports),
        ("Names", container.name.clone()),
        ("Labels", labels.join(",")),
        ("LocalVolumes", volumes.to_string()),
        ("Mounts", container.mounts.join(",")),
        ("Networks", container.networks.join(",")),
        ("Size", if arguments.size { size(engine, container) } else { "0B".to_owned() }),
    ])
    .labels(&container.labels)
}

/// What the container wrote, and that with its image.
fn size(engine: &Engine, container: &ContainerSnapshot) -> String {
    let written = engine.written_bytes(&container.id);
    let layers = engine.store().image_layer_records(&container.image_id).unwrap_or_default();
    let image: u64 = layers.iter().map(|layer| layer.size).sum();
    format!("{} (virtual {})", output::decimal_size(written), output::decimal_size(written + image))
}
