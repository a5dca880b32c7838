//! `teu artifact pull`.

use crate::arguments::ArtifactPullArguments;
use crate::commands::transfer::{Direction, Stream, Transfer};
use crate::commands::{Outcome, say};
use crate::output::{decimal_size, safe};
use teu_core::images::artifact;

/// Fetches an artifact's files, and prints what they are called here.
pub fn run(arguments: &ArtifactPullArguments) -> Outcome {
    let stream = if arguments.quiet { Stream::Nowhere } else { Stream::Error };
    let transfer = Transfer::new(Direction::Pull, stream);
    let fetched = artifact::fetch(&arguments.name, &arguments.output, &transfer)?;
    transfer.say(&format!("Type: {}", fetched.kind));
    transfer.say(&format!("Digest: {}", fetched.digest));
    for (name, file) in &fetched.files {
        let path = arguments.output.join(name);
        if arguments.quiet {
            say(&safe(&path.to_string_lossy()))?;
        } else {
            say(&format!("{}  {}", safe(&path.to_string_lossy()), decimal_size(file.size)))?;
        }
    }
    Ok(0)
}
