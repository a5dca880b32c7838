//! Logging in and out.

use super::docker_config::{DockerConfig, change};
use super::{Credentials, key};
use crate::error::{RegistryError, Result};
use crate::http::{Candidate, Endpoint, Scope};
use crate::name::canonical_host;
use crate::settings::Settings;
use reqwest::Method;

/// Checks credentials with a registry and keeps them where Docker would.
pub fn login(settings: &Settings, host: &str, credentials: &Credentials) -> Result<()> {
    let host = canonical_host(host);
    if !crate::name::is_host(host) {
        return Err(RegistryError::InvalidName(
            crate::text::printable(host, 200),
            "it is not a registry's host",
        ));
    }
    crate::run::blocking(check(settings, host, credentials))?;
    let folder = folder(settings)?;
    let helper = DockerConfig::read(&folder)?.helper_of(settings, host)?;
    if let Some(helper) = &helper {
        helper.store(key(host), credentials)?;
    }
    // With a helper only the mark that it knows the registry goes into the file.
    let kept = if helper.is_none() { Some(credentials) } else { None };
    change(&folder, |config| {
        config.put(host, kept);
        Ok(())
    })
}

/// Forgets the credentials of a registry. False when there were none.
pub fn logout(settings: &Settings, host: &str) -> Result<bool> {
    let host = canonical_host(host);
    let folder = folder(settings)?;
    let config = DockerConfig::read(&folder)?;
    let known = config.stored(host)?.is_some();
    let erased = match config.helper_of(settings, host)? {
        Some(helper) => helper.erase(key(host))?,
        None => false,
    };
    // A file that holds nothing of this registry is not touched, and none is made.
    let mut listed = config;
    let removed = listed.remove(host) && change(&folder, |config| Ok(config.remove(host)))?;
    Ok(known || erased || removed)
}

async fn check(settings: &Settings, host: &str, credentials: &Credentials) -> Result<()> {
    let candidate = Candidate::only(settings, host)?;
    let endpoint = Endpoint::open_as(settings, &candidate, Some(credentials.clone())).await?;
    let url = endpoint.address("v2/")?;
    match endpoint.patiently("the login", Method::GET, &url, &Scope::none(), |request| request).await {
        Ok(_) => Ok(()),
        Err(RegistryError::Denied { detail, .. }) => {
            Err(RegistryError::LoginRefused { host: host.to_owned(), detail })
        }
        Err(other) => Err(other),
    }
}

fn folder(settings: &Settings) -> Result<std::path::PathBuf> {
    settings.docker_config.clone().ok_or_else(|| RegistryError::Settings {
        path: "config.json".into(),
        detail: "neither DOCKER_CONFIG nor HOME is set".to_owned(),
    })
}
