//! `teu kill`.

use super::{Outcome, say};
use crate::arguments::KillArguments;
use teu_core::{Engine, signal};

/// Sends a signal to containers and prints their names.
pub fn run(engine: &Engine, arguments: &KillArguments) -> Outcome {
    signal::parse(&arguments.signal)?;
    super::each(&arguments.containers, |name| {
        let record = engine.find(name)?;
        engine.kill(&record.id, &arguments.signal)?;
        say(name)
    })
}
