//! `teu inspect`.

use super::{Outcome, complain, print, say};
use crate::arguments::InspectArguments;
use crate::output::json_pretty;
use crate::template::Template;
use serde_json::Value;
use teu_api::{ContainerId, Failure, FailureKind};
use teu_core::Engine;

/// Shows everything about containers, images, networks and volumes.
pub fn run(engine: &Engine, arguments: &InspectArguments) -> Outcome {
    let kind = arguments.kind.as_deref().unwrap_or("");
    if !matches!(kind, "" | "container" | "image" | "network" | "volume") {
        return Err(Failure::usage(format!("\"{kind}\" is not a valid value for --type"))
            .hint("known are container, image, network and volume"));
    }
    let (mut found, mut code) = (Vec::<Value>::new(), 0);
    for name in &arguments.names {
        match one(engine, kind, name) {
            Ok(mut value) => {
                if arguments.size {
                    add_sizes(engine, &mut value);
                }
                found.push(value);
            }
            Err(failure) => {
                complain(&failure);
                code = 1;
            }
        }
    }
    match arguments.format.as_deref() {
        None | Some("" | "json") => {
            print(&format!("{}\n", json_pretty(&found)))?;
        }
        Some(template) => {
            let template = Template::parse(template)?;
            for value in &mut found {
                if value.get("HostConfig").is_some() {
                    fill_omitted(value);
                }
                say(&template.render(value)?)?;
            }
        }
    }
    Ok(code)
}

/// What a container wrote, and that with its image; other things have no sizes of this kind.
fn add_sizes(engine: &Engine, value: &mut Value) {
    let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    if value.get("HostConfig").is_none() {
        return;
    }
    let Some(id) = ContainerId::parse(&text("Id")) else { return };
    let (written, whole) = super::bytes(engine, &id, &text("Image"));
    value["SizeRw"] = written.into();
    value["SizeRootFs"] = whole.into();
}

/// Fields of a container that Docker leaves out of its JSON where there is nothing to say; its templates know them all
/// the same.
const OMITTED: [(&str, &str, &str); 12] = [
    ("State", "Health", "null"),
    ("Config", "StopSignal", "\"\""),
    ("Config", "StopTimeout", "null"),
    ("Config", "Healthcheck", "null"),
    ("Config", "ExposedPorts", "{}"),
    ("Config", "Shell", "null"),
    ("Config", "NetworkDisabled", "false"),
    ("HostConfig", "Init", "null"),
    ("HostConfig", "Sysctls", "{}"),
    ("HostConfig", "Tmpfs", "{}"),
    ("HostConfig", "Mounts", "[]"),
    ("HostConfig", "Annotations", "{}"),
];

fn fill_omitted(value: &mut Value) {
    for (part, field, nothing) in OMITTED {
        if let Some(Value::Object(part)) = value.get_mut(part)
            && part.get(field).is_none()
            && let Ok(nothing) = serde_json::from_str(nothing)
        {
            part.insert(field.to_owned(), nothing);
        }
    }
}

fn one(engine: &Engine, kind: &str, name: &str) -> Result<Value, Failure> {
    type Look<'a> = &'a dyn Fn() -> Result<Value, Failure>;
    let looks: [(&str, Look<'_>); 4] = [
        ("container", &|| engine.inspect(&engine.find(name)?)),
        ("image", &|| engine.inspect_image(name)),
        ("network", &|| engine.inspect_network(name)),
        ("volume", &|| engine.inspect_volume(name)),
    ];
    for (what, look) in looks {
        if kind.is_empty() || kind == what {
            match look() {
                // Without a kind, the first thing of that name is meant.
                Err(failure) if failure.kind == FailureKind::NotFound && kind.is_empty() => {}
                other => return other,
            }
        }
    }
    Err(Failure::not_found(format!("No such object: {name}"))
        .hint("teu ps -a, teu images, teu network ls and teu volume ls list what there is"))
}
