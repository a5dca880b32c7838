//! Layers: each unpacked once, by its chain id, and shared by every container that stands on it.

mod chain;
mod decompress;
mod extract;
mod names;
mod pack;
mod tree;
mod unpack;
mod verify;
mod xattrs;

#[cfg(test)]
mod tests;

use crate::error::IoContext as _;
use crate::{Digest, Paths, Result, StoreError};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

pub use chain::{chain_id, chain_ids};
pub use decompress::{Compression, decompress};
pub use pack::{Form, pack};
pub use tree::unpack_tree;
pub use unpack::Limits;
pub use xattrs::is_opaque;

/// The file beside a layer's tree that says what the tree is.
const DESCRIPTION: &str = "layer.json";

/// A layer that is unpacked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnpackedLayer {
    /// What names it: the digest over its own and all lower layers' diff ids.
    pub chain_id: Digest,
    /// The digest of its uncompressed archive.
    pub diff_id: Digest,
    /// Bytes of its files.
    pub size: u64,
    /// Entries of its archive.
    pub entries: u64,
    /// Names in its tree: folders that the archive does not list are there, too.
    #[serde(default)]
    pub files: u64,
}

/// The unpacked layers. A clone is cheap and may go to another thread: layers of one image may be unpacked at the same
/// time and in any order, since each holds its own whiteouts and none looks at another.
#[derive(Clone, Debug)]
pub struct Layers {
    paths: Paths,
}

impl Layers {
    pub(crate) fn new(paths: Paths) -> Self {
        Self { paths }
    }

    /// The file tree of a layer.
    pub fn path(&self, chain_id: &Digest) -> PathBuf {
        self.paths.layer(chain_id.hex())
    }

    /// Whether a layer's root is opaque, so that nothing of the layers below shows. A layer that is missing hides
    /// nothing.
    pub(crate) fn hides_all(&self, chain_id: &Digest) -> Result<bool> {
        let path = self.path(chain_id);
        match std::fs::File::open(&path) {
            Ok(root) => is_opaque(std::os::fd::AsFd::as_fd(&root)).on("read", &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).on("open", &path),
        }
    }

    /// A layer that is unpacked already.
    pub fn get(&self, chain_id: &Digest) -> Result<Option<UnpackedLayer>> {
        let path = self.paths.layers().join(chain_id.hex()).join(DESCRIPTION);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).on("read", &path),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| StoreError::hostile(path.display().to_string(), error.to_string()))
    }
}
