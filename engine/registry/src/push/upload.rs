//! An upload: in one request while it is small, in chunks that can be resumed when it is not.

use super::Context;
use crate::error::{RegistryError, Result};
use crate::http::{Failed, Patience, Scope};
use crate::manifest::Descriptor;
use futures_util::stream::{self, Stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, RANGE};
use reqwest::{Body, Method, RequestBuilder, Url};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use teu_api::progress::TransferPhase;

/// Bytes read from disk at a time.
const PIECE: usize = 128 << 10;

/// How often an upload reports.
const REPORTS: Duration = Duration::from_millis(100);

/// The slowest upload that is waited for, in bytes per second.
const SLOWEST: u64 = 8 << 10;

/// One blob on its way.
pub(super) struct Upload<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) blob: &'a Descriptor,
    /// Names the blob in errors.
    pub(super) what: &'a str,
    pub(super) file: &'a File,
    /// How far the file has been handed to the connection: the body has no other way to tell.
    pub(super) passed: Arc<AtomicU64>,
}

/// An upload that the registry has opened.
struct Session {
    location: Url,
    /// Bytes that the registry says it has.
    sent: u64,
    /// The size of chunks that suits both sides.
    chunk: u64,
}

impl Upload<'_> {
    /// Sends the blob, into a session if one is open already.
    pub(super) async fn run(&self, opened: Option<Url>) -> Result<()> {
        let mut patience = Patience::new(&self.context.endpoint.retries);
        let mut session = opened.map(|location| Session { location, sent: 0, chunk: self.context.chunk });
        let mut resumed = false;
        loop {
            let before = session.as_ref().map_or(0, |s| s.sent);
            let failed = match self.watched(self.proceed(&mut session)).await {
                Ok(()) => return Ok(()),
                Err(failed) => failed,
            };
            self.report(TransferPhase::Retrying, before);
            // A registry may drop a session of which a request was cut after it has told how far that came.
            if resumed && matches!(failed.error, RegistryError::NotFound { .. }) {
                (session, resumed) = (None, false);
                continue;
            }
            if !failed.transient {
                self.abandon(session).await;
                return Err(failed.error);
            }
            if session.as_ref().is_some_and(|s| s.sent > before) {
                patience.renew();
            }
            if let Err(error) = patience.wait(failed).await {
                self.abandon(session).await;
                return Err(error);
            }
            // Ask how far it came; a session that is gone or answers nonsense is begun anew.
            session = match session.take() {
                Some(broken) => self.recover(broken).await,
                None => None,
            };
            resumed = session.is_some();
        }
    }

    /// Reports progress while something is under way.
    async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            self.report(TransferPhase::Uploading, self.passed.load(Ordering::Relaxed));
            tokio::select! {
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(REPORTS) => {}
            }
        }
    }

    /// Sends what is missing; the session keeps what the registry has confirmed.
    async fn proceed(&self, session: &mut Option<Session>) -> Result<(), Failed> {
        let session = match session {
            Some(session) => session,
            none => none.insert(self.open().await?),
        };
        if session.sent == 0 && self.blob.size <= session.chunk {
            return self.finish(session, 0, self.blob.size).await;
        }
        while session.sent < self.blob.size {
            let length = session.chunk.min(self.blob.size - session.sent);
            self.send_chunk(session, length).await?;
        }
        self.finish(session, self.blob.size, 0).await
    }

    async fn open(&self) -> Result<Session, Failed> {
        let path = self.context.request.reference.repository.path();
        let endpoint = self.context.endpoint;
        let url = endpoint.address(&format!("v2/{path}/blobs/uploads/")).map_err(Failed::for_good)?;
        let empty = |request: RequestBuilder| request.header(CONTENT_LENGTH, 0);
        let response = endpoint.once(self.what, Method::POST, &url, &self.scope(), empty).await?;
        let location = endpoint.located(self.what, &url, &response).map_err(Failed::for_good)?;
        // A registry may refuse chunks below a size of its own.
        let least = number(response.headers(), "oci-chunk-min-length").unwrap_or(0);
        Ok(Session { location, sent: 0, chunk: self.context.chunk.max(least) })
    }

    async fn send_chunk(&self, session: &mut Session, length: u64) -> Result<(), Failed> {
        let endpoint = self.context.endpoint;
        let start = session.sent;
        let end = start + length;
        let response = endpoint
            .once(self.what, Method::PATCH, &session.location, &self.scope(), |request| {
                self.with_body(request, start, length).header(CONTENT_RANGE, format!("{start}-{}", end - 1))
            })
            .await?;
        session.location =
            endpoint.located(self.what, &session.location, &response).map_err(Failed::for_good)?;
        session.sent = match confirmed(response.headers()) {
            // Anything but what was sent means that the registry and we have different files in mind.
            Some(has) if has > end || has <= start => return Err(Failed::for_now(self.confused(has))),
            Some(has) => has,
            None => end,
        };
        Ok(())
    }

    /// Closes the upload with the bytes from `start` on.
    async fn finish(&self, session: &Session, start: u64, length: u64) -> Result<(), Failed> {
        let mut url = session.location.clone();
        url.query_pairs_mut().append_pair("digest", self.blob.digest.as_str());
        let dress = |request| self.with_body(request, start, length);
        self.context.endpoint.once(self.what, Method::PUT, &url, &self.scope(), dress).await?;
        Ok(())
    }

    /// The state of a session after a failure; none when a new one must be opened.
    async fn recover(&self, session: Session) -> Option<Session> {
        let endpoint = self.context.endpoint;
        let answer =
            endpoint.once(self.what, Method::GET, &session.location, &self.scope(), |request| request).await;
        let response = answer.ok()?;
        let sent = confirmed(response.headers()).filter(|sent| *sent <= self.blob.size)?;
        let location = endpoint.located(self.what, &session.location, &response).unwrap_or(session.location);
        Some(Session { location, sent, chunk: session.chunk })
    }

    /// Tells the registry that nothing more will come. It will find out by itself if this fails.
    async fn abandon(&self, session: Option<Session>) {
        if let Some(session) = session {
            let _ = self
                .context
                .endpoint
                .once(self.what, Method::DELETE, &session.location, &self.scope(), |r| r)
                .await;
        }
    }

    /// Adds a part of the file as body, read as it is sent.
    fn with_body(&self, request: RequestBuilder, start: u64, length: u64) -> RequestBuilder {
        let silence = self.context.endpoint.retries.silence;
        let request = request
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, length)
            .timeout(silence + Duration::from_secs(length / SLOWEST));
        if length == 0 {
            return request.body(Body::from(""));
        }
        match self.file.try_clone() {
            Ok(file) => {
                request.body(Body::wrap_stream(pieces(file, start, length, Arc::clone(&self.passed))))
            }
            // The request then has no body and is refused, which is an error like any other.
            Err(_) => request,
        }
    }

    fn scope(&self) -> Scope {
        Scope::push(self.context.request.reference.repository.path())
    }

    fn confused(&self, has: u64) -> RegistryError {
        RegistryError::BadAnswer {
            host: self.context.endpoint.host.clone(),
            what: self.what.to_owned(),
            detail: format!("it says that it has {has} bytes, which were not sent"),
        }
    }

    fn report(&self, phase: TransferPhase, current: u64) {
        self.context.reporter.part(&self.blob.digest, phase, current, self.blob.size);
    }
}

