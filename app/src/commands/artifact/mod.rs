//! Commands about artifacts.

mod list;
mod pull;
pub mod referrers;

use super::{Outcome, print};
use crate::arguments::{ArtifactCommand, ArtifactInspectArguments};
use teu_api::Failure;
use teu_core::images::artifact;

/// Carries out `teu artifact …`.
pub fn run(command: &ArtifactCommand) -> Outcome {
    match command {
        ArtifactCommand::Inspect(arguments) => inspect(arguments),
        ArtifactCommand::Ls(arguments) => list::run(arguments),
        ArtifactCommand::Pull(arguments) => pull::run(arguments),
    }
}

/// Prints a manifest in Docker's way: the registry's JSON, indented.
fn inspect(arguments: &ArtifactInspectArguments) -> Outcome {
    let (text, _) = artifact::manifest(&arguments.name)?;
    let json: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| Failure::internal(format!("the manifest is not JSON: {error}")))?;
    print(&format!("{}\n", crate::output::json_pretty(&json)))?;
    Ok(0)
}

/// A digest as lists show it.
fn shown_digest(digest: &str, whole: bool) -> String {
    if whole { digest.to_owned() } else { crate::output::short_id(digest).to_owned() }
}
