//! Archives that are no layers: a tree of files as it is, without marks of removed ones.

use super::decompress::decompress;
use super::extract::{Extractor, Fault};
use super::names::shown;
use super::unpack::Limits;
use crate::tar::Archive;
use crate::{Result, StoreError};
use std::io::{self, Read};
use std::os::fd::OwnedFd;

/// Unpacks an archive, compressed or not, into an empty folder. Names are resolved beneath that folder alone.
pub fn unpack_tree(archive: impl Read + Send, root: OwnedFd, limits: &Limits) -> Result<()> {
    let fault = |fault: Fault, name: &[u8]| match fault {
        Fault::Hostile(why) => StoreError::hostile("archive", format!("entry {:?}: {why}", shown(name))),
        Fault::Io(source) => StoreError::Io { what: format!("archive: entry {:?}", shown(name)), source },
    };
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Unsupported => StoreError::hostile("archive", error.to_string()),
        _ => StoreError::Io { what: "archive".to_owned(), source: error },
    };
    let (_, stream) = decompress(archive).map_err(broken)?;
    let mut extractor = Extractor::new(root);
    let mut archive = Archive::new(stream);
    while let Some((entry, content)) = archive.next_entry().map_err(broken)? {
        if extractor.made.entries >= limits.entries {
            return Err(StoreError::hostile("archive", format!("has more than {} entries", limits.entries)));
        }
        if extractor.made.size.saturating_add(entry.size) > limits.bytes {
            return Err(StoreError::hostile(
                "archive",
                format!("unpacks to more than {} bytes", limits.bytes),
            ));
        }
        let last = entry.name.rsplit(|byte| *byte == b'/').find(|part| !part.is_empty());
        if last.is_some_and(|last| last.starts_with(b".wh.")) {
            return Err(StoreError::Unsupported(format!(
                "archive: entry {:?}: its name would be read as a whiteout",
                shown(&entry.name)
            )));
        }
        extractor.make(&entry, content).map_err(|error| fault(error, &entry.name))?;
    }
    let rest = archive.finish().map_err(broken)?;
    drop(rest);
    extractor.finish().map_err(|error| fault(error, b""))?;
    Ok(())
}
