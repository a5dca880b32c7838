//! `search`, `login` and `logout`: what needs a registry and nothing of this machine.

use teu_api::Failure;
use teu_registry::{Credentials, Found, SearchRequest, Secret, Settings};

/// The registry that is meant where none is named.
pub const DEFAULT_REGISTRY: &str = teu_registry::DOCKER_HUB;

/// Looks for repositories. The term may begin with a registry's host: `registry.lan:5000/word`.
pub fn search(term: &str, limit: usize) -> Result<Vec<Found>, Failure> {
    let is_host = |word: &str| word == "localhost" || word.contains(['.', ':']);
    let (host, term) = match term.split_once('/') {
        Some((host, rest)) if is_host(host) => (Some(host.to_owned()), rest),
        _ => (None, term),
    };
    let request = SearchRequest { host, term: term.to_owned(), limit };
    Ok(teu_registry::search(&Settings::from_env()?, &request)?)
}

/// Checks a user's password with a registry and keeps it where Docker would.
pub fn login(host: &str, username: String, password: String) -> Result<(), Failure> {
    let credentials = Credentials { username, secret: Secret::Password(password) };
    Ok(teu_registry::login(&Settings::from_env()?, host, &credentials)?)
}

/// Forgets what is kept for a registry. False when nothing is.
pub fn logout(host: &str) -> Result<bool, Failure> {
    Ok(teu_registry::logout(&Settings::from_env()?, host)?)
}
