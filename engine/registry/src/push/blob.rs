//! One blob on the registry: found there, taken over from another repository, or uploaded.

use super::Context;
use super::upload::Upload;
use crate::error::{RegistryError, Result};
use crate::http::Scope;
use crate::manifest::Descriptor;
use crate::name::Repository;
use reqwest::{Method, StatusCode, Url};
use std::sync::Arc;
use teu_api::Failure;
use teu_api::progress::TransferPhase;

/// How many repositories a registry is asked to take a blob from before it is uploaded.
const MOUNT_TRIES: usize = 3;

/// Makes sure that the registry has a blob. Returns how many bytes that took.
pub(super) async fn ensure(context: &Context<'_>, blob: &Descriptor) -> Result<u64> {
    let report = |phase, current| context.reporter.part(&blob.digest, phase, current, blob.size);
    let repository = &context.request.reference.repository;
    let what = format!("blob {} of {repository}", blob.digest.short());
    report(TransferPhase::Waiting, 0);
    if exists(context, blob, &what).await? {
        report(TransferPhase::Exists, blob.size);
        return Ok(0);
    }
    let mut session = None;
    for other in others(context, blob) {
        match mount(context, blob, &other, &what).await? {
            Mount::Done => {
                report(TransferPhase::Mounted, blob.size);
                return Ok(0);
            }
            Mount::Session(location) => {
                session = Some(location);
                break;
            }
            Mount::Refused => {}
        }
    }
    let missing = || Failure::not_found(format!("{what} is not in the store"));
    let file = context.source.open_blob(&blob.digest)?.ok_or_else(missing)?;
    let length = file.metadata().map_err(|e| Failure::internal(format!("cannot read {what}: {e}")))?.len();
    if length != blob.size {
        return Err(RegistryError::LengthMismatch { what, expected: blob.size, received: length });
    }
    Upload { context, blob, what: &what, file: &file, passed: Arc::default() }.run(session).await?;
    report(TransferPhase::Done, blob.size);
    Ok(blob.size)
}

async fn exists(context: &Context<'_>, blob: &Descriptor, what: &str) -> Result<bool> {
    let path = context.request.reference.repository.path();
    let url = context.endpoint.address(&format!("v2/{path}/blobs/{}", blob.digest))?;
    match context.endpoint.patiently(what, Method::HEAD, &url, &Scope::push(path), |request| request).await {
        Ok(_) => Ok(true),
        Err(RegistryError::NotFound { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Repositories of the same registry that may have the blob.
fn others(context: &Context<'_>, blob: &Descriptor) -> Vec<Repository> {
    let ours = &context.request.reference.repository;
    let mut others = context.source.repositories_with(&blob.digest);
    others.retain(|other| other.host() == ours.host() && other.path() != ours.path());
    others.truncate(MOUNT_TRIES);
    others
}

enum Mount {
    Done,
    /// The registry does not take it over, and has opened an upload instead.
    Session(Url),
    Refused,
}

async fn mount(context: &Context<'_>, blob: &Descriptor, from: &Repository, what: &str) -> Result<Mount> {
    let path = context.request.reference.repository.path();
    let mut url = context.endpoint.address(&format!("v2/{path}/blobs/uploads/"))?;
    url.query_pairs_mut().append_pair("mount", blob.digest.as_str()).append_pair("from", from.path());
    let scope = Scope::push(path).and(&Scope::pull(from.path()));
    match context.endpoint.patiently(what, Method::POST, &url, &scope, |request| request).await {
        Ok(response) if response.status() == StatusCode::CREATED => Ok(Mount::Done),
        Ok(response) => context.endpoint.located(what, &url, &response).map(Mount::Session),
        // We may not read the other repository, or it is gone: that only means that the bytes must be sent.
        Err(RegistryError::Denied { .. } | RegistryError::NotFound { .. } | RegistryError::Status { .. }) => {
            Ok(Mount::Refused)
        }
        Err(other) => Err(other),
    }
}
