//! Mount entries: type, source and options become attributes, propagation and file system parameters.

use super::namespace::{MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE, id_map};
use super::{c_path, c_string, clean};
use crate::error::{Result, RuntimeError};
use oci_spec::runtime::Mount;
use std::ffi::CString;
use std::path::PathBuf;
use teu_sys::mount::MountAttributes;

/// `MOUNT_ATTR_*` of `<linux/mount.h>`.
pub(crate) const READ_ONLY: u64 = 0x1;
const NO_SUID: u64 = 0x2;
const NO_DEVICES: u64 = 0x4;
const NO_EXEC: u64 = 0x8;
const ATIME_MASK: u64 = 0x70;
const NO_ATIME: u64 = 0x10;
const STRICT_ATIME: u64 = 0x20;
const NO_DIR_ATIME: u64 = 0x80;
const NO_SYMLINK_FOLLOW: u64 = 0x20_0000;

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountKind {
    /// A file system made for this container.
    Filesystem {
        /// Its type.
        fstype: CString,
        /// Its source, as shown in mountinfo.
        source: CString,
        /// Parameters: a value, or a flag without one.
        parameters: Vec<(CString, Option<CString>)>,
    },
    /// A part of the host's tree.
    Bind {
        /// The host's path.
        source: PathBuf,
        /// With the mounts below it.
        recursive: bool,
    },
    /// The container's view of its cgroups, in whatever version the host has.
    Cgroup {
        /// With systemd's own hierarchy, which the container may write to whatever the attributes say: `name=systemd`.
        for_systemd: bool,
    },
}

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountStep {
    /// Where, below the root.
    pub destination: CString,
    /// What.
    pub kind: MountKind,
    /// Attributes of the mount itself.
    pub attributes: MountAttributes,
    /// Attributes of it and all mounts below (`rro`, `rnosuid`, …).
    pub recursive_attributes: MountAttributes,
    /// Propagation changes, each with whether it is recursive.
    pub propagation: Vec<(u64, bool)>,
    /// Make it read-only only when everything below it has been made.
    pub late_read_only: bool,
    /// Copy what the image has there into the new file system.
    pub copy_up: bool,
    /// Ids are shifted by these `uid_map` and `gid_map` lines; empty lines mean the container's own mapping.
    pub id_map: Option<IdMap>,
}

impl MountStep {
    /// Whether what is mounted below it is to be seen by the host as well.
    pub(crate) fn is_shared(&self) -> bool {
        self.propagation.iter().any(|(propagation, _)| *propagation == MS_SHARED)
    }
}

/// Lines of an id-mapped mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdMap {
    /// `uid_map` lines.
    pub uid: String,
    /// `gid_map` lines.
    pub gid: String,
    /// Also for the mounts below.
    pub recursive: bool,
}

pub(super) fn read_all(mounts: &[Mount]) -> Result<Vec<MountStep>> {
    mounts.iter().map(read).collect()
}

/// A flag option: bits to set, bits to clear.
fn flag(name: &str) -> Option<(u64, u64)> {
    Some(match name {
        "ro" => (READ_ONLY, 0),
        "rw" => (0, READ_ONLY),
        "nosuid" => (NO_SUID, 0),
        "suid" => (0, NO_SUID),
        "nodev" => (NO_DEVICES, 0),
        "dev" => (0, NO_DEVICES),
        "noexec" => (NO_EXEC, 0),
        "exec" => (0, NO_EXEC),
        "noatime" => (NO_ATIME, ATIME_MASK),
        "strictatime" => (STRICT_ATIME, ATIME_MASK),
        "relatime" | "atime" | "norelatime" | "nostrictatime" => (0, ATIME_MASK),
        "nodiratime" => (NO_DIR_ATIME, 0),
        "diratime" => (0, NO_DIR_ATIME),
        "nosymfollow" => (NO_SYMLINK_FOLLOW, 0),
        "symfollow" => (0, NO_SYMLINK_FOLLOW),
        _ => return None,
    })
}

fn apply(attributes: &mut MountAttributes, (set, clear): (u64, u64)) {
    attributes.set = (attributes.set & !clear) | set;
    attributes.clear = (attributes.clear & !(set & !ATIME_MASK)) | clear;
}

