//! `teu pause` and `teu unpause`.

use super::{Outcome, say};
use crate::arguments::WaitArguments;
use teu_core::Engine;

/// Freezes containers and prints their names.
pub fn pause(engine: &Engine, arguments: &WaitArguments) -> Outcome {
    super::each(&arguments.containers, |name| {
        engine.pause(&engine.find(name)?.id)?;
        say(name)
    })
}

/// Lets containers go on and prints their names.
pub fn unpause(engine: &Engine, arguments: &WaitArguments) -> Outcome {
    super::each(&arguments.containers, |name| {
        engine.unpause(&engine.find(name)?.id)?;
        say(name)
    })
}
