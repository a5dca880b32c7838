//! What this crate needs of whoever keeps images: the store, or anything else that implements these traits.

use crate::manifest::{Compression, Descriptor};
use crate::name::{Reference, Repository};
use std::fs::File;
use std::io::Read;
use teu_api::Failure;
use teu_store::Digest;

/// Where pulled images go. Called from several threads at a time.
pub trait ImageSink: Sync {
    /// Whether it keeps artifacts too: content under a manifest that is not an image.
    fn keeps_artifacts(&self) -> bool {
        true
    }

    /// Begins to write a blob, unless it is here or someone else, in any process, is writing it. Never waits.
    fn begin_blob(&self, digest: &Digest) -> Result<BlobStart, Failure>;

    /// Opens a blob that is here.
    fn open_blob(&self, digest: &Digest) -> Result<Option<File>, Failure>;

    /// Whether the layer that ends this chain of diff ids, lowest first, is unpacked.
    fn has_layer(&self, chain: &[Digest]) -> Result<bool, Failure>;

    /// Unpacks the last layer of a chain of diff ids from its tar stream, and keeps it only if the stream has that
    /// diff id. A layer that is already there, or that someone else puts there first, is success.
    fn unpack_layer(
        &self,
        chain: &[Digest],
        compression: Compression,
        stream: &mut (dyn Read + Send),
    ) -> Result<(), Failure>;

    /// All blobs and layers are in place: records the image and its name.
    fn finish(&self, image: &FetchedImage) -> Result<(), Failure>;
}

/// How the writing of a blob begins.
pub enum BlobStart {
    /// It is here: so many bytes.
    Present(u64),
    /// Someone else is writing it.
    Busy,
    /// It is ours to write; no one else may until the writer is dropped or committed.
    Write(Box<dyn BlobWriter>),
}

/// A blob that is being written. Dropped without commit it leaves nothing.
pub trait BlobWriter: Send {
    /// Adds bytes, and hashes them.
    fn append(&mut self, bytes: &[u8]) -> Result<(), Failure>;

    /// A second handle of the file that is being written, so that what is there can be read meanwhile.
    fn reader(&self) -> Result<File, Failure>;

    /// The digest of the bytes so far.
    fn digest(&self) -> Digest;

    /// Makes the blob durable and visible under its digest. The caller has checked length and digest.
    fn commit(self: Box<Self>) -> Result<(), Failure>;
}

/// An image, or an artifact, whose content is all in place.
#[derive(Clone, Debug)]
pub struct FetchedImage {
    /// What was asked for.
    pub reference: Reference,
    /// The tag it gets, unless it was asked for by digest.
    pub tag: Option<String>,
    /// The digest that the registry knows it by: the index's where there is one.
    pub digest: Digest,
    /// Its own manifest.
    pub manifest: Descriptor,
    /// Its configuration.
    pub config: Descriptor,
    /// Its layers as they were transferred, lowest first.
    pub layers: Vec<Descriptor>,
    /// The digests of its unpacked layers, lowest first; none for an artifact.
    pub diff_ids: Vec<Digest>,
    /// What kind of artifact it is; none for an image that can be run.
    pub artifact_type: Option<String>,
}

/// Where pushed images come from.
pub trait ImageSource {
    /// Opens a blob or a manifest.
    fn open_blob(&self, digest: &Digest) -> Result<Option<File>, Failure>;

    /// Repositories known to have this blob, so that a registry can be asked to take it from one of them.
    fn repositories_with(&self, digest: &Digest) -> Vec<Repository>;
}
