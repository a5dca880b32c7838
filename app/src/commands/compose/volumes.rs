//! `teu compose volumes`.

use super::project::Stack;
use crate::arguments::ComposeVolumesArguments;
use crate::commands::{Outcome, print};
use crate::output::{Format, Row};
use teu_core::Engine;
use teu_core::stacks::labels;

/// Lists a stack's volumes; of some services, those that they mount.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeVolumesArguments) -> Outcome {
    let mut volumes = engine.store().volumes()?;
    volumes.retain(|volume| {
        let own = volume.labels.get(labels::PROJECT).is_some_and(|project| *project == stack.name);
        let key = volume.labels.get(labels::VOLUME);
        let mounts = |service: &String| {
            stack.project.as_ref().and_then(|project| project.services.get(service)).is_some_and(|service| {
                service.volumes.iter().any(|mount| mount.kind == "volume" && Some(&mount.source) == key)
            })
        };
        own && (arguments.services.is_empty() || arguments.services.iter().any(mounts))
    });
    let rows: Vec<Row> = volumes
        .iter()
        .map(|volume| {
            Row::new([
                ("Driver", "local".to_owned()),
                ("Name", volume.name.clone()),
                ("Mountpoint", volume.mountpoint.display().to_string()),
                ("Scope", "local".to_owned()),
            ])
            .labels(&volume.labels)
        })
        .collect();
    let format = Format::parse(
        arguments.format.as_deref(),
        r"{{.Driver}}\t{{.Name}}",
        arguments.quiet.then_some("{{.Name}}"),
    )?;
    let headings =
        [("Driver", "DRIVER"), ("Name", "VOLUME NAME"), ("Mountpoint", "MOUNTPOINT"), ("Scope", "SCOPE")];
    print(&format.render(&headings, &rows)?)?;
    Ok(0)
}
