//! Listing a pushed artifact with what it refers to, on registries that do not do so themselves: the specification's
//! index under a tag made from the subject's digest. Two clients that do this at once may lose one entry; the
//! specification knows, and has nothing better for such registries.

use super::tree::Node;
use super::{Context, put_manifest};
use crate::error::{RegistryError, Result};
use crate::manifest::{Descriptor, Manifest, OCI_INDEX};
use crate::remote::{Received, manifest};
use serde_json::json;
use teu_store::Digest;

/// Adds a manifest to the index of its subject's referrers.
pub(super) async fn list(context: &Context<'_>, node: &Node, subject: &Digest) -> Result<()> {
    let reference = context.request.reference.repository.with_tag(&format!("sha256-{}", subject.hex()))?;
    let mut entries: Vec<Descriptor> = match manifest(context.endpoint, &reference).await {
        Ok(Received { manifest: Manifest::Index(index), .. }) => index.manifests,
        Ok(_) | Err(RegistryError::NotFound { .. }) => Vec::new(),
        Err(other) => return Err(other),
    };
    if entries.iter().any(|entry| entry.digest == node.digest) {
        return Ok(());
    }
    entries.push(node.descriptor());
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries });
    let index = Node::of_index(index.to_string().into_bytes());
    put_manifest(context, &index, &reference.target).await.map(drop)
}
