//! An HTTP client for one registry: trust, proxies and redirects as configured.

use super::trust;
use crate::error::{RegistryError, Result};
use crate::settings::{RegistrySettings, Settings, is_loopback};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, NoProxy, Proxy};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};

/// What kind of work the client is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Asking and downloading: silence ends it.
    Download,
    /// Uploading: the registry is silent until it has everything.
    Upload,
}

/// Makes a client for a registry that is reached at `host`.
pub(crate) fn client(
    settings: &Settings,
    host: &str,
    how: &RegistrySettings,
    tls: bool,
    purpose: Purpose,
) -> Result<Client> {
    // A second installation is refused, which is what is wanted: any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("teu/", env!("CARGO_PKG_VERSION")))
        // Blobs are hashed as they are stored: nothing on the way may change their encoding.
        .no_gzip()
        .redirect(redirects(tls))
        .referer(false)
        .connect_timeout(settings.retries.connect)
        .tcp_user_timeout(settings.retries.silence);
    if purpose == Purpose::Download {
        builder = builder.read_timeout(settings.retries.silence);
    }
    builder = proxied(builder, settings, host)?;
    let trust = if tls { trusting(builder, settings, host, how)? } else { builder };
    match trust.build() {
        Ok(client) => Ok(client),
        // A machine without any trusted authority can still speak plain HTTP.
        Err(_) if !tls => plain(settings, host, purpose),
        Err(error) => Err(RegistryError::Connect { host: host.to_owned(), cause: innermost(&error) }),
    }
}

fn plain(settings: &Settings, host: &str, purpose: Purpose) -> Result<Client> {
    let mut builder = Client::builder().no_gzip().redirect(redirects(false)).tls_certs_only([]);
    if purpose == Purpose::Download {
        builder = builder.read_timeout(settings.retries.silence);
    }
    builder = builder.connect_timeout(settings.retries.connect);
    let built = proxied(builder, settings, host)?.build();
    built.map_err(|e| RegistryError::Connect { host: host.to_owned(), cause: innermost(&e) })
}

/// Redirects are followed, as registries send blobs from elsewhere, but never from TLS to plain HTTP. The client
/// library itself drops `Authorization` when host, port or scheme change.
fn redirects(tls: bool) -> Policy {
    Policy::custom(move |attempt| {
        if attempt.previous().len() > 10 {
            attempt.error("too many redirects")
        } else if tls && attempt.url().scheme() != "https" {
            attempt.error("it redirects from https to http")
        } else {
            attempt.follow()
        }
    })
}

fn proxied(builder: ClientBuilder, settings: &Settings, host: &str) -> Result<ClientBuilder> {
    let mut builder = builder.no_proxy();
    if is_loopback(host) {
        return Ok(builder);
    }
    let proxies = &settings.proxies;
    let exceptions = || proxies.no_proxy.as_deref().and_then(NoProxy::from_string);
    let unusable = |e: reqwest::Error| RegistryError::Connect {
        host: host.to_owned(),
        cause: format!("proxy: {}", innermost(&e)),
    };
    if let Some(address) = &proxies.http {
        builder = builder.proxy(Proxy::http(with_scheme(address)).map_err(unusable)?.no_proxy(exceptions()));
    }
    if let Some(address) = &proxies.https {
        builder = builder.proxy(Proxy::https(with_scheme(address)).map_err(unusable)?.no_proxy(exceptions()));
    }
    Ok(builder)
}

/// Proxies may be named without a scheme: `proxy:3128`.
fn with_scheme(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("http://{address}") }
}

fn trusting(
    builder: ClientBuilder,
    settings: &Settings,
    host: &str,
    how: &RegistrySettings,
) -> Result<ClientBuilder> {
    if how.insecure || is_loopback(host) {
        return Ok(builder.tls_danger_accept_invalid_certs(true));
    }
    let folders: Vec<PathBuf> = settings.certificate_folders.iter().map(|folder| folder.join(host)).collect();
    let mut authorities = Vec::new();
    for path in how.ca.iter().cloned().chain(folders.iter().flat_map(|folder| files(folder, "crt"))) {
        authorities.extend(certificates(&path)?);
    }
    // Docker's layout: NAME.cert is a client's certificate, NAME.key its key.
    let identity = match folders.iter().flat_map(|folder| files(folder, "cert")).next() {
        Some(path) => {
            let key = path.with_extension("key");
            let secret =
                PrivateKeyDer::from_pem_slice(&read(&key)?).map_err(|e| unusable(&key, &e.to_string()))?;
            Some((certificates(&path)?, secret))
        }
        None => None,
    };
    if authorities.is_empty() && identity.is_none() {
        return Ok(builder);
    }
    let config = trust::config(authorities, identity)
        .map_err(|e| RegistryError::Connect { host: host.to_owned(), cause: e.to_string() })?;
    Ok(builder.tls_backend_preconfigured(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(unusable(path, "it holds no certificate")),
        Err(e) => Err(unusable(path, &e.to_string())),
    }
}

/// The files of a folder with an extension, in order of their names.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| unusable(path, &e.to_string()))
}

fn unusable(path: &Path, detail: &str) -> RegistryError {
    RegistryError::Settings { path: path.to_owned(), detail: detail.to_owned() }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
