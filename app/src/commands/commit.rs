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
    let (name, comment) = (request.name.clone().unwrap_or_default(), request.message.clone());
    let image = engine.commit(&record, request)?;
    let event = record.event("commit").with("comment", comment).with("imageID", image.id.as_str());
    super::record(engine, &event.with("imageRef", name));
    say(&image.id)?;
    Ok(0)
}
