//! The repositories of a registry.

use super::pages::{PAGE, pages};
use crate::error::Result;
use crate::http::{Endpoint, Scope};
use crate::name::Repository;
use crate::run::blocking;
use crate::settings::Settings;
use serde::Deserialize;

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
    let endpoint = Endpoint::of_registry(settings, host).await?;
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
