//! `teu rm`.

use super::{Outcome, say};
use crate::arguments::RemoveArguments;
use teu_api::Failure;
use teu_core::Engine;

/// Removes containers and prints their names.
pub fn run(engine: &Engine, arguments: &RemoveArguments) -> Outcome {
    if arguments.link {
        return Err(Failure::unsupported("--link: legacy links are not supported")
            .hint("use a network, whose containers know each other by name"));
    }
    super::each(&arguments.containers, |name| {
        let record = engine.find(name)?;
        engine.remove(&record.id, arguments.force, arguments.volumes)?;
        say(name)
    })
}
