//! `teu rm`.

use super::{Outcome, complain, say};
use crate::arguments::RemoveArguments;
use teu_api::{Failure, FailureKind};
use teu_core::Engine;

/// Removes containers and prints their names.
pub fn run(engine: &Engine, arguments: &RemoveArguments) -> Outcome {
    if arguments.link {
        return Err(Failure::unsupported("--link: legacy links are not supported")
            .hint("use a network, whose containers know each other by name"));
    }
    super::each(&arguments.containers, |name| {
        let record = match engine.find(name) {
            Ok(record) => record,
            // What is forced to be gone, and is not there, is gone: said, and no failure, as Docker has it.
            Err(failure) if arguments.force && failure.kind == FailureKind::NotFound => {
                complain(&failure);
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        engine.remove(&record.id, arguments.force, arguments.volumes)?;
        say(name)
    })
}
