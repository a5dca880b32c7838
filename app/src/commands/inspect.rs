//! `teu inspect`.

use super::{Outcome, complain, print, say};
use crate::arguments::InspectArguments;
use crate::output::json_pretty;
use crate::template::Template;
use serde_json::Value;
use teu_api::{Failure, FailureKind};
use teu_core::Engine;

/// Shows everything about containers and images.
pub fn run(engine: &Engine, arguments: &InspectArguments) -> Outcome {
    let kind = arguments.kind.as_deref().unwrap_or("");
    if !matches!(kind, "" | "container" | "image") {
        return Err(Failure::unsupported(format!("cannot inspect the type {kind:?} yet"))
            .hint("known are container and image"));
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
    if kind != "image" {
        match engine.find(name) {
            Ok(record) => return engine.inspect(&record),
            Err(failure) if failure.kind != FailureKind::NotFound || kind == "container" => {
                return Err(failure);
            }
            Err(_) => {}
        }
    }
    match engine.inspect_image(name) {
        Err(failure) if failure.kind == FailureKind::NotFound && kind.is_empty() => {
            Err(Failure::not_found(format!("No such object: {name}"))
                .hint("teu ps -a and teu images list what there is"))
        }
        other => other,
    }
}
