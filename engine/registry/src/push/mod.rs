//! Pushing: blobs that the registry lacks, then manifests from the innermost out, so that nothing is ever named
//! before it is there.

mod blob;
mod referrers;
mod tree;
mod upload;

use crate::error::{RegistryError, Result};
use crate::http::{Candidate, Endpoint, Scope};
use crate::manifest::LARGEST_MANIFEST;
use crate::name::{Reference, Target};
use crate::progress::{Progress, Reporter};
use crate::run::cancellable;
use crate::settings::Settings;
use crate::sink::ImageSource;
use crate::text::printable;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use teu_store::Digest;
use tree::{Node, Tree};

/// What to push, and where to.
#[derive(Clone, Debug)]
pub struct PushRequest {
    /// The name that it gets on the registry.
    pub reference: Reference,
    /// The manifest in the source: an image's, an artifact's or an index's.
    pub manifest: Digest,
}

/// What was pushed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pushed {
    /// The manifest's digest.
    pub digest: Digest,
    /// The manifest's length in bytes.
    pub size: u64,
    /// Bytes of blobs that were transferred.
    pub uploaded: u64,
}

/// What everything that belongs to one push shares.
struct Context<'a> {
    endpoint: &'a Endpoint,
    request: &'a PushRequest,
    source: &'a dyn ImageSource,
    reporter: &'a Reporter<'a>,
    /// The size of chunks: what is lost by a cut at most.
    chunk: u64,
}

/// Pushes an image, an artifact, or an index with all that it lists. Blocks; must not be called on a thread of an
/// asynchronous runtime.
pub fn push(
    settings: &Settings,
    request: &PushRequest,
    source: &dyn ImageSource,
    progress: &dyn Progress,
) -> Result<Pushed> {
    let tree = Tree::read(source, &request.manifest)?;
    let reporter = Reporter::new(progress);
    cancellable(&reporter, async {
        let candidate = Candidate::only(settings, request.reference.repository.host())?;
        let endpoint = Endpoint::open(settings, &candidate).await?;
        let context = Context {
            endpoint: &endpoint,
            request,
            source,
            reporter: &reporter,
            chunk: settings.upload_chunk.max(1),
        };
        reporter.message(format!("The push refers to repository [{}]", request.reference.repository));
        let uploads = stream::iter(tree.blobs()).map(|blob| blob::ensure(&context, blob));
        let sizes: Vec<u64> = uploads.buffer_unordered(settings.parallel.max(1)).try_collect().await?;
        for node in tree.children() {
            publish(&context, node, &Target::Digest(node.digest.clone())).await?;
        }
        publish(&context, tree.root(), &request.reference.target).await?;
        let root = tree.root();
        Ok(Pushed {
            digest: root.digest.clone(),
            size: root.bytes.len() as u64,
            uploaded: sizes.iter().sum(),
        })
    })
}

/// Puts a manifest in place, and sees to it that it is found from what it refers to.
async fn publish(context: &Context<'_>, node: &Node, target: &Target) -> Result<()> {
    let listed = put_manifest(context, node, target).await?;
    match &node.subject {
        Some(subject) if !listed => referrers::list(context, node, subject).await,
        _ => Ok(()),
    }
}

/// Puts a manifest in place. True when the registry lists it with its subject by itself.
async fn put_manifest(context: &Context<'_>, node: &Node, target: &Target) -> Result<bool> {
    let path = context.request.reference.repository.path();
    let url = context.endpoint.address(&format!("v2/{path}/manifests/{target}"))?;
    let what = format!("manifest {target} of {}", context.request.reference.repository);
    if let Target::Digest(wanted) = target
        && *wanted != node.digest
    {
        return Err(RegistryError::DigestMismatch {
            what,
            expected: wanted.clone(),
            received: node.digest.clone(),
        });
    }
    if node.bytes.len() as u64 > LARGEST_MANIFEST {
        return Err(RegistryError::TooLarge { what, limit: LARGEST_MANIFEST });
    }
    let dress = |request: reqwest::RequestBuilder| {
        request.header(CONTENT_TYPE, &node.media_type).body(node.bytes.clone())
    };
    let response = context.endpoint.patiently(&what, Method::PUT, &url, &Scope::push(path), dress).await?;
    let stored = response.headers().get("docker-content-digest").and_then(|v| v.to_str().ok());
    match stored {
        Some(stored) if stored != node.digest.as_str() => Err(RegistryError::BadAnswer {
            host: context.endpoint.host.clone(),
            what,
            detail: format!("it stored {} instead of {}", printable(stored, 100), node.digest),
        }),
        _ => Ok(response.headers().contains_key("oci-subject")),
    }
}
