//! From a name to the manifest of one image: fetched, checked, and chosen for a platform.

use super::download::verify;
use crate::error::{RegistryError, Result};
use crate::http::Endpoint;
use crate::manifest::{Descriptor, ImageManifest, Manifest, Platform};
use crate::name::{Reference, Repository};
use crate::remote::{Received, manifest};
use crate::text::printable;
use teu_store::Digest;

/// Indexes may list indexes; nobody needs more levels than this.
const DEEPEST: usize = 4;

/// What a name means on a registry.
pub(super) struct Resolved {
    /// The digest of the first manifest: the index's where there is one.
    pub(super) top: Digest,
    /// The image's own manifest.
    pub(super) image: ImageManifest,
    pub(super) descriptor: Descriptor,
    pub(super) bytes: Vec<u8>,
}

/// Follows a reference down to the manifest of one image for a platform.
pub(super) async fn resolve(
    endpoint: &Endpoint,
    reference: &Reference,
    platform: &Platform,
) -> Result<Resolved> {
    let mut received = manifest(endpoint, reference).await?;
    let top = received.digest.clone();
    for _ in 0..DEEPEST {
        let index = match received.manifest {
            Manifest::Image(image) => {
                let descriptor = described(&image.media_type, received.digest, &received.bytes);
                return Ok(Resolved { top, image, descriptor, bytes: received.bytes });
            }
            Manifest::Index(index) => index,
        };
        let chosen = index.choose(&reference.to_string(), platform)?.clone();
        received = child(endpoint, &reference.repository, &chosen).await?;
    }
    Err(RegistryError::InvalidManifest {
        what: reference.to_string(),
        detail: format!("its indexes are nested more than {DEEPEST} deep"),
    })
}

/// Fetches an index's entry, which must be what the index says of it.
async fn child(endpoint: &Endpoint, repository: &Repository, entry: &Descriptor) -> Result<Received> {
    let reference = repository.with_digest(entry.digest.clone());
    let received = manifest(endpoint, &reference).await?;
    let what = format!("manifest of {reference}");
    verify(&what, entry, &received.bytes)?;
    let media_type = match &received.manifest {
        Manifest::Image(image) => &image.media_type,
        Manifest::Index(index) => &index.media_type,
    };
    if !entry.media_type.is_empty() && entry.media_type != *media_type {
        let detail =
            format!("its index says that it is {}, it is {media_type}", printable(&entry.media_type, 100));
        return Err(RegistryError::InvalidManifest { what: reference.to_string(), detail });
    }
    Ok(received)
}

fn described(media_type: &str, digest: Digest, bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest,
        size: bytes.len() as u64,
        platform: None,
        artifact_type: None,
        annotations: std::collections::BTreeMap::new(),
    }
}
