//! Bearer tokens (Docker's token authentication specification): asked for once per scope, kept while they last.

use super::answer::{check, read_bounded};
use super::retry::{Failed, transport_failure};
use crate::credentials::{Credentials, Secret};
use crate::error::RegistryError;
use reqwest::{Client, Url};
use serde::Deserialize;
use std::time::{Duration, Instant};

/// The most bytes of a token answer that are read.
const LARGEST_TOKEN: u64 = 1 << 20;

/// How long a token lasts whose issuer does not say, and the least that is believed: the specification's minute.
const SHORTEST_LIFE: Duration = Duration::from_mins(1);

/// What a request needs to be allowed to do: `repository:library/alpine:pull`. Several are joined by spaces.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Scope(pub(crate) String);

impl Scope {
    /// Nothing in particular.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn pull(path: &str) -> Self {
        Self(format!("repository:{path}:pull"))
    }

    pub(crate) fn push(path: &str) -> Self {
        Self(format!("repository:{path}:pull,push"))
    }

    pub(crate) fn catalog() -> Self {
        Self("registry:catalog:*".to_owned())
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        Self(format!("{} {}", self.0, other.0))
    }
}

/// A token and when it ends.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) ends: Instant,
}

/// The answer of a token server: the same token goes by two names.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
}

/// Where to ask for tokens, and as whom.
pub(crate) struct TokenRequest<'a> {
    pub(crate) client: &'a Client,
    pub(crate) host: &'a str,
    pub(crate) realm: Url,
    pub(crate) service: Option<&'a str>,
    pub(crate) scope: &'a Scope,
    pub(crate) credentials: Option<&'a Credentials>,
}

impl TokenRequest<'_> {
    /// Asks for a token.
    pub(crate) async fn send(self) -> Result<Token, Failed> {
        let asked = Instant::now();
        let what = "the request for a token";
        let request = match self.credentials.map(|c| (&c.username, &c.secret)) {
            Some((_, Secret::IdentityToken(refresh))) => self.client.post(self.realm.clone()).form_body(&[
                ("grant_type", "refresh_token"),
                ("service", self.service.unwrap_or_default()),
                ("client_id", "teu"),
                ("scope", &self.scope.0),
                ("refresh_token", refresh),
            ]),
            Some((username, Secret::Password(password))) => {
                self.client.get(self.with_query()).basic_auth(username, Some(password))
            }
            _ => self.client.get(self.with_query()),
        };
        let response = request.send().await.map_err(|e| transport_failure(self.host, &e))?;
        let response = check(self.host, what, response).await?;
        let body = read_bounded(self.host, what, response, LARGEST_TOKEN).await?;
        let bad = |detail: &str| {
            Failed::for_good(RegistryError::BadAnswer {
                host: self.host.to_owned(),
                what: what.to_owned(),
                detail: detail.to_owned(),
            })
        };
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| bad("it is not a token"))?;
        let text = answer
            .token
            .or(answer.access_token)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| bad("it has no token"))?;
        let life = answer.expires_in.map_or(SHORTEST_LIFE, Duration::from_secs).max(SHORTEST_LIFE);
        // A day is long enough, and keeps a lie from overflowing the clock; a margin covers the way there.
        let ends = asked + life.min(Duration::from_hours(24)).saturating_sub(Duration::from_secs(10));
        Ok(Token { text, ends })
    }

    fn with_query(&self) -> Url {
        let mut url = self.realm.clone();
        {
            let mut query = url.query_pairs_mut();
            if let Some(service) = self.service {
                query.append_pair("service", service);
            }
            for scope in self.scope.0.split(' ').filter(|s| !s.is_empty()) {
                query.append_pair("scope", scope);
            }
            if let Some(credentials) = self.credentials {
                query.append_pair("account", &credentials.username);
            }
        }
        url
    }
}

/// Form bodies without another dependency.
trait FormBody {
    fn form_body(self, pairs: &[(&str, &str)]) -> Self;
}

impl FormBody for reqwest::RequestBuilder {
    fn form_body(self, pairs: &[(&str, &str)]) -> Self {
        // An address's query is encoded exactly like a form.
        let encoded = Url::parse_with_params("http://form/", pairs).ok();
        let body = encoded.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default();
        self.header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }
}
