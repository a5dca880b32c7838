//! `teu commit`.

use super::{Outcome, say};
use crate::arguments::CommitArguments;
use teu_core::Engine;
use teu_core::images::CommitRequest;

/// Makes an image of a container's changes and prints its id.
pub fn run(engine: &Engine, arguments: CommitArguments) -> Outcome {
    let record = engine.find(&arguments.container)?;
    let request = CommitRequest {
        name: arguments.image,
        changes: arguments.change,
        author: arguments.author.unwrap_or_default(),
        message: arguments.message.unwrap_or_default(),
        pause: arguments.pause,
    };
    say(&engine.commit(&record, request)?.id)?;
    Ok(0)
}
