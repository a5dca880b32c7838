//! A manifest with everything below it, read from the source and checked before the first byte is sent.

use crate::error::{RegistryError, Result};
use crate::manifest::{Descriptor, LARGEST_MANIFEST, Manifest, OCI_INDEX};
use crate::sink::ImageSource;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use teu_api::Failure;
use teu_store::Digest;

/// Indexes may list indexes; nobody needs more levels than this.
const DEEPEST: usize = 4;

/// One manifest.
pub(super) struct Node {
    pub(super) digest: Digest,
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
    /// What it refers to.
    pub(super) subject: Option<Digest>,
    artifact_type: Option<String>,
}

impl Node {
    /// An index made here.
    pub(super) fn of_index(bytes: Vec<u8>) -> Self {
        let (digest, media_type) = (Digest::of(&bytes), OCI_INDEX.to_owned());
        Self { digest, media_type, bytes, subject: None, artifact_type: None }
    }

    /// What an index says of it.
    pub(super) fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type.clone(),
            digest: self.digest.clone(),
            size: self.bytes.len() as u64,
            platform: None,
            artifact_type: self.artifact_type.clone(),
            annotations: BTreeMap::new(),
        }
    }
}

/// Manifests, each after those that it lists, and the blobs that they need.
#[derive(Default)]
pub(super) struct Tree {
    below: Vec<Node>,
    root: Option<Node>,
    blobs: Vec<Descriptor>,
    seen: BTreeSet<Digest>,
}

impl Tree {
    /// Reads it from a source.
    pub(super) fn read(source: &dyn ImageSource, root: &Digest) -> Result<Self> {
        let mut tree = Self::default();
        tree.visit(source, root, 0)?;
        tree.root = tree.below.pop();
        Ok(tree)
    }

    pub(super) fn blobs(&self) -> &[Descriptor] {
        &self.blobs
    }

    pub(super) fn children(&self) -> &[Node] {
        &self.below
    }

    /// The manifest that all began with.
    pub(super) fn root(&self) -> &Node {
        // `read` ends with an error unless it has visited the root.
        self.root.as_ref().unwrap_or_else(|| unreachable!("a tree that was read has a root"))
    }

    fn visit(&mut self, source: &dyn ImageSource, digest: &Digest, depth: usize) -> Result<()> {
        if !self.seen.insert(digest.clone()) {
            return Ok(());
        }
        let what = format!("manifest {digest}");
        if depth > DEEPEST {
            return Err(RegistryError::InvalidManifest {
                what,
                detail: "indexes are nested too deep".to_owned(),
            });
        }
        let bytes = read(source, digest, &what)?;
        let (mut subject, mut artifact_type) = (None, None);
        let media_type = match Manifest::parse(&what, None, &bytes)? {
            Manifest::Index(index) => {
                for child in &index.manifests {
                    self.visit(source, &child.digest, depth + 1)?;
                }
                index.media_type
            }
            Manifest::Image(image) => {
                subject = image.subject.map(|subject| subject.digest);
                artifact_type = image.artifact_type;
                for blob in std::iter::once(image.config).chain(image.layers) {
                    if self.seen.insert(blob.digest.clone()) {
                        self.blobs.push(blob);
                    }
                }
                image.media_type
            }
        };
        self.below.push(Node { digest: digest.clone(), media_type, bytes, subject, artifact_type });
        Ok(())
    }
}

fn read(source: &dyn ImageSource, digest: &Digest, what: &str) -> Result<Vec<u8>> {
    let missing = || {
        Failure::not_found(format!("{what} is not in the store")).hint("pull it for all its platforms first")
    };
    let file = source.open_blob(digest)?.ok_or_else(missing)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_MANIFEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::internal(format!("cannot read {what}: {e}")))?;
    let received = Digest::of(&bytes);
    if received != *digest {
        return Err(RegistryError::DigestMismatch {
            what: what.to_owned(),
            expected: digest.clone(),
            received,
        });
    }
    Ok(bytes)
}
