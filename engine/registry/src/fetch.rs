//! A file by its address, as `ADD` and contexts of builds name it.

use crate::error::{RegistryError, Result};
use crate::http::{Failed, Patience, Purpose, client, transport_failure};
use crate::progress::{Progress, Reporter};
use crate::run::cancellable;
use crate::settings::Settings;
use crate::text::printable;
use reqwest::header::{CONTENT_LENGTH, ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Seek as _, Write as _};
use teu_api::progress::TransferPhase;

/// The largest file, in bytes, where the settings say nothing of the largest layer.
const LARGEST: u64 = 64 << 30;

/// By what a server knows a file again, and what it says of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FileHead {
    /// Its version, by the server's own name.
    pub etag: Option<String>,
    /// When it was changed, as HTTP writes it.
    pub modified: Option<String>,
}

/// Fetches a file; `None` where it still is the `known` one. What `into` held is replaced.
pub fn fetch(
    settings: &Settings,
    address: &str,
    known: Option<&FileHead>,
    into: &mut File,
    progress: &dyn Progress,
) -> Result<Option<FileHead>> {
    let wrong = |detail: &str| failure(&printable(&shown(address), 300), detail);
    let url = Url::parse(address).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("only http and https are fetched"));
    }
    let name = url.host_str().ok_or_else(|| wrong("it names no host"))?.to_owned();
    let host = url.port().map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
    let how = settings.registries.get(&host).cloned().unwrap_or_default();
    let client = client(settings, &host, &how, url.scheme() == "https", Purpose::Download)?;
    let reporter = Reporter::new(progress);
    let request = Request {
        client,
        shown: printable(&shown(url.as_str()), 300),
        host,
        url,
        known,
        largest: settings.largest_layer.unwrap_or(LARGEST),
        reporter: &reporter,
        name: file_name(address).map_or(name, |name| printable(&name, 40)),
    };
    cancellable(&reporter, async {
        let mut patience = Patience::new(&settings.retries);
        loop {
            match request.send(into).await {
                Ok(head) => return Ok(head),
                Err(failed) => patience.wait(failed).await?,
            }
        }
    })
}

/// What the last part of an address calls its file.
pub fn file_name(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    (!matches!(name, "" | "." | "..") && !name.contains('\0')).then(|| name.to_owned())
}

/// A text as people may see it: of the addresses in it none has a password any more.
pub fn shown(text: &str) -> String {
    let mut parts = text.split("://");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['/', '?', '#', ' ', '\t', '"', '\'']).unwrap_or(part.len());
        let host = part[..end].rfind('@').map_or(0, |at| at + 1);
        plain.push_str("://");
        plain.push_str(&part[host..]);
    }
    plain
}

fn failure(address: &str, detail: &str) -> RegistryError {
    RegistryError::Fetch { address: address.to_owned(), detail: detail.to_owned() }
}

struct Request<'a> {
    client: Client,
    url: Url,
    /// The address as messages have it.
    shown: String,
    host: String,
    known: Option<&'a FileHead>,
    largest: u64,
    reporter: &'a Reporter<'a>,
    /// What its progress is told under.
    name: String,
}

impl Request<'_> {
    async fn send(&self, into: &mut File) -> Result<Option<FileHead>, Failed> {
        let disk = |error: std::io::Error| {
            Failed::for_good(failure(&self.shown, &format!("cannot write it: {error}")))
        };
        into.set_len(0).and_then(|()| into.rewind()).map_err(disk)?;
        let mut request = self.client.get(self.url.clone());
        let conditions = self.known.into_iter().flat_map(|known| {
            [(IF_NONE_MATCH, known.etag.as_deref()), (IF_MODIFIED_SINCE, known.modified.as_deref())]
        });
        for (name, value) in conditions {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let mut response = request.send().await.map_err(|error| self.lost(&error, "cannot be reached"))?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED && self.known.is_some() {
            return Ok(None);
        }
        // No part was asked for.
        if status != StatusCode::OK {
            let error = failure(&self.shown, &format!("{} answered {status}", self.host));
            return Err(Failed::by_status(status, response.headers(), error));
        }
        let head = FileHead { etag: header(&response, ETAG), modified: header(&response, LAST_MODIFIED) };
        let total = header(&response, CONTENT_LENGTH).and_then(|text| text.parse().ok()).unwrap_or(0);
        let too_large = || {
            let what = self.shown.clone();
            Failed::for_good(RegistryError::TooLarge { what, limit: self.largest })
        };
        if total > self.largest {
            return Err(too_large());
        }
        let mut length = 0;
        while let Some(chunk) = response.chunk().await.map_err(|error| self.lost(&error, "broke off"))? {
            length += chunk.len() as u64;
            if length > self.largest {
                return Err(too_large());
            }
            into.write_all(&chunk).map_err(disk)?;
            self.reporter.named(&self.name, TransferPhase::Downloading, length, total);
        }
        self.reporter.named(&self.name, TransferPhase::Done, length, length);
        Ok(Some(head))
    }

    /// A connection that was not made, or broke.
    fn lost(&self, error: &reqwest::Error, what: &str) -> Failed {
        let failed = transport_failure(&self.host, error);
        let detail = match failed.error {
            RegistryError::Connect { host, cause } => format!("{host} {what}: {cause}"),
            RegistryError::Untrusted { host, cause } => format!("{host} is not trusted: {cause}"),
            other => other.to_string(),
        };
        Failed { error: failure(&self.shown, &detail), ..failed }
    }
}

fn header(response: &Response, name: HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_address() {
        assert_eq!(file_name("https://x.example/a/b.tar?c=/d#e").as_deref(), Some("b.tar"));
        assert_eq!(file_name("https://x.example/a/b%20c/").as_deref(), Some("b c"));
        assert_eq!(file_name("https://x.example/a%2fb").as_deref(), Some("b"));
        for unnamed in ["https://x.example", "https://x.example/", "http://x/..", "http://x/%2e%2e", "x"] {
            assert_eq!(file_name(unnamed), None, "{unnamed}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        for (text, plain) in [
            ("https://user:secret@files.example/a%20b?x=1", "https://files.example/a%20b?x=1"),
            (
                "ADD [\"http://t@a/b\", \"http://c:d@e\", \"/f@g\"]",
                "ADD [\"http://a/b\", \"http://e\", \"/f@g\"]",
            ),
            ("git@host:a/b ssh://git@host/c", "git@host:a/b ssh://host/c"),
            ("http://a/b@c", "http://a/b@c"),
        ] {
            assert_eq!(shown(text), plain);
        }
    }
}