/// A part of a file, read piece by piece as the connection takes it.
fn pieces(
    file: File,
    start: u64,
    length: u64,
    passed: Arc<AtomicU64>,
) -> impl Stream<Item = io::Result<Vec<u8>>> {
    stream::try_unfold((file, start), move |(file, at)| {
        let passed = Arc::clone(&passed);
        async move {
            let left = start + length - at;
            if left == 0 {
                return Ok(None);
            }
            let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
            file.read_exact_at(&mut piece, at)?;
            let next = at + piece.len() as u64;
            passed.store(next, Ordering::Relaxed);
            Ok(Some((piece, (file, next))))
        }
    })
}

/// How many bytes the registry says it has: `Range: 0-LAST`. Registries write `0-0` for nothing.
fn confirmed(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(RANGE)?.to_str().ok()?;
    let range = text.trim().strip_prefix("bytes=").unwrap_or(text.trim());
    let (first, last) = range.split_once('-')?;
    let last: u64 = last.parse().ok()?;
    match (first, last) {
        ("0", 0) => Some(0),
        ("0", last) => last.checked_add(1),
        _ => None,
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confirmations_are_read() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, text.parse().unwrap());
            confirmed(&headers)
        };
        assert_eq!(of("0-0"), Some(0));
        assert_eq!(of("0-99"), Some(100));
        assert_eq!(of("bytes=0-99"), Some(100));
        for bad in ["", "5-9", "0-", "x", "0-18446744073709551615"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
