//! The state of authentication with one registry: its challenge, our credentials, tokens at hand.

use super::challenge::{Challenge, best};
use super::retry::Failed;
use super::token::{Scope, Token, TokenRequest};
use crate::credentials::{Credentials, Secret};
use crate::error::RegistryError;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Client, Url};
use std::collections::HashMap;
use std::time::Instant;

/// What is known so far.
#[derive(Default)]
pub(crate) struct Authentication {
    challenge: Option<Challenge>,
    credentials: Option<Credentials>,
    tokens: HashMap<Scope, Token>,
}

impl Authentication {
    pub(crate) fn new(credentials: Option<Credentials>) -> Self {
        Self { challenge: None, credentials, tokens: HashMap::new() }
    }

    /// Takes the challenge of a refusal. False when it brings nothing new to try with.
    pub(crate) fn challenged(&mut self, headers: &HeaderMap, scope: &Scope) -> bool {
        let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok());
        let Some(challenge) = best(values) else { return false };
        let stale = self.tokens.remove(scope).is_some();
        let known = self.challenge.as_ref().is_some_and(|before| before.is_same_kind(&challenge));
        self.challenge = Some(challenge);
        stale || !known
    }

    /// The `Authorization` header for a scope, if the registry wants one.
    pub(crate) async fn header(
        &mut self,
        client: &Client,
        base: &Url,
        host: &str,
        scope: &Scope,
    ) -> Result<Option<HeaderValue>, Failed> {
        match &self.challenge {
            None => Ok(None),
            Some(Challenge::Basic) => match &self.credentials {
                Some(Credentials { username, secret: Secret::Password(password) }) => {
                    Ok(secret_header(&basic(username, password)))
                }
                _ => Ok(None),
            },
            Some(Challenge::Bearer { realm, service, scope: wanted }) => {
                if let Some(Credentials { secret: Secret::RegistryToken(token), .. }) = &self.credentials {
                    return Ok(secret_header(&format!("Bearer {token}")));
                }
                if let Some(token) = self.tokens.get(scope).filter(|token| token.ends > Instant::now()) {
                    return Ok(secret_header(&format!("Bearer {}", token.text)));
                }
                let asked = if scope.0.is_empty() {
                    Scope(wanted.clone().unwrap_or_default())
                } else {
                    scope.clone()
                };
                let request = TokenRequest {
                    client,
                    host,
                    realm: realm_address(base, host, realm)?,
                    service: service.as_deref(),
                    scope: &asked,
                    credentials: self.credentials.as_ref(),
                };
                let token = request.send().await?;
                let header = secret_header(&format!("Bearer {}", token.text));
                self.tokens.insert(scope.clone(), token);
                Ok(header)
            }
        }
    }
}

impl Challenge {
    fn is_same_kind(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Basic, Self::Basic) => true,
            (Self::Bearer { realm, service, .. }, Self::Bearer { realm: r, service: s, .. }) => {
                realm == r && service == s
            }
            _ => false,
        }
    }
}

/// The token server's address; passwords do not leave a TLS connection for a plain one.
fn realm_address(base: &Url, host: &str, realm: &str) -> Result<Url, Failed> {
    let bad = |detail: &str| {
        Failed::for_good(RegistryError::BadAnswer {
            host: host.to_owned(),
            what: "the first request".to_owned(),
            detail: detail.to_owned(),
        })
    };
    let url = base.join(realm).map_err(|_| bad("its token server's address cannot be read"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if base.scheme() == "http" => Ok(url),
        _ => Err(bad("its token server does not use TLS")),
    }
}

fn basic(username: &str, password: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
    format!("Basic {pair}")
}

fn secret_header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
