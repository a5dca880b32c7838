//! `teu network rm`.

use super::Outcome;
use crate::arguments::NetworkRemoveArguments;
use crate::commands::{each, say};
use teu_api::{Failure, FailureKind};
use teu_core::Engine;

/// Removes networks and prints their names.
pub fn run(engine: &Engine, arguments: &NetworkRemoveArguments) -> Outcome {
    let networks = engine.networks()?;
    each(&arguments.networks, |name| match networks.remove(name).map_err(Failure::from) {
        Ok(name) => say(&name),
        Err(failure) if arguments.force && failure.kind == FailureKind::NotFound => Ok(()),
        Err(failure) => Err(failure),
    })
}
