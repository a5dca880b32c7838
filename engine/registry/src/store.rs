//! The store as sink and source.

use crate::error::Result;
use crate::manifest::Compression;
use crate::name::Repository;
use crate::sink::{BlobStart, BlobWriter, FetchedImage, ImageSink, ImageSource};
use std::fs::File;
use std::io::{Read, Write as _};
use teu_api::Failure;
use teu_store::layers::{Limits, chain_ids};
use teu_store::{Blobs, Digest, Layers, Lock, NewImage, Paths, Reference, Store, StoreError, Writer};

/// Puts pulled images into the store.
pub struct StoreSink {
    paths: Paths,
    blobs: Blobs,
    layers: Layers,
    limits: Limits,
}

impl StoreSink {
    /// Into this store, with layers no larger than it takes by itself.
    pub fn new(store: &Store) -> Self {
        Self::with_limits(store, Limits::default())
    }

    /// Into this store, with layers no larger than these bounds.
    pub fn with_limits(store: &Store, limits: Limits) -> Self {
        Self { paths: store.paths().clone(), blobs: store.blobs(), layers: store.layers(), limits }
    }
}

/// A blob being written, and the right to write it.
struct Draft {
    writer: Writer,
    digest: Digest,
    // Held until the blob is in its place, so that others who want it wait for it instead of fetching it too.
    _lock: Lock,
}

impl BlobWriter for Draft {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let what = || format!("cannot write blob {}", self.digest.short());
        self.writer.write_all(bytes).map_err(|source| StoreError::Io { what: what(), source }.into())
    }

    fn reader(&self) -> Result<File, Failure> {
        Ok(self.writer.reader()?)
    }

    fn digest(&self) -> Digest {
        self.writer.digest()
    }

    fn commit(self: Box<Self>) -> Result<(), Failure> {
        let Self { writer, digest, _lock } = *self;
        writer.commit(Some(&digest), None)?;
        Ok(())
    }
}

impl ImageSink for StoreSink {
    // The database knows images by their configuration, which artifacts lack.
    fn keeps_artifacts(&self) -> bool {
        false
    }

    fn begin_blob(&self, digest: &Digest) -> Result<BlobStart, Failure> {
        if let Some(size) = self.blobs.size(digest)? {
            return Ok(BlobStart::Present(size));
        }
        let Some(lock) = self.blobs.try_lock(digest)? else { return Ok(BlobStart::Busy) };
        // Whoever held the lock before may have put it there between the look and the lock.
        if let Some(size) = self.blobs.size(digest)? {
            return Ok(BlobStart::Present(size));
        }
        let draft = Draft { writer: self.blobs.writer()?, digest: digest.clone(), _lock: lock };
        Ok(BlobStart::Write(Box::new(draft)))
    }

    fn open_blob(&self, digest: &Digest) -> Result<Option<File>, Failure> {
        open(&self.blobs, digest)
    }

    fn has_layer(&self, chain: &[Digest]) -> Result<bool, Failure> {
        match chain_ids(chain).last() {
            Some(chain_id) => Ok(self.layers.get(chain_id)?.is_some()),
            None => Ok(false),
        }
    }

    // The store finds the compression by the stream's first bytes, as Docker does: media types are often wrong.
    fn unpack_layer(
        &self,
        chain: &[Digest],
        _: Compression,
        stream: &mut (dyn Read + Send),
    ) -> Result<(), Failure> {
        let Some((diff_id, below)) = chain.split_last() else { return Ok(()) };
        self.layers.unpack(stream, chain_ids(below).last(), Some(diff_id), &self.limits)?;
        Ok(())
    }

    fn finish(&self, image: &FetchedImage) -> Result<(), Failure> {
        let repository = image.reference.repository.to_string();
        let named = |suffix: &str| Reference::parse(&format!("{repository}{suffix}"));
        let names = match &image.tag {
            Some(tag) => vec![named(&format!(":{tag}"))?],
            None => Vec::new(),
        };
        let repo_digests = vec![named(&format!("@{}", image.digest))?];
        let manifest = image.manifest.digest.clone();
        let new = NewImage { manifest, names, repo_digests, action: "pull".to_owned() };
        Store::open(self.paths.clone())?.put_image(&new)?;
        Ok(())
    }
}

/// Takes images that are pushed from the store.
pub struct StoreSource<'a> {
    store: &'a Store,
}

impl<'a> StoreSource<'a> {
    /// From this store.
    pub fn new(store: &'a Store) -> Self {
        Self { store }
    }
}

impl ImageSource for StoreSource<'_> {
    fn open_blob(&self, digest: &Digest) -> Result<Option<File>, Failure> {
        open(&self.store.blobs(), digest)
    }

    fn repositories_with(&self, digest: &Digest) -> Vec<Repository> {
        // Only a hint, which costs an upload when it is missing: failures are as good as none.
        self.store
            .repositories_with(digest)
            .unwrap_or_default()
            .iter()
            .filter_map(|name| repository(name).ok())
            .collect()
    }
}

fn repository(name: &Reference) -> Result<Repository> {
    Repository::new(name.domain(), name.path())
}

fn open(blobs: &Blobs, digest: &Digest) -> Result<Option<File>, Failure> {
    match blobs.open(digest) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
