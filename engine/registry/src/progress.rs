//! How a caller follows a transfer, and ends it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use teu_api::progress::{TransferEvent, TransferPart, TransferPhase};

use teu_store::Digest;

/// No part's bytes are reported more often than this: a terminal cannot show more.
const INTERVAL: Duration = Duration::from_millis(80);

/// Follows a transfer. Called from several threads at a time.
pub trait Progress: Sync {
    /// The transfer came further.
    fn report(&self, event: TransferEvent);

    /// Whether the transfer is to end as soon as it can. Asked several times a second.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl<F: Fn(TransferEvent) + Sync> Progress for F {
    fn report(&self, event: TransferEvent) {
        self(event);
    }
}

/// Follows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _event: TransferEvent) {}
}

/// Thins out reports: every change of phase passes, byte counts at most every [`INTERVAL`].
pub(crate) struct Reporter<'a> {
    progress: &'a dyn Progress,
    last: Mutex<HashMap<String, (TransferPhase, Instant)>>,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, last: Mutex::new(HashMap::new()) }
    }

    pub(crate) fn message(&self, text: String) {
        self.progress.report(TransferEvent::Message(text));
    }

    pub(crate) fn part(&self, digest: &Digest, phase: TransferPhase, current: u64, total: u64) {
        self.named(digest.short(), phase, current, total);
    }

    pub(crate) fn named(&self, id: &str, phase: TransferPhase, current: u64, total: u64) {
        if self.passes(id, phase, current == total) {
            let id = id.to_owned();
            self.progress.report(TransferEvent::Part(TransferPart { id, phase, current, total }));
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.progress.is_cancelled()
    }

    fn passes(&self, id: &str, phase: TransferPhase, complete: bool) -> bool {
        let now = Instant::now();
        let Ok(mut last) = self.last.lock() else { return true };
        match last.get_mut(id) {
            // What is in place stays in place: a late count from another thread must not turn a finished bar back.
            Some((TransferPhase::Done | TransferPhase::Exists | TransferPhase::Mounted, _)) => false,
            Some((TransferPhase::Extracting, _)) if matches!(phase, TransferPhase::Verifying) => false,
            Some((before, at)) if *before == phase && !complete && now.duration_since(*at) < INTERVAL => {
                false
            }
            Some(entry) => {
                *entry = (phase, now);
                true
            }
            None => {
                last.insert(id.to_owned(), (phase, now));
                true
            }
        }
    }
}
