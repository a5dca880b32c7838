//! `teu inspect`.

use super::{Outcome, complain, print, say};
use crate::arguments::InspectArguments;
use crate::output::json_pretty;
use crate::template::Template;
use serde_json::Value;
use teu_api::{Failure, FailureKind};
use teu_core::Engine;

/// Shows everything about containers, images, networks and volumes.
pub fn run(engine: &Engine, arguments: &InspectArguments) -> Outcome {
    let kind = arguments.kind.as_deref().unwrap_or("");
    if !matches!(kind, "" | "container" | "image" | "network" | "volume") {
        return Err(Failure::usage(format!("\"{kind}\" is not a valid value for --type"))
            .hint("known are container, image, network and volume"));
    }
    let (mut found, mut code) = (Vec::new(), 0);
    for name in &arguments.names {
        match one(engine, kind, name) {
            Ok(value) => found.push(value),
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
            for value in &found {
                say(&template.render(value)?)?;
            }
        }
    }
    Ok(code)
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
