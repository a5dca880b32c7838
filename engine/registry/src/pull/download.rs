//! The bytes of one blob from one endpoint: resumed after a cut, checked for length and digest.

use super::growing::Grower;
use crate::error::{RegistryError, Result};
use crate::http::{Endpoint, Failed, Patience, Scope, transport_failure};
use crate::manifest::Descriptor;
use crate::name::Repository;
use crate::progress::Reporter;
use crate::sink::BlobWriter;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode};
use teu_api::progress::TransferPhase;
use teu_store::Digest;

/// Once the reader of a blob has failed, a download is only finished, to learn whether the blob was the culprit, when
/// no more than this is missing.
const WORTH_FINISHING: u64 = 64 << 20;

/// Bytes after which a failure counts as the first again.
const PROGRESS: u64 = 1 << 20;

/// One download.
pub(super) struct Download<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) repository: &'a Repository,
    pub(super) blob: &'a Descriptor,
    /// Names the blob in errors.
    pub(super) what: &'a str,
    pub(super) reporter: &'a Reporter<'a>,
}

/// What the writing side of a download is made of.
struct Target<'a> {
    writer: &'a mut dyn BlobWriter,
    grower: &'a Grower<'a>,
    received: u64,
}

impl Download<'_> {
    /// Receives the blob into a writer. Whatever fails, the writer holds nothing that must be kept.
    pub(super) async fn run(&self, writer: &mut dyn BlobWriter, grower: &Grower<'_>) -> Result<()> {
        let mut target = Target { writer, grower, received: 0 };
        let mut patience = Patience::new(&self.endpoint.retries);
        let mut counted = 0;
        self.report(TransferPhase::Downloading, 0);
        while let Err(failed) = self.receive(&mut target).await {
            if target.received >= counted + PROGRESS {
                counted = target.received;
                patience.renew();
            }
            self.report(TransferPhase::Retrying, target.received);
            patience.wait(failed).await?;
        }
        self.report(TransferPhase::Verifying, target.received);
        let received = target.writer.digest();
        if received != self.blob.digest {
            let (what, expected) = (self.what.to_owned(), self.blob.digest.clone());
            return Err(RegistryError::DigestMismatch { what, expected, received });
        }
        grower.verified();
        Ok(())
    }

    /// One connection's worth of it: asks for what is missing and takes what comes.
    async fn receive(&self, target: &mut Target<'_>) -> Result<(), Failed> {
        let size = self.blob.size;
        if target.received == size && size > 0 {
            return Ok(());
        }
        let (response, mut skip) = self.ask(target.received).await?;
        let mut response = response;
        while let Some(chunk) =
            response.chunk().await.map_err(|e| transport_failure(&self.endpoint.host, &e))?
        {
            let fresh = &chunk[chunk.len().min(usize::try_from(skip).unwrap_or(usize::MAX))..];
            skip = skip.saturating_sub(chunk.len() as u64);
            let length = target.received + fresh.len() as u64;
            if length > size {
                return Err(Failed::for_good(self.wrong_length(length)));
            }
            target.writer.append(fresh).map_err(|failure| Failed::for_good(failure.into()))?;
            target.received = length;
            target.grower.grew_to(length);
            self.report(TransferPhase::Downloading, length);
            if size - length > WORTH_FINISHING && target.grower.0.reader_failed() {
                return Err(Failed::for_good(RegistryError::Cancelled));
            }
        }
        if target.received < size {
            return Err(Failed::for_now(self.wrong_length(target.received)));
        }
        Ok(())
    }

    /// Asks for the blob from an offset on. Returns the answer and how many of its first bytes are here already.
    async fn ask(&self, offset: u64) -> Result<(Response, u64), Failed> {
        let path = format!("v2/{}/blobs/{}", self.repository.path(), self.blob.digest);
        let url = self.endpoint.address(&path).map_err(Failed::for_good)?;
        let scope = Scope::pull(self.repository.path());
        let response = self
            .endpoint
            .once(self.what, Method::GET, &url, &scope, |request| {
                let request = request.header(ACCEPT_ENCODING, "identity");
                if offset > 0 { request.header(RANGE, format!("bytes={offset}-")) } else { request }
            })
            .await?;
        if response.status() == StatusCode::PARTIAL_CONTENT && offset > 0 {
            let range =
                response.headers().get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).and_then(parse_range);
            return match range {
                Some((start, total)) if start == offset && total.is_none_or(|t| t == self.blob.size) => {
                    Ok((response, 0))
                }
                _ => Err(Failed::for_good(RegistryError::BadAnswer {
                    host: self.endpoint.host.clone(),
                    what: self.what.to_owned(),
                    detail: "it sends another part than was asked for".to_owned(),
                })),
            };
        }
        // A server that cannot resume sends everything again: what is here already is passed over.
        match response.content_length() {
            Some(length) if length != self.blob.size => Err(Failed::for_good(self.wrong_length(length))),
            _ => Ok((response, offset)),
        }
    }

    fn wrong_length(&self, received: u64) -> RegistryError {
        RegistryError::LengthMismatch { what: self.what.to_owned(), expected: self.blob.size, received }
    }

    fn report(&self, phase: TransferPhase, current: u64) {
        self.reporter.part(&self.blob.digest, phase, current, self.blob.size);
    }
}

/// Start and total of `bytes START-END/TOTAL`.
fn parse_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, if total == "*" { None } else { Some(total.parse().ok()?) }))
}

/// Reads a small blob whole, and checks it.
pub(super) async fn small_blob(
    endpoint: &Endpoint,
    repository: &Repository,
    blob: &Descriptor,
    what: &str,
    limit: u64,
) -> Result<Vec<u8>> {
    if blob.size > limit {
        return Err(RegistryError::TooLarge { what: what.to_owned(), limit });
    }
    let url = endpoint.address(&format!("v2/{}/blobs/{}", repository.path(), blob.digest))?;
    let scope = Scope::pull(repository.path());
    let (_, bytes) =
        endpoint.read(what, &url, &scope, limit, |r| r.header(ACCEPT_ENCODING, "identity")).await?;
    verify(what, blob, &bytes)?;
    Ok(bytes)
}

/// Checks bytes against what they were promised to be.
pub(super) fn verify(what: &str, promised: &Descriptor, bytes: &[u8]) -> Result<()> {
    if bytes.len() as u64 != promised.size {
        let received = bytes.len() as u64;
        return Err(RegistryError::LengthMismatch {
            what: what.to_owned(),
            expected: promised.size,
            received,
        });
    }
    let received = Digest::of(bytes);
    if received != promised.digest {
        let expected = promised.digest.clone();
        return Err(RegistryError::DigestMismatch { what: what.to_owned(), expected, received });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse_range;

    #[test]
    fn ranges_are_read() {
        assert_eq!(parse_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(parse_range("bytes 5-9/*"), Some((5, None)));
        for bad in ["", "bytes */10", "bytes 5/10", "5-9/10", "bytes x-9/10"] {
            assert_eq!(parse_range(bad), None, "{bad}");
        }
    }
}
