//! `teu completion` and the names that its scripts ask for.

use super::{Outcome, print};
use crate::arguments::{CompletionArguments, DynamicCompletionArguments};
use crate::completion::script;
use crate::output::safe;
use teu_api::Failure;
use teu_core::Engine;

/// Prints the script that a shell reads.
pub fn run(arguments: &CompletionArguments) -> Outcome {
    print(&script(arguments.shell))?;
    Ok(0)
}

/// Prints names, one a line, for a shell to offer.
pub fn names(engine: &Engine, arguments: &DynamicCompletionArguments) -> Outcome {
    let mut names = match arguments.kind.as_str() {
        "images" => images(engine)?,
        "volumes" => engine.volumes()?.into_iter().map(|volume| volume.name).collect(),
        "networks" => engine.networks()?.list()?.into_iter().map(|network| network.spec.name).collect(),
        kind => containers(engine, kind == "running")?,
    };
    names.sort_unstable();
    names.dedup();
    // A shell splits at line ends: a name that holds one, or an escape sequence, is not offered.
    names.retain(|name| *safe(name) == **name);
    if !names.is_empty() {
        print(&(names.join("\n") + "\n"))?;
    }
    Ok(0)
}

fn containers(engine: &Engine, running: bool) -> Result<Vec<String>, Failure> {
    let all = engine.containers()?.into_iter();
    Ok(all
        .filter(|container| !running || container.state.status.is_live())
        .map(|container| container.name)
        .collect())
}

/// Images by their tags; one without any by its short id.
fn images(engine: &Engine) -> Result<Vec<String>, Failure> {
    let all = engine.images()?.into_iter();
    Ok(all
        .flat_map(|image| {
            if image.tags.is_empty() {
                vec![crate::output::short_id(&image.id).to_owned()]
            } else {
                image.tags
            }
        })
        .collect())
}
