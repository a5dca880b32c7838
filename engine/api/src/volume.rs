//! Volumes as listings show them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A volume at one moment, owned and complete.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeSnapshot {
    /// Its name.
    pub name: String,
    /// Its driver, `local`.
    pub driver: String,
    /// Where its files are on the host.
    pub mountpoint: String,
    /// When it was made: nanoseconds since the Unix epoch; 0 when not known.
    pub created_at: i64,
    /// Bytes in use; `None` when nobody has counted.
    pub size: Option<u64>,
    /// Names of the containers that mount it.
    pub containers: Vec<String>,
    /// Whether it was made for one container alone.
    pub anonymous: bool,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}
