//! Namespaces and root propagation.

use crate::error::{Result, RuntimeError};
use oci_spec::runtime::{Linux, LinuxIdMapping, LinuxNamespaceType};
use std::fmt::Write;
use std::path::PathBuf;

/// `MS_UNBINDABLE`, `MS_PRIVATE`, `MS_SLAVE`, `MS_SHARED`, `MS_REC` of `<linux/mount.h>`.
pub(crate) const MS_REC: u64 = 1 << 14;
pub(crate) const MS_UNBINDABLE: u64 = 1 << 17;
pub(crate) const MS_PRIVATE: u64 = 1 << 18;
pub(crate) const MS_SLAVE: u64 = 1 << 19;
pub(crate) const MS_SHARED: u64 = 1 << 20;

/// An existing namespace to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The `CLONE_NEW*` flag of its kind.
    pub kind: u64,
    /// A namespace file.
    pub path: PathBuf,
}

/// Namespaces of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    /// `CLONE_NEW*` flags for the clone itself: all new ones but cgroup and time.
    pub clone_flags: u64,
    /// Existing ones to join, user namespace first.
    pub joins: Vec<Join>,
    /// A new mount namespace.
    pub new_mount: bool,
    /// A new cgroup namespace: unshared once the child is in its cgroups, which become its root.
    pub new_cgroup: bool,
    /// A new time namespace: unshared, as its offsets must be written before a process enters it.
    pub new_time: bool,
    /// A new user namespace.
    pub new_user: bool,
    /// A user namespace other than the caller's, new or joined.
    pub has_user: bool,
    /// Lines for `uid_map`.
    pub uid_map: String,
    /// Lines for `gid_map`.
    pub gid_map: String,
    /// Lines for `timens_offsets`.
    pub time_offsets: String,
}

impl Namespaces {
    /// Whether the parent writes the time offsets: the file belongs to the host's root, which the child is not in a
    /// user namespace.
    pub(crate) fn parent_sets_time(&self) -> bool {
        self.new_time && self.has_user && !self.time_offsets.is_empty()
    }

    /// Whether a namespace of this kind is new or joined.
    pub fn isolates(&self, kind: LinuxNamespaceType) -> bool {
        let flag = kind as u64;
        self.clone_flags & flag != 0
            || self.joins.iter().any(|join| join.kind == flag)
            || (kind == LinuxNamespaceType::Cgroup && self.new_cgroup)
            || (kind == LinuxNamespaceType::Time && self.new_time)
    }
}

pub(super) fn read(linux: &Linux) -> Result<Namespaces> {
    let mut namespaces = Namespaces::default();
    for namespace in linux.namespaces().as_deref().unwrap_or_default() {
        let kind = namespace.typ();
        let flag = kind as u64;
        if namespaces.isolates(kind) {
            return Err(RuntimeError::invalid("linux.namespaces", format!("{kind} is listed twice")));
        }
        if let Some(path) = namespace.path().as_ref().filter(|path| !path.as_os_str().is_empty()) {
            if !path.is_absolute() {
                return Err(RuntimeError::invalid(
                    "linux.namespaces",
                    format!("the path of {kind} is not absolute"),
                ));
            }
            namespaces.joins.push(Join { kind: flag, path: path.clone() });
            namespaces.has_user |= kind == LinuxNamespaceType::User;
            continue;
        }
        match kind {
            LinuxNamespaceType::Cgroup => namespaces.new_cgroup = true,
            LinuxNamespaceType::Time => namespaces.new_time = true,
            _ => namespaces.clone_flags |= flag,
        }
        namespaces.new_mount |= kind == LinuxNamespaceType::Mount;
        if kind == LinuxNamespaceType::User {
            namespaces.new_user = true;
            namespaces.has_user = true;
        }
    }
    // Rights over the other namespaces come from the user namespace, so that one is joined first.
    namespaces.joins.sort_by_key(|join| join.kind != LinuxNamespaceType::User as u64);
    if namespaces.new_user {
        namespaces.uid_map = id_map(linux.uid_mappings().as_deref().unwrap_or_default());
        namespaces.gid_map = id_map(linux.gid_mappings().as_deref().unwrap_or_default());
    }
    if let Some(offsets) = linux.time_offsets() {
        let mut clocks: Vec<_> = offsets.iter().collect();
        clocks.sort_by_key(|(clock, _)| clock.as_str());
        for (clock, offset) in clocks {
            let (seconds, nanoseconds) = (offset.secs().unwrap_or(0), offset.nanosecs().unwrap_or(0));
            let _ = writeln!(namespaces.time_offsets, "{clock} {seconds} {nanoseconds}");
        }
    }
    Ok(namespaces)
}

pub(crate) fn id_map(mappings: &[LinuxIdMapping]) -> String {
    mappings.iter().fold(String::new(), |mut text, map| {
        let _ = writeln!(text, "{} {} {}", map.container_id(), map.host_id(), map.size());
        text
    })
}

/// The propagation of the tree before mounting, and that of the finished root.
///
/// Before mounting the tree is a slave of the host's by default, so that nothing propagates back.
pub(super) fn propagation(wanted: Option<&str>) -> Result<(u64, Option<u64>)> {
    Ok(match wanted.unwrap_or_default() {
        "" => (MS_SLAVE | MS_REC, None),
        "private" | "rprivate" => (MS_PRIVATE | MS_REC, None),
        "slave" | "rslave" => (MS_SLAVE | MS_REC, Some(MS_SLAVE)),
        // Shared with its own peers only: the tree is cut off the host's as private first.
        "shared" | "rshared" => (MS_SLAVE | MS_REC, Some(MS_SHARED)),
        "unbindable" | "runbindable" => (MS_PRIVATE | MS_REC, Some(MS_UNBINDABLE)),
        other => return Err(RuntimeError::invalid("linux.rootfsPropagation", format!("{other} is unknown"))),
    })
}
