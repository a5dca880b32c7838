//! `teu volume rm`.

use super::Outcome;
use crate::arguments::VolumeRemoveArguments;
use crate::commands::{each, say};
use teu_api::FailureKind;
use teu_core::Engine;

/// Removes volumes and prints their names.
pub fn run(engine: &Engine, arguments: &VolumeRemoveArguments) -> Outcome {
    each(&arguments.volumes, |name| match engine.remove_volume(name) {
        Ok(()) => say(name),
        Err(failure) if arguments.force && failure.kind == FailureKind::NotFound => Ok(()),
        Err(failure) => Err(failure),
    })
}
