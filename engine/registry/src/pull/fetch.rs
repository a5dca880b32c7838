//! Everything that a manifest names, into the sink.

use super::PullRequest;
use super::blob::{Chain, Job};
use super::context::Context;
use super::download::{small_blob, verify};
use super::resolve::Resolved;
use crate::error::{RegistryError, Result};
use crate::manifest::{Compression, Descriptor, ImageConfig, LARGEST_CONFIG};
use crate::name::Target;
use crate::run::on_thread;
use crate::sink::{BlobStart, FetchedImage};
use futures_util::stream::{FuturesUnordered, TryStreamExt as _};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;
use teu_store::Digest;

/// Fetches layers and configuration, then records the image.
pub(super) async fn fetch(
    context: &Context<'_, '_>,
    request: &PullRequest,
    resolved: Resolved,
) -> Result<FetchedImage> {
    let what = request.reference.to_string();
    let image = &resolved.image;
    if let Some(kind) = image.artifact_type.as_ref().filter(|_| !context.sink.keeps_artifacts()) {
        return Err(RegistryError::Artifact { what, kind: kind.clone() });
    }
    let is_image = image.artifact_type.is_none();
    // The configuration first: without its diff ids no layer can be unpacked, and it is what tells a bad image early.
    let compressions = if is_image { image.compressions(&what)? } else { Vec::new() };
    let config = small_from_any(context, &image.config, &format!("configuration of {what}")).await?;
    let diff_ids =
        if is_image { checked_diff_ids(&what, &config, request, image.layers.len())? } else { Vec::new() };

    let jobs = jobs(&what, &image.layers, &diff_ids, &compressions)?;
    let running: FuturesUnordered<_> = jobs.into_iter().map(|job| Arc::new(job).run(context)).collect();
    running.try_collect::<()>().await?;

    put(context, &image.config.digest, config).await?;
    put(context, &resolved.descriptor.digest, resolved.bytes).await?;
    let tag = match &request.reference.target {
        Target::Tag(tag) => Some(tag.clone()),
        Target::Digest(_) => None,
    };
    let fetched = FetchedImage {
        reference: request.reference.clone(),
        tag,
        digest: resolved.top,
        manifest: resolved.descriptor,
        config: resolved.image.config,
        layers: resolved.image.layers,
        diff_ids,
        artifact_type: resolved.image.artifact_type,
    };
    context.sink.finish(&fetched)?;
    Ok(fetched)
}

/// The diff ids of a configuration that suits manifest and platform.
fn checked_diff_ids(what: &str, config: &[u8], request: &PullRequest, layers: usize) -> Result<Vec<Digest>> {
    let config = ImageConfig::parse(what, config, layers)?;
    // Only a platform that was asked for is insisted on: an image without one may still run.
    if let Some(wanted) = request.platform.as_ref().filter(|wanted| !wanted.runs(&config.platform)) {
        return Err(RegistryError::NoPlatform {
            what: what.to_owned(),
            platform: wanted.to_string(),
            available: config.platform.to_string(),
        });
    }
    Ok(config.diff_ids().to_vec())
}

/// One job per blob: layers that occur twice are fetched once.
fn jobs(
    what: &str,
    layers: &[Descriptor],
    diff_ids: &[Digest],
    compressions: &[Compression],
) -> Result<Vec<Job>> {
    let mut jobs: Vec<Job> = Vec::new();
    let mut known: BTreeMap<&Digest, usize> = BTreeMap::new();
    for (at, layer) in layers.iter().enumerate() {
        let job = *known.entry(&layer.digest).or_insert_with(|| {
            let what = format!("layer {} of {what}", layer.digest.short());
            jobs.push(Job { blob: layer.clone(), what, chains: Vec::new() });
            jobs.len() - 1
        });
        if jobs[job].blob.size != layer.size {
            let detail = format!("layer {} has two lengths", layer.digest.short());
            return Err(RegistryError::InvalidManifest { what: what.to_owned(), detail });
        }
        if let Some(&compression) = compressions.get(at) {
            jobs[job].chains.push(Chain { diff_ids: diff_ids[..=at].to_vec(), compression });
        }
    }
    Ok(jobs)
}

/// A small blob from the sink, or from the first source that has it.
async fn small_from_any(context: &Context<'_, '_>, blob: &Descriptor, what: &str) -> Result<Vec<u8>> {
    if let Some(file) = context.sink.open_blob(&blob.digest)? {
        let mut bytes = Vec::new();
        let read = file.take(LARGEST_CONFIG + 1).read_to_end(&mut bytes);
        // What is here but damaged is fetched again, and its length or digest judged below.
        if read.is_ok() && verify(what, blob, &bytes).is_ok() {
            return Ok(bytes);
        }
    }
    let mut last = RegistryError::Cancelled;
    for source in &context.sources {
        let answer = async {
            small_blob(context.endpoint(source).await?, context.repository, blob, what, LARGEST_CONFIG).await
        };
        match answer.await {
            Ok(bytes) => return Ok(bytes),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Puts bytes into the sink unless they are there.
async fn put(context: &Context<'_, '_>, digest: &Digest, bytes: Vec<u8>) -> Result<()> {
    loop {
        match context.sink.begin_blob(digest)? {
            BlobStart::Present(_) => return Ok(()),
            BlobStart::Busy => tokio::time::sleep(Duration::from_millis(10)).await,
            BlobStart::Write(mut writer) => {
                writer.append(&bytes)?;
                on_thread(context.threads, move || writer.commit()).await??;
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str) -> Descriptor {
        Descriptor {
            media_type: String::new(),
            digest: Digest::of(name.as_bytes()),
            size: 1,
            platform: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }

    #[test]
    fn a_layer_that_occurs_twice_is_one_job_with_two_places() {
        let layers = ["a", "b", "a"].map(layer);
        let diff_ids = ["1", "2", "1"].map(|name| Digest::of(name.as_bytes()));
        let jobs = jobs("x", &layers, &diff_ids, &[Compression::Gzip; 3]).unwrap();
        let places: Vec<Vec<usize>> =
            jobs.iter().map(|job| job.chains.iter().map(|chain| chain.diff_ids.len()).collect()).collect();
        assert_eq!(places, [vec![1, 3], vec![2]]);
    }

    #[test]
    fn a_layer_of_two_lengths_is_refused() {
        let mut layers = ["a", "a"].map(layer);
        layers[1].size = 2;
        assert!(jobs("x", &layers, &[], &[]).is_err());
    }
}
