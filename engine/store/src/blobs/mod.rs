//! Blobs: files named by the digest of what they hold, in the OCI image layout.

mod writer;

use crate::error::IoContext as _;
use crate::{Digest, Lock, Paths, Result, StoreError};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

pub use writer::Writer;

/// The largest manifest or configuration that is read into memory, in bytes.
pub const LARGEST_DOCUMENT: u64 = 4 << 20;

/// The store's blobs. A clone is cheap and may go to another thread.
#[derive(Clone, Debug)]
pub struct Blobs {
    paths: Paths,
}

impl Blobs {
    pub(crate) fn new(paths: Paths) -> Self {
        Self { paths }
    }

    /// Where a blob lies, or would.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.paths.blobs().join(digest.hex())
    }

    /// The size of a blob in bytes; `None` when there is none.
    pub fn size(&self, digest: &Digest) -> Result<Option<u64>> {
        let path = self.path(digest);
        match std::fs::symlink_metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).on("examine", &path),
        }
    }

    /// Opens a blob for reading.
    pub fn open(&self, digest: &Digest) -> Result<File> {
        let path = self.path(digest);
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::not_found("blob", digest.as_str()))
            }
            file => file.on("open", &path),
        }
    }

    /// Reads a manifest or a configuration whole, and checks it once more: it decides what is executed.
    pub fn read(&self, digest: &Digest) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        self.open(digest)?
            .take(LARGEST_DOCUMENT + 1)
            .read_to_end(&mut content)
            .on("read", &self.path(digest))?;
        if content.len() as u64 > LARGEST_DOCUMENT {
            return Err(StoreError::hostile(
                digest.as_str(),
                "larger than a manifest or configuration may be (4 MiB)",
            ));
        }
        let found = Digest::of(&content);
        if found != *digest {
            return Err(StoreError::hostile(
                digest.as_str(),
                format!("the stored file is damaged: its digest is {found}"),
            ));
        }
        Ok(content)
    }

    /// Begins a new blob.
    pub fn writer(&self) -> Result<Writer> {
        Writer::new(&self.paths)
    }

    /// Stores a small blob that is at hand.
    pub fn put(&self, content: &[u8]) -> Result<Digest> {
        let digest = Digest::of(content);
        if self.size(&digest)? == Some(content.len() as u64) {
            return Ok(digest);
        }
        let mut writer = self.writer()?;
        io::Write::write_all(&mut writer, content).on("write", &self.path(&digest))?;
        writer.commit(Some(&digest), Some(content.len() as u64))?;
        Ok(digest)
    }

    /// Waits for the right to fetch or make what has this digest. Whoever gets it looks first whether the holder
    /// before has done the work already.
    pub fn lock(&self, digest: &Digest) -> Result<Lock> {
        Lock::wait(&self.paths, digest.hex())
    }

    /// The same without waiting; `None` when another holds it.
    pub fn try_lock(&self, digest: &Digest) -> Result<Option<Lock>> {
        Lock::try_take(&self.paths, digest.hex())
    }
}
