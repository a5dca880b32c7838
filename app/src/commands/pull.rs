//! `teu pull`.

use super::transfer::{Direction, Stream, Transfer};
use super::{Outcome, say};
use crate::arguments::PullArguments;
use crate::output::safe;
use teu_api::Failure;
use teu_core::{Engine, Progress as _, PulledImage};

/// Pulls an image, or all tags of a repository, and prints the full name of what it pulled.
pub fn run(engine: &Engine, arguments: &PullArguments) -> Outcome {
    let stream = if arguments.quiet { Stream::Nowhere } else { Stream::Output };
    let transfer = Transfer::new(Direction::Pull, stream);
    let platform = arguments.platform.as_deref();
    if arguments.all_tags {
        for image in engine.pull_all_tags(&arguments.image, platform, &transfer)? {
            conclude(&transfer, &image);
        }
        say(&super::full_name(&arguments.image, false)?)?;
        return Ok(0);
    }
    let image = engine.pull(&arguments.image, platform, &transfer)?;
    conclude(&transfer, &image);
    say(&safe(&image.name))?;
    Ok(0)
}

/// Pulls the image of a container that is about to be made, and returns its id. Standard output is the container's.
pub fn for_container(
    engine: &Engine,
    name: &str,
    platform: Option<&str>,
    quiet: bool,
) -> Result<String, Failure> {
    let transfer = Transfer::new(Direction::Pull, if quiet { Stream::Nowhere } else { Stream::Error });
    let image = engine.pull(name, platform, &transfer)?;
    conclude(&transfer, &image);
    Ok(image.id)
}

fn conclude(transfer: &Transfer, image: &PulledImage) {
    let status = if image.changed { "Downloaded newer image for" } else { "Image is up to date for" };
    for line in [format!("Digest: {}", image.digest), format!("Status: {status} {}", image.familiar)] {
        transfer.report(teu_api::progress::TransferEvent::Message(line));
    }
}
