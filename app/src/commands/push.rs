//! `teu push`.

use super::transfer::{Direction, Stream, Transfer};
use super::{Outcome, say};
use crate::arguments::PushArguments;
use teu_core::Engine;

/// Pushes an image, or all tags of a repository.
pub fn run(engine: &Engine, arguments: &PushArguments) -> Outcome {
    let stream = if arguments.quiet { Stream::Nowhere } else { Stream::Output };
    let transfer = Transfer::new(Direction::Push, stream);
    let platform = arguments.platform.as_deref();
    let pushed = if arguments.all_tags {
        engine.push_all_tags(&arguments.image, platform, &transfer)?
    } else {
        if !arguments.image.contains('@')
            && !arguments.image.rsplit('/').next().unwrap_or_default().contains(':')
        {
            transfer.say("Using default tag: latest");
        }
        vec![engine.push(&arguments.image, platform, &transfer)?]
    };
    for image in &pushed {
        transfer.say(&format!("{}: digest: {} size: {}", image.tag, image.digest, image.size));
    }
    if arguments.quiet {
        say(&super::full_name(&arguments.image, !arguments.all_tags)?)?;
    }
    Ok(0)
}
