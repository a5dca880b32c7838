//! One registry, or one mirror of it, that answers.

use super::answer::check;
use super::authenticate::Authentication;
use super::client::{Purpose, client};
use super::retry::{Failed, Patience, transport_failure};
use super::token::Scope;
use crate::credentials::{self, Credentials};
use crate::error::{RegistryError, Result};
use crate::name::DOCKER_HUB;
use crate::settings::{RegistrySettings, Retries, Settings, is_loopback};
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use tokio::sync::{Mutex, OnceCell};

/// An address that may answer for a registry.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// The host that credentials and certificates are kept under.
    host: String,
    /// Base addresses in the order in which they are tried.
    bases: Vec<Url>,
    how: RegistrySettings,
}

impl Candidate {
    /// All candidates for a registry: its mirrors, then itself.
    pub(crate) fn all(settings: &Settings, host: &str) -> Result<Vec<Self>> {
        let how = settings.registry(host);
        let mut found = Vec::new();
        for mirror in &how.mirrors {
            let mut base = Url::parse(mirror).map_err(|_| bad_host(mirror))?;
            if !base.path().ends_with('/') {
                base.set_path(&format!("{}/", base.path()));
            }
            let name = base.host_str().unwrap_or_default();
            let mirror_host = base.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
            found.push(Self { how: settings.registry(&mirror_host), host: mirror_host, bases: vec![base] });
        }
        found.push(Self::only(settings, host)?);
        Ok(found)
    }

    /// The registry itself, without its mirrors: what is pushed must not go to a mirror.
    pub(crate) fn only(settings: &Settings, host: &str) -> Result<Self> {
        Self::served_by(settings, host, if host == DOCKER_HUB { "registry-1.docker.io" } else { host })
    }

    /// The registry known as `host` at the address `server`.
    pub(crate) fn served_by(settings: &Settings, host: &str, server: &str) -> Result<Self> {
        let how = settings.registry(host);
        let schemes: &[&str] = match (how.plain_http, how.insecure || is_loopback(host)) {
            (true, _) => &["http"],
            (false, true) => &["https", "http"],
            (false, false) => &["https"],
        };
        let bases = schemes
            .iter()
            .map(|scheme| Url::parse(&format!("{scheme}://{server}/")).map_err(|_| bad_host(host)));
        Ok(Self { host: host.to_owned(), bases: bases.collect::<Result<_>>()?, how })
    }
}

fn bad_host(host: &str) -> RegistryError {
    RegistryError::InvalidName(crate::text::printable(host, 200), "it is not a registry's address")
}

/// A registry that has answered once.
pub(crate) struct Endpoint {
    pub(crate) host: String,
    base: Url,
    download: Client,
    /// Made when something is first sent: reading the system's authorities takes a while, and a pull sends nothing.
    upload: OnceCell<Client>,
    settings: Settings,
    how: RegistrySettings,
    authentication: Mutex<Authentication>,
    pub(crate) retries: Retries,
}

impl Endpoint {
    /// Finds out how the registry is spoken to, with the credentials that are on file for it.
    pub(crate) async fn open(settings: &Settings, candidate: &Candidate) -> Result<Self> {
        let credentials = credentials::find(settings, &candidate.host)?;
        Self::open_as(settings, candidate, credentials).await
    }

    /// The registry itself, none of its mirrors.
    pub(crate) async fn of_registry(settings: &Settings, host: &str) -> Result<Self> {
        Self::open(settings, &Candidate::only(settings, host)?).await
    }

    /// The same with credentials at hand.
    pub(crate) async fn open_as(
        settings: &Settings,
        candidate: &Candidate,
        credentials: Option<Credentials>,
    ) -> Result<Self> {
        let mut patience = Patience::new(&settings.retries);
        loop {
            let mut last = None;
            for base in &candidate.bases {
                match Self::greet(settings, candidate, base, credentials.clone()).await {
                    Ok(endpoint) => return Ok(endpoint),
                    Err(failed) => last = Some(failed),
                }
            }
            match last {
                Some(failed) => patience.wait(failed).await?,
                None => return Err(bad_host(&candidate.host)),
            }
        }
    }

