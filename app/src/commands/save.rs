//! `teu save`.

use super::{Outcome, target};
use crate::arguments::SaveArguments;
use teu_core::Engine;

/// Writes images as one archive. It is Docker's and an OCI image layout at once, so either format is it.
pub fn run(engine: &Engine, arguments: &SaveArguments) -> Outcome {
    target::write(arguments.output.as_deref(), "save", |out| {
        engine.save_images(&arguments.images, arguments.platform.as_deref(), out)
    })?;
    Ok(0)
}
