//! Mounts that a user asks for.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a mount's content comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
    /// A host path.
    #[default]
    Bind,
    /// A named or anonymous volume.
    Volume,
    /// Memory.
    Tmpfs,
}

/// One mount.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MountSpec {
    /// Where its content comes from.
    pub kind: MountKind,
    /// An absolute host path, or a volume's name; empty for tmpfs and for an anonymous volume not yet named.
    pub source: String,
    /// The absolute path in the container.
    pub target: String,
    /// Whether it is read-only.
    pub read_only: bool,
    /// Bind: `private`, `rprivate`, `shared`, `rshared`, `slave` or `rslave`; empty for `rprivate`.
    pub propagation: String,
    /// Bind: whether mounts below the source stay behind.
    pub non_recursive: bool,
    /// Bind: whether mounts below a read-only source stay writable.
    pub writable_below: bool,
    /// Bind: whether a missing source folder is made (`-v` does, `--mount` does not).
    pub create_source: bool,
    /// Volume: whether a new volume is left empty instead of taking the image's content.
    pub no_copy: bool,
    /// Volume: a folder inside the volume to mount instead of its root.
    pub subpath: String,
    /// Volume: its driver; empty for `local`.
    pub driver: String,
    /// Volume: options for its driver when it is made.
    pub driver_options: BTreeMap<String, String>,
    /// Volume: labels for it when it is made.
    pub labels: BTreeMap<String, String>,
    /// Volume: whether it was made for this container alone and goes with it.
    pub anonymous: bool,
    /// Tmpfs: size in bytes; 0 for no limit.
    pub tmpfs_size: u64,
    /// Tmpfs: permission bits; 0 for 1777.
    pub tmpfs_mode: u32,
    /// Further mount options as written (`--tmpfs /x:rw,noexec`).
    pub options: Vec<String>,
}
