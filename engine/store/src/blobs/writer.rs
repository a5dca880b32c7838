//! A blob that is being written.

use crate::error::IoContext as _;
use crate::{Digest, Hasher, Paths, Result, Staging, StoreError};
use rustix::fs::{Mode, OFlags, openat};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// The name of the file within its staging folder.
const NAME: &str = "blob";

/// Takes a blob's bytes, hashes them as they come, and puts them in place only when they are what they should be.
/// Dropped before that, it leaves nothing.
pub struct Writer {
    staging: Staging,
    file: File,
    hasher: Hasher,
    size: u64,
    blobs: PathBuf,
}

impl Writer {
    pub(super) fn new(paths: &Paths) -> Result<Self> {
        let staging = Staging::new(paths, "blob")?;
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let file = openat(staging.as_fd(), NAME, flags, Mode::from_raw_mode(0o600))
            .on("create", &staging.path().join(NAME))?;
        Ok(Self { file: file.into(), staging, hasher: Hasher::new(), size: 0, blobs: paths.blobs() })
    }

    /// Bytes taken so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// A second handle of the file, so that what is there can be read while more is written.
    pub fn reader(&self) -> Result<File> {
        self.file.try_clone().on("open", &self.staging.path().join(NAME))
    }

    /// The digest of the bytes taken so far.
    pub fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }

    /// Checks the digest and the size, makes the blob durable, and puts it in its place. `None` checks nothing.
    pub fn commit(self, digest: Option<&Digest>, size: Option<u64>) -> Result<Digest> {
        if let Some(size) = size
            && size != self.size
        {
            let what = digest.map_or_else(|| "blob".to_owned(), ToString::to_string);
            return Err(StoreError::hostile(
                what,
                format!("should be {size} bytes long, but is {}", self.size),
            ));
        }
        let found = self.hasher.finish();
        if let Some(digest) = digest
            && *digest != found
        {
            return Err(StoreError::hostile(
                digest.as_str(),
                format!("the content has another digest, {found}"),
            ));
        }
        let target = self.blobs.join(found.hex());
        self.file.sync_data().on("write", &target)?;
        // A blob of this name holds the same bytes already: then this one is not needed.
        self.staging.publish(NAME, &target)?;
        File::open(&self.blobs).and_then(|folder| folder.sync_all()).on("write", &self.blobs)?;
        Ok(found)
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
