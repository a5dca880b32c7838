//! Manifests and configurations, read with suspicion: only what the store needs, and nothing taken on trust.

use crate::{Digest, Result, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most layers an image may have: what overlayfs takes.
const MOST_LAYERS: usize = 500;

/// A blob as a manifest names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it claims to be.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// An image manifest: OCI's, or Docker's version 2 schema 2.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// The media type, where the manifest says it itself.
    #[serde(default)]
    pub media_type: String,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, lowest first.
    #[serde(default)]
    pub layers: Vec<Descriptor>,
}

/// The manifest's media type where it does not say it.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The configuration's media type.
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

impl Manifest {
    /// Reads a manifest.
    pub fn parse(digest: &Digest, bytes: &[u8]) -> Result<Self> {
        let what = || format!("manifest {}", digest.short());
        let mut manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| StoreError::hostile(what(), error.to_string()))?;
        if manifest.schema_version != 2 {
            return Err(StoreError::hostile(what(), "its schema version is not 2"));
        }
        if manifest.layers.len() > MOST_LAYERS {
            return Err(StoreError::hostile(what(), format!("has more than {MOST_LAYERS} layers")));
        }
        if manifest.media_type.is_empty() {
            OCI_MANIFEST.clone_into(&mut manifest.media_type);
        }
        Ok(manifest)
    }
}

/// What the store needs of a configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// The layers' diff ids, lowest first.
    pub diff_ids: Vec<Digest>,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: Option<i64>,
    /// The processor architecture, in Go's words.
    pub architecture: String,
    /// The operating system.
    pub os: String,
    /// The architecture's variant.
    pub variant: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl Summary {
    /// Reads a configuration.
    pub fn parse(digest: &Digest, bytes: &[u8]) -> Result<Self> {
        let what = || format!("image configuration {}", digest.short());
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| StoreError::hostile(what(), error.to_string()))?;
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let mut diff_ids = Vec::new();
        for diff_id in value["rootfs"]["diff_ids"].as_array().into_iter().flatten() {
            diff_ids.push(Digest::parse(diff_id.as_str().unwrap_or_default())?);
        }
        let created = value["created"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let labels = value["config"]["Labels"].as_object().into_iter().flatten();
        Ok(Self {
            diff_ids,
            // The zero time of Go stands for "not known".
            created_at: created
                .map(|at| at.as_nanosecond() as i64)
                .filter(|at| *at > i64::MIN / 2 && created.is_some_and(|c| c.as_second() > -62_135_596_800)),
            architecture: text("architecture"),
            os: text("os"),
            variant: text("variant"),
            labels: labels
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
        })
    }
}
