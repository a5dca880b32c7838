//! `teu rmi`.

use super::{Outcome, say};
use crate::arguments::ImageRemoveArguments;
use teu_core::Engine;

/// Removes images and prints what was untagged and deleted.
pub fn run(engine: &Engine, arguments: &ImageRemoveArguments) -> Outcome {
    super::each(&arguments.images, |name| {
        for removed in engine.store().remove_image(name, arguments.force)? {
            say(&removed.to_string())?;
        }
        Ok(())
    })
}
