//! `teu wait`.

use super::{Outcome, say};
use crate::arguments::WaitArguments;
use teu_core::Engine;

/// Waits for containers, one after the other, and prints their exit codes.
pub fn run(engine: &Engine, arguments: &WaitArguments) -> Outcome {
    super::each(&arguments.containers, |name| {
        let record = engine.find(name)?;
        say(&engine.wait(&record.id)?.to_string())
    })
}
