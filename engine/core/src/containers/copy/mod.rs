//! `cp`: files between a container and this machine. Files inside images are read and copied by the same means.
//!
//! What a container holds is hostile and may change while it is copied. So everything is held by descriptor: paths of
//! a container are resolved by the kernel inside its root, each file below is opened by its own name in its own folder
//! and through no link, and what is written replaces files and never writes through links.

mod archive;
mod mirror;
mod place;
mod root;
mod tree;

use crate::engine::Engine;
use rustix::io::Errno;
use std::io::{self, Read, Write};
use std::path::Path;
use teu_api::Failure;
use teu_store::ContainerRecord;

pub(crate) use archive::{CAPABILITY, inside, read as read_archive, write as write_archive};
pub(crate) use place::{Owner, Place};
pub(crate) use tree::{Copier, regular};

/// How to copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CopyOptions {
    /// Whether files that come to this machine keep their owners and groups; otherwise they belong to the caller.
    /// Those that go to a container always keep theirs, by number, as with Docker's engine whatever its manual says.
    pub archive: bool,
    /// Whether a link that is the source itself is followed.
    pub follow_link: bool,
}

impl Engine {
    /// Copies a path of a container to this machine; returns the bytes of files.
    pub fn copy_from(
        &self,
        record: &ContainerRecord,
        source: &str,
        target: &Path,
        options: CopyOptions,
    ) -> Result<u64, Failure> {
        let (from, _held) = self.place(record, source, false)?;
        // Files of a stranger become the caller's: they must not run with the caller's rights for everyone.
        copy(&from, &Place::here(target), Copier::new(options.archive, !options.archive), options)
    }

    /// Copies a path of this machine into a container; returns the bytes of files.
    pub fn copy_into(
        &self,
        record: &ContainerRecord,
        source: &Path,
        target: &str,
        options: CopyOptions,
    ) -> Result<u64, Failure> {
        let (to, _held) = self.place(record, target, true)?;
        copy(&Place::here(source), &to, Copier::new(true, false), options)
    }

    /// Writes a path of a container as a tar archive; returns the bytes of files.
    pub fn copy_to_archive(
        &self,
        record: &ContainerRecord,
        source: &str,
        options: CopyOptions,
        writer: impl Write,
    ) -> Result<u64, Failure> {
        let (from, _held) = self.place(record, source, false)?;
        archive::write(&from.source(options.follow_link)?, writer)
    }

    /// Unpacks a tar archive, compressed or not, into a folder of a container; returns the bytes of files.
    pub fn copy_from_archive(
        &self,
        record: &ContainerRecord,
        reader: impl Read + Send,
        target: &str,
    ) -> Result<u64, Failure> {
        let (to, _held) = self.place(record, target, true)?;
        archive::read(reader, to.folder()?, Copier::new(true, false))
    }
}

/// Copies what one place names to another; returns the bytes of files.
pub(crate) fn copy(
    from: &Place,
    to: &Place,
    mut copier: Copier,
    options: CopyOptions,
) -> Result<u64, Failure> {
    let source = from.source(options.follow_link)?;
    let target = to.target(&source)?;
    copier.copy(&source, &target)?;
    Ok(copier.bytes)
}

/// A failure at one file. Names are strangers' and are shown escaped.
fn failed(verb: &str, name: &[u8], error: impl Into<io::Error>) -> Failure {
    let name = String::from_utf8_lossy(name).escape_debug().to_string();
    let error = error.into();
    let why = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::ROFS) => "it is read-only".to_owned(),
        _ => error.to_string(),
    };
    Failure::internal(format!("cannot {verb} {name}: {why}"))
}
