//! The tags of a repository.

use super::pages::{PAGE, pages};
use crate::error::Result;
use crate::http::{Endpoint, Scope};
use crate::name::Repository;
use crate::run::blocking;
use crate::settings::Settings;
use serde::Deserialize;

/// All tags of a repository, in the registry's order. Blocks.
pub fn tags(settings: &Settings, repository: &Repository) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default)]
        tags: Option<Vec<String>>,
    }
    blocking(async {
        let endpoint = Endpoint::of_registry(settings, repository.host()).await?;
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
