//! The part of an image's configuration that pulling needs.

use super::Platform;
use crate::error::{RegistryError, Result};
use crate::text::printable;
use serde::Deserialize;
use teu_store::Digest;

/// Platform and diff ids of an image.
#[derive(Deserialize)]
pub(crate) struct ImageConfig {
    #[serde(flatten)]
    pub(crate) platform: Platform,
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Option<Vec<Digest>>,
}

impl ImageConfig {
    /// Reads a configuration that must describe so many layers.
    pub(crate) fn parse(what: &str, bytes: &[u8], layers: usize) -> Result<Self> {
        let invalid = |detail: String| RegistryError::InvalidManifest {
            what: format!("configuration of {what}"),
            detail,
        };
        let config: Self =
            serde_json::from_slice(bytes).map_err(|e| invalid(printable(&e.to_string(), 200)))?;
        let described = config.diff_ids().len();
        if described != layers {
            return Err(invalid(format!("it describes {described} layers, the manifest {layers}")));
        }
        Ok(config)
    }

    /// The digests of the unpacked layers, lowest first.
    pub(crate) fn diff_ids(&self) -> &[Digest] {
        self.rootfs.diff_ids.as_deref().unwrap_or_default()
    }
}
