//! `teu export`.

use super::{Outcome, target};
use crate::arguments::ExportArguments;
use teu_core::Engine;

/// Writes a container's file system as a tar archive.
pub fn run(engine: &Engine, arguments: &ExportArguments) -> Outcome {
    let record = engine.find(&arguments.container)?;
    target::write(arguments.output.as_deref(), "export", |out| engine.export(&record, out))?;
    super::record(engine, &record.event("export"));
    Ok(0)
}
