//! When a failure is worth another try, and how long to wait before it.

use crate::error::RegistryError;
use crate::settings::Retries;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::error::Error;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// A failed try.
pub(crate) struct Failed {
    /// Why.
    pub(crate) error: RegistryError,
    /// Whether the same request may succeed later.
    pub(crate) transient: bool,
    /// How long the registry asks to wait.
    pub(crate) wait: Option<Duration>,
}

impl Failed {
    /// A failure that another try would only repeat.
    pub(crate) fn for_good(error: RegistryError) -> Self {
        Self { error, transient: false, wait: None }
    }

    /// A failure that may pass.
    pub(crate) fn for_now(error: RegistryError) -> Self {
        Self { error, transient: true, wait: None }
    }

    /// A failure by an answer: transient for what a busy or broken server says.
    pub(crate) fn by_status(status: StatusCode, headers: &HeaderMap, error: RegistryError) -> Self {
        let transient = matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504);
        // The header's other form, a date, is not used by registries: the usual back-off answers it.
        let seconds =
            headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.trim().parse().ok());
        Self { error, transient, wait: seconds.map(Duration::from_secs) }
    }
}

/// Counts failures in a row and waits between tries.
pub(crate) struct Patience<'a> {
    retries: &'a Retries,
    failures: u32,
    total: u32,
}

impl<'a> Patience<'a> {
    pub(crate) fn new(retries: &'a Retries) -> Self {
        Self { retries, failures: 0, total: 0 }
    }

    /// Something got through: the count of failures in a row begins anew, but not for ever, so that a server that
    /// cuts every connection after a little data does not hold a transfer for days.
    pub(crate) fn renew(&mut self) {
        if self.total < self.retries.attempts.saturating_mul(20) {
            self.failures = 0;
        }
    }

    /// Waits before another try, or gives the error back when it is not worth one.
    pub(crate) async fn wait(&mut self, failed: Failed) -> Result<(), RegistryError> {
        self.failures += 1;
        self.total += 1;
        if !failed.transient || self.failures >= self.retries.attempts {
            return Err(failed.error);
        }
        let doubled = self.retries.first_pause.saturating_mul(1 << (self.failures - 1).min(16));
        let pause = failed.wait.unwrap_or_else(|| with_jitter(doubled)).min(self.retries.longest_pause);
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Three quarters to five quarters of a pause, so that many clients do not come back at once.
fn with_jitter(pause: Duration) -> Duration {
    // The standard library seeds every hasher differently: randomness enough for this.
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    pause.mul_f64(0.75 + (random % 1024) as f64 / 2048.0)
}

/// What a failed connection or a broken transfer means.
pub(crate) fn transport_failure(host: &str, error: &reqwest::Error) -> Failed {
    let mut cause: &dyn Error = error;
    let mut refused = false;
    let mut untrusted = None;
    let mut unresolved = false;
    while let Some(source) = cause.source() {
        cause = source;
        if let Some(tls) = cause.downcast_ref::<rustls::Error>()
            && matches!(tls, rustls::Error::InvalidCertificate(_))
        {
            untrusted = Some(tls.to_string());
        }
        // An I/O error may wrap the error of the TLS layer without naming it as its source.
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            refused |= io.kind() == std::io::ErrorKind::ConnectionRefused;
            if let Some(rustls::Error::InvalidCertificate(why)) = io.get_ref().and_then(|e| e.downcast_ref())
            {
                untrusted = Some(rustls::Error::InvalidCertificate(why.clone()).to_string());
            }
        }
        unresolved |= cause.to_string().starts_with("dns error");
    }
    let host = host.to_owned();
    if let Some(cause) = untrusted {
        return Failed::for_good(RegistryError::Untrusted { host, cause });
    }
    let cause = if error.is_timeout() { "it does not answer in time".to_owned() } else { cause.to_string() };
    let failed = RegistryError::Connect { host, cause: crate::text::printable(&cause, 300) };
    if refused || unresolved || error.is_redirect() || error.is_builder() {
        Failed::for_good(failed)
    } else {
        Failed::for_now(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_in_bounds() {
        for _ in 0..1000 {
            let pause = with_jitter(Duration::from_secs(1));
            assert!((Duration::from_millis(750)..Duration::from_millis(1250)).contains(&pause), "{pause:?}");
        }
    }

    #[test]
    fn only_what_may_pass_is_transient() {
        let by = |code: u16| {
            let status = StatusCode::from_u16(code).unwrap();
            Failed::by_status(status, &HeaderMap::new(), RegistryError::Cancelled).transient
        };
        assert!(by(429) && by(500) && by(503));
        assert!(!by(400) && !by(401) && !by(404) && !by(501));
    }
}
