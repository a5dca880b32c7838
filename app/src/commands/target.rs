//! Where an archive goes: a file that is whole or not there, or standard output.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use teu_api::Failure;

/// Bytes that are written at a time.
const BUFFER: usize = 256 << 10;

/// Lets something be written to a file, or to standard output where none is named and it is no terminal.
pub fn write(
    path: Option<&str>,
    what: &str,
    content: impl FnOnce(&mut dyn io::Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(path) = path.map(Path::new) else {
        if io::stdout().is_terminal() {
            return Err(Failure::usage(format!("cowardly refusing to {what} to a terminal"))
                .hint("use the -o flag or redirect"));
        }
        let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
        content(&mut out)?;
        return out
            .flush()
            .map_err(|error| Failure::internal(format!("cannot write to standard output: {error}")));
    };
    let failed = |error: io::Error| {
        Failure::internal(format!("cannot write {}: {error}", path.display()))
            .hint("name a file that can be made with -o")
    };
    // A device or a pipe cannot be replaced.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        let mut out =
            BufWriter::with_capacity(BUFFER, File::options().write(true).open(path).map_err(failed)?);
        content(&mut out)?;
        return out.flush().map_err(failed);
    }
    let staged = staged(path);
    let written = File::create(&staged).map_err(failed).and_then(|file| {
        let mut out = BufWriter::with_capacity(BUFFER, file);
        content(&mut out)?;
        out.flush().map_err(failed)?;
        fs::rename(&staged, path).map_err(failed)
    });
    if written.is_err() {
        // Half an archive is of no use to anyone.
        let _ = fs::remove_file(&staged);
    }
    written
}

fn staged(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}