    /// The distribution specification's version check: shows the scheme and the challenge.
    async fn greet(
        settings: &Settings,
        candidate: &Candidate,
        base: &Url,
        credentials: Option<Credentials>,
    ) -> Result<Self, Failed> {
        let tls = base.scheme() == "https";
        let host = &candidate.host;
        let download =
            client(settings, host, &candidate.how, tls, Purpose::Download).map_err(Failed::for_good)?;
        let endpoint = Self {
            host: host.clone(),
            base: base.clone(),
            download,
            upload: OnceCell::new(),
            settings: settings.clone(),
            how: candidate.how.clone(),
            authentication: Mutex::new(Authentication::new(credentials)),
            retries: settings.retries.clone(),
        };
        let url = endpoint.address("v2/").map_err(Failed::for_good)?;
        let response = endpoint.download.get(url).send().await.map_err(|e| transport_failure(host, &e))?;
        match response.status() {
            StatusCode::UNAUTHORIZED => {
                endpoint.authentication.lock().await.challenged(response.headers(), &Scope::none());
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                check(host, "the first request", response).await?;
            }
            // Some registries answer the check with anything; what follows will show.
            _ => {}
        }
        Ok(endpoint)
    }

    async fn upload(&self) -> Result<&Client> {
        let tls = self.base.scheme() == "https";
        let make = || async { client(&self.settings, &self.host, &self.how, tls, Purpose::Upload) };
        self.upload.get_or_try_init(make).await
    }

    /// An address on this registry; the path's parts have been checked by their types.
    pub(crate) fn address(&self, path: &str) -> Result<Url> {
        self.base.join(path).map_err(|_| bad_host(&self.host))
    }

    /// A location that the registry sent: relative to the request, or anywhere.
    pub(crate) fn located(&self, what: &str, request: &Url, response: &Response) -> Result<Url> {
        let bad = || RegistryError::BadAnswer {
            host: self.host.clone(),
            what: what.to_owned(),
            detail: "it names no usable location".to_owned(),
        };
        let location = response
            .headers()
            .get(reqwest::header::LOCATION)
            .and_then(|v| v.to_str().ok())
            .ok_or_else(bad)?;
        let url = request.join(location).map_err(|_| bad())?;
        let sound = url.scheme() == "https" || (url.scheme() == "http" && self.base.scheme() == "http");
        if sound { Ok(url) } else { Err(bad()) }
    }

    /// Sends a request once, authenticating as the registry wants. `dress` adds headers and body and may be called
    /// twice; the request is refused with the registry's words unless the answer is a success.
    pub(crate) async fn once(
        &self,
        what: &str,
        method: Method,
        url: &Url,
        scope: &Scope,
        dress: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, Failed> {
        let client = match method {
            Method::GET | Method::HEAD => &self.download,
            _ => self.upload().await.map_err(Failed::for_good)?,
        };
        // Credentials belong to this registry alone, whatever location it hands out.
        let ours = url.origin() == self.base.origin();
        for last_try in [false, true] {
            let mut request = dress(client.request(method.clone(), url.clone()));
            if ours {
                let mut authentication = self.authentication.lock().await;
                if let Some(header) =
                    authentication.header(&self.download, &self.base, &self.host, scope).await?
                {
                    request = request.header(AUTHORIZATION, header);
                }
            }
            let response = request.send().await.map_err(|e| transport_failure(&self.host, &e))?;
            let refused = response.status() == StatusCode::UNAUTHORIZED && ours && !last_try;
            if refused && self.authentication.lock().await.challenged(response.headers(), scope) {
                continue;
            }
            return check(&self.host, what, response).await;
        }
        unreachable!("the last try returns")
    }

    /// Sends a request again and again while its failures may pass.
    pub(crate) async fn patiently(
        &self,
        what: &str,
        method: Method,
        url: &Url,
        scope: &Scope,
        dress: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response> {
        let mut patience = Patience::new(&self.retries);
        loop {
            match self.once(what, method.clone(), url, scope, &dress).await {
                Ok(response) => return Ok(response),
                Err(failed) => patience.wait(failed).await?,
            }
        }
    }

    /// Reads a whole answer of bounded size, again and again while failures may pass.
    pub(crate) async fn read(
        &self,
        what: &str,
        url: &Url,
        scope: &Scope,
        limit: u64,
        dress: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<(reqwest::header::HeaderMap, Vec<u8>)> {
        let mut patience = Patience::new(&self.retries);
        loop {
            let answered = match self.once(what, Method::GET, url, scope, &dress).await {
                Ok(response) => {
                    let headers = response.headers().clone();
                    super::answer::read_bounded(&self.host, what, response, limit)
                        .await
                        .map(|body| (headers, body))
                }
                Err(failed) => Err(failed),
            };
            match answered {
                Ok(answer) => return Ok(answer),
                Err(failed) => patience.wait(failed).await?,
            }
        }
    }
}
