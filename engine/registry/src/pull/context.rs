//! What everything that belongs to one pull shares.

use crate::error::Result;
use crate::http::{Candidate, Endpoint};
use crate::name::Repository;
use crate::progress::Reporter;
use crate::settings::Settings;
use crate::sink::ImageSink;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Scope;
use tokio::sync::{OnceCell, Semaphore};

/// The parts that threads need live as long as `'env`; the rest belongs to the one thread of the runtime.
pub(super) struct Context<'scope, 'env> {
    pub(super) settings: &'env Settings,
    pub(super) sink: &'env dyn ImageSink,
    pub(super) reporter: &'env Reporter<'env>,
    pub(super) threads: &'scope Scope<'scope, 'env>,
    pub(super) repository: &'env Repository,
    /// Where blobs may come from: the endpoint that had the manifest, then those after it.
    pub(super) sources: Vec<Source>,
    /// How many blobs are in hand at a time: bounds connections, threads and memory.
    pub(super) turns: Semaphore,
    downloaded: AtomicU64,
}

/// A candidate, greeted when it is first needed.
pub(super) struct Source {
    candidate: Candidate,
    endpoint: OnceCell<Endpoint>,
}

impl Source {
    pub(super) fn new(candidate: Candidate) -> Self {
        Self { candidate, endpoint: OnceCell::new() }
    }

    pub(super) async fn endpoint(&self, settings: &Settings) -> Result<&Endpoint> {
        self.endpoint.get_or_try_init(|| Endpoint::open(settings, &self.candidate)).await
    }
}

impl<'scope, 'env> Context<'scope, 'env> {
    pub(super) fn new(
        settings: &'env Settings,
        sink: &'env dyn ImageSink,
        reporter: &'env Reporter<'env>,
        threads: &'scope Scope<'scope, 'env>,
        repository: &'env Repository,
        sources: Vec<Source>,
    ) -> Self {
        let turns = Semaphore::new(settings.parallel.max(1));
        Self { settings, sink, reporter, threads, repository, sources, turns, downloaded: AtomicU64::new(0) }
    }

    pub(super) async fn endpoint<'a>(&self, source: &'a Source) -> Result<&'a Endpoint> {
        source.endpoint(self.settings).await
    }

    /// Counts bytes that were transferred.
    pub(super) fn count(&self, bytes: u64) {
        self.downloaded.fetch_add(bytes, Ordering::Relaxed);
    }

    /// All bytes that were transferred.
    pub(super) fn downloaded(&self) -> u64 {
        self.downloaded.load(Ordering::Relaxed)
    }
}
