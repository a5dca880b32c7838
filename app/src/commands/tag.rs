//! `teu tag`.

use super::Outcome;
use crate::arguments::TagArguments;
use teu_core::Engine;

/// Gives an image a further name.
pub fn run(engine: &Engine, arguments: &TagArguments) -> Outcome {
    engine.store().tag_image(&arguments.source, &arguments.target)?;
    Ok(0)
}
