//! `teu volume ls`.

use super::Outcome;
use crate::arguments::VolumeListArguments;
use crate::commands::print;
use crate::filter::volume_filter;
use crate::output::{self, Format, Row};
use teu_api::volume::VolumeSnapshot;
use teu_core::Engine;

const TABLE: &str = r"{{.Driver}}\t{{.Name}}";

const HEADINGS: [(&str, &str); 11] = [
    ("Driver", "DRIVER"),
    ("Name", "VOLUME NAME"),
    ("Scope", "SCOPE"),
    ("Mountpoint", "MOUNTPOINT"),
    ("Labels", "LABELS"),
    ("Links", "LINKS"),
    ("Containers", "CONTAINERS"),
    ("Size", "SIZE"),
    ("Availability", "AVAILABILITY"),
    ("Group", "GROUP"),
    ("Status", "STATUS"),
];

/// Lists volumes.
pub fn run(engine: &Engine, arguments: &VolumeListArguments) -> Outcome {
    let matches = volume_filter(&arguments.filter)?;
    let format = Format::parse(arguments.format.as_deref(), TABLE, arguments.quiet.then_some("{{.Name}}"))?;
    // Sizes are counted file by file: only for those who ask.
    let sized =
        arguments.format.as_deref().is_some_and(|format| format.contains(".Size") || format == "json");
    let rows: Vec<Row> = engine
        .volumes()?
        .iter()
        .filter(|volume| matches(volume))
        .map(|volume| row(engine, volume, sized))
        .collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

fn row(engine: &Engine, volume: &VolumeSnapshot, sized: bool) -> Row {
    let size = if sized { engine.volume_size(&volume.name).ok().flatten() } else { None };
    let labels: Vec<String> = volume.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Row::new([
        ("Driver", volume.driver.clone()),
        ("Name", volume.name.clone()),
        ("Scope", "local".to_owned()),
        ("Availability", "N/A".to_owned()),
        ("Group", "N/A".to_owned()),
        ("Status", "N/A".to_owned()),
        ("Mountpoint", volume.mountpoint.clone()),
        ("Labels", labels.join(",")),
        ("Links", volume.containers.len().to_string()),
        ("Containers", volume.containers.join(",")),
        ("Size", size.map_or_else(|| "N/A".to_owned(), output::decimal_size)),
    ])
    .labels(&volume.labels)
}
