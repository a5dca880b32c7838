//! Who we are to a registry: Docker's `config.json` and its credential helpers.

mod docker_config;
mod helper;
mod login;

pub use login::{login, logout};

use crate::error::Result;
use crate::name::DOCKER_HUB;
use crate::settings::Settings;
use docker_config::DockerConfig;
use std::fmt;

/// A user name and what proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub username: String,
    /// The proof.
    pub secret: Secret,
}

/// What proves who someone is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// A password.
    Password(String),
    /// A token that other tokens are asked for with.
    IdentityToken(String),
    /// A token that is shown to the registry as it is.
    RegistryToken(String),
}

// Secrets stay out of logs and panics.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.username)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The name that Docker keeps its own registry's credentials under.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// The name that a registry's credentials are kept under.
fn key(host: &str) -> &str {
    if host == DOCKER_HUB { DOCKER_HUB_KEY } else { host }
}

/// The credentials on file for a registry.
pub(crate) fn find(settings: &Settings, host: &str) -> Result<Option<Credentials>> {
    let Some(folder) = &settings.docker_config else { return Ok(None) };
    let config = DockerConfig::read(folder)?;
    match config.helper_of(settings, host)? {
        Some(helper) => match helper.get(key(host))? {
            Some(credentials) => Ok(Some(credentials)),
            None => config.stored(host),
        },
        None => config.stored(host),
    }
}
