//! `teu import`.

use super::transfer::{Direction, Stream, Transfer};
use super::{Outcome, say};
use crate::arguments::ImportArguments;
use std::fs::File;
use std::io::{self, Read};
use teu_api::Failure;
use teu_core::build::is_address;
use teu_core::{Engine, Import};

/// Makes an image of a root file system's archive and prints its id.
pub fn run(engine: &Engine, arguments: ImportArguments) -> Outcome {
    let archive: Box<dyn Read + Send> = if arguments.file == "-" {
        Box::new(io::stdin())
    } else if is_address(&arguments.file) {
        Box::new(engine.fetch(&arguments.file, &Transfer::new(Direction::Pull, Stream::Error))?)
    } else {
        let file = File::open(&arguments.file).map_err(|error| {
            Failure::usage(format!("cannot open {}: {error}", arguments.file))
                .hint("name a tar archive or its address, or - for standard input")
        })?;
        Box::new(file)
    };
    let import = Import {
        name: arguments.reference,
        changes: arguments.change,
        message: arguments.message.unwrap_or_default(),
        platform: arguments.platform.unwrap_or_default(),
        ..Import::default()
    };
    let image = engine.store().import_image(archive, &import)?;
    say(&image.id)?;
    Ok(0)
}
