//! What refers to an image.

use super::pages::{MOST_PAGES, bad_list};
use crate::error::{RegistryError, Result};
use crate::http::{Endpoint, Scope, next_page};
use crate::manifest::{Descriptor, LARGEST_MANIFEST, Manifest, OCI_INDEX};
use crate::name::Repository;
use crate::remote::{Received, manifest};
use crate::run::blocking;
use crate::settings::Settings;
use reqwest::Url;
use reqwest::header::ACCEPT;
use teu_store::Digest;

/// What refers to a manifest: signatures, attestations and other artifacts, of one kind if a kind is given. Blocks.
pub fn referrers(
    settings: &Settings,
    repository: &Repository,
    subject: &Digest,
    kind: Option<&str>,
) -> Result<Vec<Descriptor>> {
    blocking(async {
        let endpoint = Endpoint::of_registry(settings, repository.host()).await?;
        let what = format!("referrers of {repository}@{subject}");
        let mut url = endpoint.address(&format!("v2/{}/referrers/{subject}", repository.path()))?;
        if let Some(kind) = kind {
            url.query_pairs_mut().append_pair("artifactType", kind);
        }
        let found = match referrers_by_api(&endpoint, &what, url, repository).await {
            Err(RegistryError::NotFound { .. }) => referrers_by_tag(&endpoint, repository, subject).await?,
            other => other?,
        };
        // Registries may ignore the wish for one kind.
        let wanted = |d: &Descriptor| kind.is_none_or(|kind| d.artifact_type.as_deref() == Some(kind));
        Ok(found.into_iter().filter(wanted).collect())
    })
}

async fn referrers_by_api(
    endpoint: &Endpoint,
    what: &str,
    first: Url,
    repository: &Repository,
) -> Result<Vec<Descriptor>> {
    let scope = Scope::pull(repository.path());
    let mut found = Vec::new();
    let mut url = first;
    for _ in 0..MOST_PAGES {
        let (headers, body) =
            endpoint.read(what, &url, &scope, LARGEST_MANIFEST, |r| r.header(ACCEPT, OCI_INDEX)).await?;
        match Manifest::parse(what, None, &body)? {
            Manifest::Index(index) => found.extend(index.manifests),
            Manifest::Image(_) => return Err(bad_list(endpoint, what)),
        }
        match next_page(&headers, &url) {
            Some(next) => url = next,
            None => return Ok(found),
        }
    }
    Err(bad_list(endpoint, what))
}

/// The specification's way for registries without the interface: an index under a tag made from the digest.
async fn referrers_by_tag(
    endpoint: &Endpoint,
    repository: &Repository,
    subject: &Digest,
) -> Result<Vec<Descriptor>> {
    let reference = repository.with_tag(&format!("sha256-{}", subject.hex()))?;
    match manifest(endpoint, &reference).await {
        Ok(Received { manifest: Manifest::Index(index), .. }) => Ok(index.manifests),
        Ok(_) | Err(RegistryError::NotFound { .. }) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}
