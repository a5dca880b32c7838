//! One blob into the sink, once: from whichever endpoint has it, with unpacking under way meanwhile.

use super::context::Context;
use super::download::Download;
use super::growing::{Follower, Grower, Growing};
use crate::error::{RegistryError, Result};
use crate::manifest::{Compression, Descriptor};
use crate::progress::Reporter;
use crate::run::on_thread;
use crate::sink::{BlobStart, BlobWriter};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use teu_api::progress::TransferPhase;
use teu_store::Digest;

/// How often it is looked whether another process has finished the same blob.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// A blob and what is to be made of it.
pub(super) struct Job {
    pub(super) blob: Descriptor,
    /// Names it in errors.
    pub(super) what: String,
    /// The chains of diff ids that end with this blob: the same layer may stand on several others.
    pub(super) chains: Vec<Chain>,
}

/// A layer's place: its diff id after those of all layers below it.
#[derive(Clone)]
pub(super) struct Chain {
    pub(super) diff_ids: Vec<Digest>,
    pub(super) compression: Compression,
}

impl Job {
    /// Brings the blob in and unpacks it.
    pub(super) async fn run(self: Arc<Self>, context: &Context<'_, '_>) -> Result<()> {
        let mut missing = Vec::new();
        for chain in &self.chains {
            if !context.sink.has_layer(&chain.diff_ids)? {
                missing.push(chain.clone());
            }
        }
        self.report(context.reporter, TransferPhase::Waiting, 0);
        let _turn = context.turns.acquire().await.map_err(|_| RegistryError::Cancelled)?;
        let mut downloaded = false;
        loop {
            match context.sink.begin_blob(&self.blob.digest)? {
                BlobStart::Busy => {
                    self.report(context.reporter, TransferPhase::Waiting, 0);
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                BlobStart::Present(size) if size != self.blob.size => {
                    let (what, expected) = (self.what.clone(), self.blob.size);
                    return Err(RegistryError::LengthMismatch { what, expected, received: size });
                }
                BlobStart::Present(_) => break,
                BlobStart::Write(writer) => {
                    self.fetch(context, writer, missing.first()).await?;
                    downloaded = true;
                    break;
                }
            }
        }
        for chain in missing.iter().skip(usize::from(downloaded)) {
            self.unpack_present(context, chain.clone()).await?;
        }
        let nothing_done = !downloaded && missing.is_empty();
        let phase = if nothing_done { TransferPhase::Exists } else { TransferPhase::Done };
        self.report(context.reporter, phase, self.blob.size);
        Ok(())
    }

    /// Downloads from the first endpoint that has it, falling back to the next when one fails or lies.
    async fn fetch(
        self: &Arc<Self>,
        context: &Context<'_, '_>,
        first: Box<dyn BlobWriter>,
        chain: Option<&Chain>,
    ) -> Result<()> {
        let mut writer = Some(first);
        let mut last = RegistryError::Cancelled;
        for source in &context.sources {
            let fresh = match writer.take() {
                Some(writer) => writer,
                None => match context.sink.begin_blob(&self.blob.digest)? {
                    BlobStart::Write(writer) => writer,
                    // Someone else took over between two tries, and has it or will have it.
                    BlobStart::Present(_) | BlobStart::Busy => return Err(last),
                },
            };
            let attempted = match context.endpoint(source).await {
                Ok(endpoint) => {
                    let (repository, reporter) = (context.repository, context.reporter);
                    let download =
                        Download { endpoint, repository, blob: &self.blob, what: &self.what, reporter };
                    self.attempt(context, &download, fresh, chain).await
                }
                Err(error) => Err(error),
            };
            match attempted {
                Ok(()) => {
                    context.count(self.blob.size);
                    return Ok(());
                }
                Err(error @ (RegistryError::Store(_) | RegistryError::Cancelled)) => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// One download with the unpacking that follows it.
    async fn attempt(
        self: &Arc<Self>,
        context: &Context<'_, '_>,
        download: &Download<'_>,
        mut writer: Box<dyn BlobWriter>,
        chain: Option<&Chain>,
    ) -> Result<()> {
        // Shared with a thread that may outlive this future when it is dropped; the grower's drop then ends it.
        let growing = Arc::new(Growing::default());
        let unpacked = match chain {
            Some(chain) => Some((chain.clone(), writer.reader()?)),
            None => None,
        };
        let unpacked = async {
            match unpacked {
                Some((chain, file)) => self.unpack_growing(context, Arc::clone(&growing), chain, file).await,
                None => Ok(()),
            }
        };
        let received = async {
            let grower = Grower(&growing);
            download.run(&mut *writer, &grower).await?;
            // Written to disk while the unpacking goes on, so that the commit finds little left to do; its errors
            // are the commit's to find.
            let file = writer.reader()?;
            let _ = on_thread(context.threads, move || file.sync_data()).await?;
            Ok(())
        };
        let (received, unpacked) = tokio::join!(received, unpacked);
        match (received, unpacked) {
            // The download ended early because the unpacking had failed.
            (Err(RegistryError::Cancelled), Err(error)) => return Err(error),
            (Err(error), _) | (Ok(()), Err(error)) => return Err(error),
            (Ok(()), Ok(())) => {}
        }
        on_thread(context.threads, move || writer.commit()).await??;
        Ok(())
    }

    /// Unpacks what is still being written.
    async fn unpack_growing(
        self: &Arc<Self>,
        context: &Context<'_, '_>,
        growing: Arc<Growing>,
        chain: Chain,
        file: File,
    ) -> Result<()> {
        let (job, sink, reporter) = (Arc::clone(self), context.sink, context.reporter);
        on_thread(context.threads, move || {
            let on_read = |position| {
                // While bytes still come in, their number is what the user follows.
                if growing.is_whole() {
                    job.report(reporter, TransferPhase::Extracting, position);
                }
                Ok(())
            };
            let mut stream = Follower { growing: &growing, file, position: 0, on_read };
            let outcome = sink.unpack_layer(&chain.diff_ids, chain.compression, &mut stream);
            if outcome.is_err() {
                growing.fail_reader();
            }
            outcome
        })
        .await??;
        Ok(())
    }

    /// Unpacks a blob that is here.
    async fn unpack_present(self: &Arc<Self>, context: &Context<'_, '_>, chain: Chain) -> Result<()> {
        let file = context.sink.open_blob(&self.blob.digest)?.ok_or_else(|| RegistryError::NotFound {
            what: self.what.clone(),
            detail: "it was removed while it was being pulled".to_owned(),
        })?;
        let (job, sink, reporter) = (Arc::clone(self), context.sink, context.reporter);
        let unpacked = on_thread(context.threads, move || {
            let growing = Growing::default();
            let whole = Grower(&growing);
            whole.grew_to(job.blob.size);
            whole.verified();
            let on_read = |position| {
                job.report(reporter, TransferPhase::Extracting, position);
                if reporter.is_cancelled() { Err(io::Error::other("cancelled")) } else { Ok(()) }
            };
            let mut stream = Follower { growing: &growing, file, position: 0, on_read };
            sink.unpack_layer(&chain.diff_ids, chain.compression, &mut stream)
        })
        .await?;
        match unpacked {
            Ok(()) => Ok(()),
            // To the reader its stream seemed to break off.
            Err(_) if context.reporter.is_cancelled() => Err(RegistryError::Cancelled),
            Err(error) => Err(error.into()),
        }
    }

    fn report(&self, reporter: &Reporter<'_>, phase: TransferPhase, current: u64) {
        reporter.part(&self.blob.digest, phase, current, self.blob.size);
    }
}
