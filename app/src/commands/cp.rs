//! `teu cp`.

use super::Outcome;
use crate::arguments::CopyArguments;
use crate::output::{decimal_size, safe};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use teu_api::Failure;
use teu_core::{ContainerRecord, CopyOptions, Engine};

/// One side of a copy as the user wrote it.
enum Side<'a> {
    /// `CONTAINER:PATH`
    Container(&'a str, &'a str),
    /// A path of this machine.
    Here(&'a str),
    /// `-`
    Stream,
}

impl<'a> Side<'a> {
    /// A word with a colon names a container, unless it begins like a path.
    fn parse(text: &'a str) -> Self {
        if text == "-" {
            return Self::Stream;
        }
        match text.split_once(':') {
            Some((container, path)) if !text.starts_with(['/', '.']) && !container.is_empty() => {
                Self::Container(container, path)
            }
            _ => Self::Here(text),
        }
    }
}

/// Copies files between a container and this machine.
pub fn run(engine: &Engine, arguments: &CopyArguments) -> Outcome {
    let options = CopyOptions { archive: arguments.archive, follow_link: arguments.follow_link };
    let note = |record: &ContainerRecord, action: &str, path: &str| {
        super::record(engine, &record.event(action).with("path", path));
    };
    let bytes = match (Side::parse(&arguments.source), Side::parse(&arguments.target)) {
        (Side::Container(name, path), Side::Stream) => {
            let record = engine.find(name)?;
            if io::stdout().is_terminal() {
                return Err(Failure::usage("cowardly refusing to write an archive to a terminal")
                    .hint("redirect standard output to a file"));
            }
            engine.copy_to_archive(&record, path, options, io::BufWriter::new(io::stdout().lock()))?;
            note(&record, "archive-path", path);
            return Ok(0);
        }
        (Side::Stream, Side::Container(name, path)) => {
            let record = engine.find(name)?;
            engine.copy_from_archive(&record, io::stdin(), path)?;
            note(&record, "extract-to-dir", path);
            return Ok(0);
        }
        (Side::Container(name, path), Side::Here(target)) => {
            let record = engine.find(name)?;
            let bytes = engine.copy_from(&record, path, Path::new(target), options)?;
            note(&record, "archive-path", path);
            bytes
        }
        (Side::Here(source), Side::Container(name, path)) => {
            let record = engine.find(name)?;
            let bytes = engine.copy_into(&record, Path::new(source), path, options)?;
            note(&record, "extract-to-dir", path);
            bytes
        }
        (Side::Container(..), Side::Container(..)) => {
            return Err(Failure::usage("copying between containers is not supported")
                .hint("pipe one into the other: teu cp A:PATH - | teu cp - B:PATH"));
        }
        _ => {
            return Err(Failure::usage("must specify at least one container source")
                .hint("write one side as CONTAINER:PATH"));
        }
    };
    if !arguments.quiet && io::stderr().is_terminal() {
        // Docker says so on standard error, too. One that is gone leaves no one to tell.
        let line = format!("Successfully copied {} to {}", decimal_size(bytes), safe(&arguments.target));
        let _ = writeln!(io::stderr(), "{line}");
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_names_a_container_unless_it_is_in_a_path() {
        assert!(matches!(Side::parse("web:/etc"), Side::Container("web", "/etc")));
        assert!(matches!(Side::parse("web:"), Side::Container("web", "")));
        assert!(
            matches!(Side::parse("./a:b"), Side::Here(_)) && matches!(Side::parse("/a:b"), Side::Here(_))
        );
        assert!(matches!(Side::parse("plain"), Side::Here(_)) && matches!(Side::parse("-"), Side::Stream));
    }
}
