//! Lists that come page by page.

use crate::error::{RegistryError, Result};
use crate::http::{Endpoint, Scope, next_page};
use crate::manifest::LARGEST_MANIFEST;
use crate::text::printable;
use reqwest::Url;

/// The most pages of a list that are asked for: a registry that never ends its list must not hold us for ever.
pub(super) const MOST_PAGES: usize = 10_000;

/// Entries asked for at a time.
pub(super) const PAGE: usize = 1000;

/// Reads a list page by page, until it ends or holds enough.
pub(super) async fn pages<P: serde::de::DeserializeOwned>(
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

/// The answer is no list, or one without an end.
pub(super) fn bad_list(endpoint: &Endpoint, what: &str) -> RegistryError {
    let (host, what) = (endpoint.host.clone(), what.to_owned());
    RegistryError::BadAnswer { host, what, detail: "the list does not end, or is none".to_owned() }
}
