//! Images as listings show them.

use serde::{Deserialize, Serialize};

/// One image as listed: one row per tag, or one row without a tag for a dangling image.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImageSnapshot {
    /// The image's id: `sha256:` and the digest of its configuration, as Docker counts it.
    pub id: String,
    /// The manifest's digest, `sha256:…`.
    pub manifest_digest: String,
    /// `repository:tag` in familiar form (`alpine:3.20`, `demo/web:latest`); none for a dangling image.
    pub tags: Vec<String>,
    /// When it was made: nanoseconds since the Unix epoch; `None` when the image does not say.
    pub created_at: Option<i64>,
    /// Unpacked bytes of all its layers.
    pub size: u64,
    /// Those of them that no other image has.
    pub unique: u64,
    /// Containers that use it.
    pub containers: u32,
    /// Its labels.
    pub labels: std::collections::BTreeMap<String, String>,
}
