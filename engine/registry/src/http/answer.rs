//! Reading answers: never more than asked for, and refusals in the registry's own words.

use super::retry::{Failed, transport_failure};
use crate::error::RegistryError;
use crate::text::printable;
use reqwest::{Response, StatusCode};
use serde::Deserialize;

/// The most bytes of a refusal that are read.
const LARGEST_REFUSAL: u64 = 64 << 10;

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn read_bounded(
    host: &str,
    what: &str,
    response: Response,
    limit: u64,
) -> Result<Vec<u8>, Failed> {
    let too_large = || Failed::for_good(RegistryError::TooLarge { what: what.to_owned(), limit });
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut response = response;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| transport_failure(host, &e))? {
        if body.len() as u64 + chunk.len() as u64 > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Passes an answer of success on, and turns any other into what it means.
pub(crate) async fn check(host: &str, what: &str, response: Response) -> Result<Response, Failed> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let headers = response.headers().clone();
    let body = read_bounded(host, what, response, LARGEST_REFUSAL).await.unwrap_or_default();
    let detail = refusal(status, &body);
    let (host, what) = (host.to_owned(), what.to_owned());
    let error = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => RegistryError::Denied { what, detail },
        StatusCode::NOT_FOUND => RegistryError::NotFound { what, detail },
        StatusCode::TOO_MANY_REQUESTS => RegistryError::RateLimited { host, what, detail },
        other => RegistryError::Status { host, status: other.as_u16(), what, detail },
    };
    Err(Failed::by_status(status, &headers, error))
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// The registry's words, or the status's where it has none.
fn refusal(status: StatusCode, body: &[u8]) -> String {
    let words: Vec<String> = serde_json::from_slice::<Refusal>(body)
        .map(|refusal| refusal.errors)
        .unwrap_or_default()
        .into_iter()
        .take(3)
        .map(|reason| if reason.message.is_empty() { reason.code } else { reason.message })
        .filter(|text| !text.is_empty())
        .map(|text| printable(&text, 200))
        .collect();
    if words.is_empty() {
        status.canonical_reason().unwrap_or("no reason given").to_ascii_lowercase()
    } else {
        words.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_worded_and_harmless() {
        let body = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown\u001b[2J"}]}"#;
        assert_eq!(refusal(StatusCode::NOT_FOUND, body), "manifest unknown\u{fffd}[2J");
        assert_eq!(refusal(StatusCode::NOT_FOUND, b"<html>"), "not found");
        assert_eq!(refusal(StatusCode::BAD_GATEWAY, br#"{"errors":[{"code":"X"}]}"#), "X");
    }
}
