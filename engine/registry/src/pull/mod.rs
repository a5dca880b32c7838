//! Pulling: manifest, configuration and layers into a sink; download, check, unpacking and writing overlap.

mod blob;
mod context;
mod download;
mod fetch;
mod growing;
mod resolve;

use crate::error::{RegistryError, Result};
use crate::http::Candidate;
use crate::manifest::Platform;
use crate::name::{Reference, Repository};
use crate::progress::{Progress, Reporter};
use crate::run::cancellable;
use crate::settings::Settings;
use crate::sink::{FetchedImage, ImageSink};
use context::{Context, Source};
use resolve::{Resolved, resolve};
use std::thread::Scope;

/// What to pull.
#[derive(Clone, Debug)]
pub struct PullRequest {
    /// Which image or artifact.
    pub reference: Reference,
    /// For which platform; this host's when it is not said.
    pub platform: Option<Platform>,
}

/// What was pulled.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// The image, as the sink has recorded it.
    pub image: FetchedImage,
    /// Bytes of layers that were transferred; 0 when everything was here.
    pub downloaded: u64,
}

/// Pulls an image or an artifact into a sink. Blocks; must not be called on a thread of an asynchronous runtime.
pub fn pull(
    settings: &Settings,
    request: &PullRequest,
    sink: &dyn ImageSink,
    progress: &dyn Progress,
) -> Result<Pulled> {
    let reporter = Reporter::new(progress);
    // Whatever thread a cancelled pull leaves behind is waited for here, so nothing writes once this has returned.
    std::thread::scope(|threads| {
        cancellable(&reporter, pull_into(settings, request, sink, &reporter, threads))
    })
}

/// Pulls every tag of a repository, in the registry's order.
pub fn pull_all_tags(
    settings: &Settings,
    repository: &Repository,
    platform: Option<&Platform>,
    sink: &dyn ImageSink,
    progress: &dyn Progress,
) -> Result<Vec<Pulled>> {
    let tags = crate::list::tags(settings, repository)?;
    if tags.is_empty() {
        return Err(RegistryError::NotFound {
            what: repository.to_string(),
            detail: "it has no tags".to_owned(),
        });
    }
    tags.iter()
        .map(|tag| {
            let request = PullRequest { reference: repository.with_tag(tag)?, platform: platform.cloned() };
            pull(settings, &request, sink, progress)
        })
        .collect()
}

async fn pull_into<'scope, 'env>(
    settings: &'env Settings,
    request: &'env PullRequest,
    sink: &'env dyn ImageSink,
    reporter: &'env Reporter<'env>,
    threads: &'scope Scope<'scope, 'env>,
) -> Result<Pulled> {
    let reference = &request.reference;
    let repository = &reference.repository;
    reporter.message(format!("{}: Pulling from {}", reference.target, repository.path()));
    let candidates = Candidate::all(settings, repository.host())?;
    let mut sources: Vec<Source> = candidates.into_iter().map(Source::new).collect();
    let (from, resolved) = first_answer(settings, &sources, request).await?;
    sources.drain(..from);
    let context = Context::new(settings, sink, reporter, threads, repository, sources);
    let image = fetch::fetch(&context, request, resolved).await?;
    Ok(Pulled { image, downloaded: context.downloaded() })
}

/// Asks one source after the other; what the last of them, the registry itself, says counts.
async fn first_answer(
    settings: &Settings,
    sources: &[Source],
    request: &PullRequest,
) -> Result<(usize, Resolved)> {
    let platform = request.platform.clone().unwrap_or_else(Platform::host);
    let mut last = RegistryError::Cancelled;
    for (at, source) in sources.iter().enumerate() {
        let answer = async { resolve(source.endpoint(settings).await?, &request.reference, &platform).await };
        match answer.await {
            Ok(resolved) => return Ok((at, resolved)),
            Err(error) => last = error,
        }
    }
    Err(last)
}
