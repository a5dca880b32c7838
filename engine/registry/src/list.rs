//! What a registry has: its catalogue, the tags of a repository, what refers to an image, and single manifests.

use crate::error::{RegistryError, Result};
use crate::http::{Candidate, Endpoint, Scope, next_page};
use crate::manifest::{Descriptor, LARGEST_MANIFEST, Manifest, OCI_INDEX};
use crate::name::{Reference, Repository};
use crate::pull::{Received, manifest};
use crate::run::blocking;
use crate::settings::Settings;
use crate::text::printable;
use reqwest::Url;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use teu_store::Digest;

/// The most pages of a list that are asked for: a registry that never ends its list must not hold us for ever.
const MOST_PAGES: usize = 10_000;

/// Entries asked for at a time.
const PAGE: usize = 1000;

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
        let endpoint = open(settings, reference.repository.host()).await?;
        let Received { manifest, digest, bytes } = manifest(&endpoint, reference).await?;
        Ok(RemoteManifest { manifest, digest, bytes })
    })
}

/// All tags of a repository, in the registry's order. Blocks.
pub fn tags(settings: &Settings, repository: &Repository) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default)]
        tags: Option<Vec<String>>,
    }
    blocking(async {
        let endpoint = open(settings, repository.host()).await?;
        let first = endpoint.address(&format!("v2/{}/tags/list?n={PAGE}", repository.path()))?;
        let scope = Scope::pull(repository.path());
        let what = format!("tags of {repository}");
        let found =
            pages(&endpoint, &what, first, &scope, usize::MAX, |page: Page| page.tags.unwrap_or_default())
                .await?;
        // What is no tag cannot be asked for, and must not reach a terminal or an address.
        Ok(found.into_iter().filter(|tag| repository.with_tag(tag).is_ok()).collect())
    })
}

/// The repositories of a registry that a term occurs in, at most so many. Blocks.
pub fn catalog(settings: &Settings, host: &str, term: &str, limit: usize) -> Result<Vec<Repository>> {
    blocking(catalog_of(settings, host, term, limit))
}

pub(crate) async fn catalog_of(
    settings: &Settings,
    host: &str,
    term: &str,
    limit: usize,
) -> Result<Vec<Repository>> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default)]
        repositories: Option<Vec<String>>,
    }
    let endpoint = open(settings, host).await?;
    let first = endpoint.address(&format!("v2/_catalog?n={PAGE}"))?;
    let matching = |page: Page| {
        let mut names = page.repositories.unwrap_or_default();
        names.retain(|name| name.contains(term) && Repository::new(host, name).is_ok());
        names
    };
    let what = format!("catalogue of {host}");
    let found = pages(&endpoint, &what, first, &Scope::catalog(), limit, matching).await?;
    found.iter().map(|name| Repository::new(host, name)).collect()
}

/// What refers to a manifest: signatures, attestations and other artifacts, of one kind if a kind is given. Blocks.
pub fn referrers(
    settings: &Settings,
    repository: &Repository,
    subject: &Digest,
    kind: Option<&str>,
) -> Result<Vec<Descriptor>> {
    blocking(async {
        let endpoint = open(settings, repository.host()).await?;
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

/// Reads a list page by page, until it ends or holds enough.
async fn pages<P: serde::de::DeserializeOwned>(
    endpoint: &Endpoint,
    what: &str,
    first: Url,
    scope: &Scope,
    limit: usize,
    entries: impl Fn(P) -> Vec<String>,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut url = first;
    for _ in 0..MOST_PAGES {
        let (headers, body) = endpoint.read(what, &url, scope, LARGEST_MANIFEST, |request| request).await?;
        let page = serde_json::from_slice(&body).map_err(|e| RegistryError::BadAnswer {
            host: endpoint.host.clone(),
            what: what.to_owned(),
            detail: printable(&e.to_string(), 200),
        })?;
        found.extend(entries(page));
        match next_page(&headers, &url) {
            Some(next) if found.len() < limit => url = next,
            _ => {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }
    Err(bad_list(endpoint, what))
}

fn bad_list(endpoint: &Endpoint, what: &str) -> RegistryError {
    let (host, what) = (endpoint.host.clone(), what.to_owned());
    RegistryError::BadAnswer { host, what, detail: "the list does not end, or is none".to_owned() }
}

async fn open(settings: &Settings, host: &str) -> Result<Endpoint> {
    Endpoint::open(settings, &Candidate::only(settings, host)?).await
}
