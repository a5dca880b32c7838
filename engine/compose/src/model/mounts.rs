//! What is mounted into a service's containers.

use super::record;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

record! {
    /// A mount.
    pub struct VolumeMount {
        /// `bind`, `volume`, `tmpfs`, `image`, `cluster` or `npipe`.
        #[serde(rename = "type")]
        pub kind: String,
        /// A path, a volume's key or an image; empty for an anonymous volume.
        pub source: String,
        /// The path in the container.
        pub target: String,
        /// Whether it is read-only.
        pub read_only: bool,
        /// Consistency.
        pub consistency: String,
        /// What binds have.
        pub bind: Option<MountBind>,
        /// What volumes have.
        pub volume: Option<MountVolume>,
        /// What folders in memory have.
        pub tmpfs: Option<MountTmpfs>,
        /// What images have.
        pub image: Option<MountImage>,
    }
}

/// What a bind mount has.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MountBind {
    /// SELinux relabelling: `z` or `Z`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub selinux: String,
    /// Propagation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub propagation: String,
    /// Whether a missing source is made; `None` for yes.
    #[serde(skip_serializing_if = "is_not_false")]
    pub create_host_path: Option<bool>,
    /// Mounts below: `enabled`, `disabled`, `writable` or `readonly`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub recursive: String,
}

/// Making a missing source is the default.
#[allow(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the serializer hands out references"
)]
fn is_not_false(value: &Option<bool>) -> bool {
    *value != Some(false)
}

record! {
    /// What a volume mount has.
    pub struct MountVolume {
        /// Labels for a new volume.
        pub labels: BTreeMap<String, String>,
        /// Whether a new volume stays empty.
        pub nocopy: bool,
        /// A folder in the volume.
        pub subpath: String,
    }
}

record! {
    /// What a folder in memory has.
    pub struct MountTmpfs {
        /// Size in bytes, in digits.
        pub size: String,
        /// Permission bits.
        pub mode: u32,
    }
}

record! {
    /// What an image mount has.
    pub struct MountImage {
        /// A folder in the image.
        pub subpath: String,
    }
}

record! {
    /// A secret or config, and where it is mounted.
    pub struct FileReference {
        /// Its key in the project.
        pub source: String,
        /// The path in the container.
        pub target: String,
        /// Owner.
        pub uid: String,
        /// Group.
        pub gid: String,
        /// Permission bits in octal digits, `0440`.
        pub mode: Option<String>,
    }
}
