//! Manifests as registries send them: read with suspicion, so that what comes out is consistent.

mod config;
mod parse;
mod platform;

pub use parse::{Descriptor, ImageManifest, Index, Manifest};
pub use platform::Platform;

pub(crate) use config::ImageConfig;

/// The most bytes of a manifest that are read: what the distribution specification asks registries to accept.
pub(crate) const LARGEST_MANIFEST: u64 = 4 << 20;

/// The most bytes of an image's configuration that are read.
pub(crate) const LARGEST_CONFIG: u64 = 8 << 20;

pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// Every kind of manifest that is understood, for the `Accept` header.
pub(crate) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// How a layer's tar stream is compressed, by its media type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compression {
    /// A plain tar stream.
    None,
    /// Gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// The compression that a layer's media type names; `None` for a media type that is not an image layer's.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            "application/vnd.docker.image.rootfs.diff.tar.gzip"
            | "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
            | "application/vnd.oci.image.layer.v1.tar+gzip"
            | "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" => Some(Self::Gzip),
            "application/vnd.oci.image.layer.v1.tar+zstd"
            | "application/vnd.docker.image.rootfs.diff.tar.zstd"
            | "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd" => Some(Self::Zstd),
            "application/vnd.docker.image.rootfs.diff.tar"
            | "application/vnd.oci.image.layer.v1.tar"
            | "application/vnd.oci.image.layer.nondistributable.v1.tar" => Some(Self::None),
            _ => None,
        }
    }
}
