//! `teu image from-host`.

use super::{Outcome, say};
use crate::arguments::FromHostArguments;
use std::path::PathBuf;
use teu_core::{Engine, FromHost};

/// Makes an image of this host's programs and prints its id.
pub fn run(engine: &Engine, arguments: FromHostArguments) -> Outcome {
    let mut changes = Vec::new();
    changes.extend(arguments.cmd.map(|command| format!("CMD {command}")));
    changes
        .extend(arguments.entrypoint.map(|program| format!("ENTRYPOINT {}", serde_json::json!([program]))));
    changes.extend(arguments.env.iter().map(|entry| format!("ENV {entry}")));
    changes.extend(arguments.label.iter().map(|entry| format!("LABEL {entry}")));
    changes.extend(arguments.expose.iter().map(|port| format!("EXPOSE {port}")));
    changes.extend(arguments.user.map(|user| format!("USER {user}")));
    changes.extend(arguments.workdir.map(|folder| format!("WORKDIR {folder}")));
    let add = arguments.add.iter().map(|text| match text.split_once(':') {
        Some((source, target)) => (PathBuf::from(source), Some(target.to_owned())),
        None => (PathBuf::from(text), None),
    });
    let request = FromHost {
        name: arguments.tag,
        programs: arguments.programs,
        add: add.collect(),
        certificates: arguments.ca_certificates,
        changes,
        ..FromHost::default()
    };
    let image = engine.store().image_from_host(&request)?;
    say(&image.id)?;
    Ok(0)
}
