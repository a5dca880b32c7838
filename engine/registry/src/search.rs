//! Search: Docker's first-version interface where there is one, the catalogue where not.

use crate::error::{RegistryError, Result};
use crate::http::{Candidate, Endpoint, Scope};
use crate::list::catalog_of;
use crate::manifest::LARGEST_MANIFEST;
use crate::name::{DOCKER_HUB, canonical_host, is_host};
use crate::run::blocking;
use crate::settings::Settings;
use crate::text::printable;
use serde::Deserialize;

/// One repository that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Its name, as it can be pulled.
    pub name: String,
    /// What its owner says about it: one line.
    pub description: String,
    /// How many people marked it.
    pub stars: u64,
    /// Whether it is one of Docker's own.
    pub official: bool,
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Which registry; Docker's when it is not said.
    pub host: Option<String>,
    /// What the names must have in them.
    pub term: String,
    /// The most results wanted.
    pub limit: usize,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    results: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    star_count: u64,
    #[serde(default)]
    is_official: bool,
}

/// Searches a registry. Blocks.
pub fn search(settings: &Settings, request: &SearchRequest) -> Result<Vec<Found>> {
    let host = canonical_host(request.host.as_deref().unwrap_or(DOCKER_HUB));
    if !is_host(host) {
        return Err(RegistryError::InvalidName(printable(host, 200), "it is not a registry's host"));
    }
    blocking(async {
        match by_interface(settings, host, request).await {
            // Private registries have no search of their own, and say so in many ways.
            Err(
                RegistryError::NotFound { .. }
                | RegistryError::Status { .. }
                | RegistryError::BadAnswer { .. },
            ) if host != DOCKER_HUB => by_catalog(settings, host, request).await,
            answer => answer,
        }
    })
}

async fn by_interface(settings: &Settings, host: &str, request: &SearchRequest) -> Result<Vec<Found>> {
    // Docker's registry answers searches at its index.
    let server = if host == DOCKER_HUB { "index.docker.io" } else { host };
    let endpoint = Endpoint::open(settings, &Candidate::served_by(settings, host, server)?).await?;
    let mut url = endpoint.address("v1/search")?;
    url.query_pairs_mut()
        .append_pair("q", &request.term)
        .append_pair("n", &request.limit.min(100).to_string());
    let what = format!("search on {host}");
    let (_, body) = endpoint.read(&what, &url, &Scope::none(), LARGEST_MANIFEST, |r| r).await?;
    let answer: Answer = serde_json::from_slice(&body).map_err(|e| RegistryError::BadAnswer {
        host: host.to_owned(),
        what,
        detail: printable(&e.to_string(), 200),
    })?;
    let prefix = if host == DOCKER_HUB { String::new() } else { format!("{host}/") };
    let found = answer.results.into_iter().take(request.limit).map(|entry| Found {
        name: format!("{prefix}{}", printable(&entry.name, 255)),
        description: printable(entry.description.unwrap_or_default().trim(), 500),
        stars: entry.star_count,
        official: entry.is_official,
    });
    Ok(found.collect())
}

async fn by_catalog(settings: &Settings, host: &str, request: &SearchRequest) -> Result<Vec<Found>> {
    let names = catalog_of(settings, host, &request.term, request.limit).await?;
    let found = names.iter().map(|repository| Found {
        name: repository.to_string(),
        description: String::new(),
        stars: 0,
        official: false,
    });
    Ok(found.collect())
}
