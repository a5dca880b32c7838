//! `teu save`.

use super::{Outcome, target};
use crate::arguments::SaveArguments;
use teu_core::{Engine, EventKind, NewEvent};

/// Writes images as one archive. It is Docker's and an OCI image layout at once, so either format is it.
pub fn run(engine: &Engine, arguments: &SaveArguments) -> Outcome {
    target::write(arguments.output.as_deref(), "save", |out| {
        engine.save_images(&arguments.images, arguments.platform.as_deref(), out)
    })?;
    for name in &arguments.images {
        let id = engine.store().find_image(name)?.id;
        let event = NewEvent::new(EventKind::Image, "save", id.as_str()).with("name", id.as_str());
        super::record(engine, &event);
    }
    Ok(0)
}
