//! `teu ps`.

use super::{Outcome, now, print, warn};
use crate::arguments::ListArguments;
use crate::filter::ContainerFilter;
use crate::output::{self, Format, Row};
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
    let last = if arguments.latest { Some(1) } else { arguments.last.filter(|number| *number > 0) };
    let plain = !arguments.all && last.is_none() && arguments.filter.is_empty();
    let mut containers = if plain { engine.live_containers()? } else { engine.containers()? };
    let image_id = |name: &str| engine.store().find_image(name).ok().map(|image| image.id);
    let filter = ContainerFilter::new(&arguments.filter, &containers, &image_id)?;
    let all = arguments.all || last.is_some() || filter.wants_all();
    containers.retain(|container| (all || container.state.status.is_live()) && filter.matches(container));
    if let Some(last) = last {
        containers.truncate(last as usize);
    }
    let usual = if arguments.size { TABLE_WITH_SIZE } else { TABLE };
    let mut wanted = arguments.format.as_deref();
    if arguments.quiet && wanted.is_some_and(|text| !text.is_empty() && text != "table") {
        warn("Ignoring custom format, because both --format and --quiet are set.");
        wanted = None;
    }
    let format = Format::parse(wanted, usual, arguments.quiet.then_some("{{.ID}}"))?;
    let now = now();
    // Sizes are counted file by file: only for those who ask.
    let sized = arguments.size || arguments.format.as_deref().is_some_and(|format| format.contains(".Size"));
    let shown = Shown { engine, format: &format, whole: arguments.no_trunc, sized, now };
    let rows: Vec<Row> = containers.iter().map(|container| row(&shown, container)).collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

/// How rows are shown.
struct Shown<'a> {
    engine: &'a Engine,
    format: &'a Format,
    whole: bool,
    sized: bool,
    now: i64,
}

fn row(shown: &Shown<'_>, container: &ContainerSnapshot) -> Row {
    let whole = shown.whole;
    let labels = || {
        let labels = container.labels.iter().map(|(name, value)| format!("{name}={value}"));
        labels.collect::<Vec<_>>().join(",")
    };
    let live = container.state.status.is_live();
    let volumes = || container.mounts.iter().filter(|mount| !mount.starts_with('/')).count();
    Row::shown(
        shown.format,
        &[
            ("ID", &|| if whole { container.id.to_string() } else { container.id.short().to_owned() }),
            ("Image", &|| container.image.clone()),
            ("Command", &|| output::command(&container.args, whole)),
            ("CreatedAt", &|| output::docker_time(container.created_at)),
            ("RunningFor", &|| output::ago(container.created_at, shown.now)),
            ("State", &|| container.state.status.as_str().to_owned()),
            ("Status", &|| output::status(&container.state, shown.now)),
            ("Ports", &|| if live { output::ports(&container.ports) } else { String::new() }),
            ("Names", &|| container.name.clone()),
            ("Labels", &labels),
            ("LocalVolumes", &|| volumes().to_string()),
            ("Mounts", &|| container.mounts.join(",")),
            ("Networks", &|| container.networks.join(",")),
            ("Size", &|| if shown.sized { size(shown.engine, container) } else { "0B".to_owned() }),
        ],
    )
    .labels(&container.labels)
}

/// What the container wrote, and that with its image.
fn size(engine: &Engine, container: &ContainerSnapshot) -> String {
    let (written, whole) = super::bytes(engine, &container.id, &container.image_id);
    let shown = |bytes| output::decimal_digits(bytes, 3);
    format!("{} (virtual {})", shown(written), shown(whole))
}
