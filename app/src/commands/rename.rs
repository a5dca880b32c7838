//! `teu rename`.

use super::Outcome;
use crate::arguments::RenameArguments;
use teu_core::Engine;

/// Gives a container another name.
pub fn run(engine: &Engine, arguments: &RenameArguments) -> Outcome {
    engine.rename(&engine.find(&arguments.container)?.id, &arguments.name)?;
    Ok(0)
}