/// File systems whose superblock is shared or virtual: read-only is an attribute of the mount alone.
fn is_virtual(fstype: &str) -> bool {
    matches!(
        fstype,
        "proc" | "sysfs" | "tmpfs" | "devpts" | "mqueue" | "cgroup" | "cgroup2" | "ramfs" | "devtmpfs"
    )
}

fn read(mount: &Mount) -> Result<MountStep> {
    let destination = clean(mount.destination());
    let field = format!("mounts {}", destination.display());
    let fstype = mount.typ().as_deref().unwrap_or("");
    let mut step = MountStep {
        destination: c_path(&destination, &field)?,
        kind: MountKind::Cgroup { for_systemd: false },
        attributes: MountAttributes::default(),
        recursive_attributes: MountAttributes::default(),
        propagation: Vec::new(),
        late_read_only: false,
        copy_up: false,
        id_map: None,
    };
    let mut bind = fstype == "bind";
    let mut recursive = false;
    let mut parameters = Vec::new();
    let mut shift = None;
    for option in mount.options().iter().flatten() {
        let name = option.as_str();
        if let Some(change) = flag(name) {
            apply(&mut step.attributes, change);
        } else if let Some(change) = name.strip_prefix('r').and_then(flag) {
            apply(&mut step.recursive_attributes, change);
        } else {
            match name {
                "bind" => bind = true,
                "rbind" => (bind, recursive) = (true, true),
                "private" => step.propagation.push((MS_PRIVATE, false)),
                "rprivate" => step.propagation.push((MS_PRIVATE, true)),
                "slave" => step.propagation.push((MS_SLAVE, false)),
                "rslave" => step.propagation.push((MS_SLAVE, true)),
                "shared" => step.propagation.push((MS_SHARED, false)),
                "rshared" => step.propagation.push((MS_SHARED, true)),
                "unbindable" => step.propagation.push((MS_UNBINDABLE, false)),
                "runbindable" => step.propagation.push((MS_UNBINDABLE, true)),
                "tmpcopyup" => step.copy_up = true,
                "idmap" => shift = Some(false),
                "ridmap" => shift = Some(true),
                "defaults" | "remount" | "" | "nocopy" | "copy" | "z" | "Z" | "loud" | "nomand" | "async" => {
                }
                // Flags of the superblock have parameters of the same names.
                _ => {
                    let (key, value) = match name.split_once('=') {
                        Some((key, value)) => (key, Some(c_string(value.as_bytes(), &field)?)),
                        None => (name, None),
                    };
                    parameters.push((c_string(key.as_bytes(), &field)?, value));
                }
            }
        }
    }
    let maps = |list: &Option<Vec<_>>| id_map(list.as_deref().unwrap_or_default());
    if shift.is_some() || mount.uid_mappings().is_some() || mount.gid_mappings().is_some() {
        step.id_map = Some(IdMap {
            uid: maps(mount.uid_mappings()),
            gid: maps(mount.gid_mappings()),
            recursive: shift == Some(true),
        });
    }
    let read_only = step.attributes.set & READ_ONLY != 0;
    if bind {
        let source =
            mount.source().clone().ok_or_else(|| RuntimeError::invalid(&*field, "a bind needs a source"))?;
        step.kind = MountKind::Bind { source, recursive };
    } else if fstype == "cgroup" {
        let for_systemd = parameters
            .iter()
            .any(|(key, value)| key.as_c_str() == c"name" && value.as_deref() == Some(c"systemd"));
        step.kind = MountKind::Cgroup { for_systemd };
    } else {
        if read_only && fstype == "tmpfs" {
            step.attributes.set &= !READ_ONLY;
            step.late_read_only = true;
        }
        if read_only && !is_virtual(fstype) {
            parameters.push((c"ro".into(), None));
        }
        let source = mount.source().as_ref().map_or_else(|| fstype.into(), |s| s.as_os_str().to_owned());
        step.kind = MountKind::Filesystem {
            fstype: c_string(fstype.as_bytes(), &field)?,
            source: c_string(source.as_encoded_bytes(), &field)?,
            parameters,
        };
    }
    Ok(step)
}
