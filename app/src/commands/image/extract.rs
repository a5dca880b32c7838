//! `teu image extract`.

use crate::arguments::ImageExtractArguments;
use crate::commands::Outcome;
use crate::output::{decimal_size, safe};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use teu_api::Failure;
use teu_core::images::ImageFiles;
use teu_core::{CopyOptions, Engine};

/// Copies a file or a folder out of an image.
pub fn run(engine: &Engine, arguments: &ImageExtractArguments) -> Outcome {
    let files = ImageFiles {
        image: &arguments.image,
        layer: arguments.layer.as_deref(),
        path: arguments.path.as_bytes(),
    };
    let options = CopyOptions { archive: arguments.archive, follow_link: arguments.follow_link };
    if arguments.target == Path::new("-") {
        if io::stdout().is_terminal() {
            return Err(Failure::usage("cowardly refusing to write an archive to a terminal")
                .hint("redirect standard output to a file"));
        }
        engine.archive_of_image(files, options, io::BufWriter::new(io::stdout().lock()))?;
        return Ok(0);
    }
    let bytes = engine.extract_from_image(files, &arguments.target, options)?;
    if !arguments.quiet {
        let target = arguments.target.to_string_lossy();
        // As `cp`: on standard error. One that is gone leaves no one to tell.
        let _ = writeln!(io::stderr(), "Successfully copied {} to {}", decimal_size(bytes), safe(&target));
    }
    Ok(0)
}
