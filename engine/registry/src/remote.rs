//! One manifest on a registry.

use crate::error::{RegistryError, Result};
use crate::http::{Endpoint, Scope};
use crate::manifest::{ACCEPTED, LARGEST_MANIFEST, Manifest};
use crate::name::{Reference, Target};
use crate::run::blocking;
use crate::settings::Settings;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use teu_store::Digest;

/// A manifest on a registry, as `manifest inspect` shows it.
#[derive(Clone, Debug)]
pub struct RemoteManifest {
    /// What it holds.
    pub manifest: Manifest,
    /// Its digest.
    pub digest: Digest,
    /// Exactly what the registry sent.
    pub bytes: Vec<u8>,
}

/// Fetches a manifest without pulling anything. Blocks.
pub fn inspect(settings: &Settings, reference: &Reference) -> Result<RemoteManifest> {
    blocking(async {
        let endpoint = Endpoint::of_registry(settings, reference.repository.host()).await?;
        let Received { manifest, digest, bytes } = manifest(&endpoint, reference).await?;
        Ok(RemoteManifest { manifest, digest, bytes })
    })
}

/// A manifest as it was received.
pub(crate) struct Received {
    pub(crate) manifest: Manifest,
    pub(crate) digest: Digest,
    pub(crate) bytes: Vec<u8>,
}

/// Fetches the manifest that a reference names. What comes is what its digest says, if there is a digest.
pub(crate) async fn manifest(endpoint: &Endpoint, reference: &Reference) -> Result<Received> {
    let what = reference.to_string();
    let path = reference.repository.path();
    let url = endpoint.address(&format!("v2/{path}/manifests/{}", reference.target))?;
    let (headers, bytes) = endpoint
        .read(&what, &url, &Scope::pull(path), LARGEST_MANIFEST, |r| r.header(ACCEPT, ACCEPTED))
        .await?;
    let digest = Digest::of(&bytes);
    let announced = header(&headers, "docker-content-digest").and_then(|text| Digest::parse(text).ok());
    let expected = match &reference.target {
        Target::Digest(wanted) => Some(wanted.clone()),
        Target::Tag(_) => announced,
    };
    if let Some(expected) = expected.filter(|expected| *expected != digest) {
        return Err(RegistryError::DigestMismatch {
            what: format!("manifest of {what}"),
            expected,
            received: digest,
        });
    }
    let manifest = Manifest::parse(&what, header(&headers, CONTENT_TYPE.as_str()), &bytes)?;
    Ok(Received { manifest, digest, bytes })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
