//! User namespaces: their maps, and throw-away ones that carry the mapping of an id-mapped mount.

use super::bear::reap;
use crate::error::{Result, RuntimeError, shown};
use crate::plan::Namespaces;
use oci_spec::runtime::LinuxNamespaceType;
use rustix::fs::{Mode, OFlags};
use std::os::fd::OwnedFd;
use teu_sys::process::{CloneRequest, clone_child};

/// Writes the maps of a process in a new user namespace.
pub(super) fn write(pid: i32, uid: &str, gid: &str) -> Result<()> {
    let write = |file: &str, text: &str| std::fs::write(format!("/proc/{pid}/{file}"), text);
    if let Err(error) = write("gid_map", gid) {
        // Without privileges a gid map may be written only once setgroups is given up.
        if error.raw_os_error() != Some(1) {
            return Err(RuntimeError::kernel("write", "the gid map", error));
        }
        write("setgroups", "deny").map_err(|error| RuntimeError::kernel("deny", "setgroups", error))?;
        write("gid_map", gid).map_err(|error| RuntimeError::kernel("write", "the gid map", error))?;
    }
    write("uid_map", uid).map_err(|error| RuntimeError::kernel("write", "the uid map", error))
}

/// A user namespace with the given lines, or with those of the container where they are empty: the very one that the
/// container joins, if it does.
pub(super) fn user_namespace(map: &crate::plan::IdMap, container: &Namespaces) -> Result<OwnedFd> {
    let kind = LinuxNamespaceType::User as u64;
    if let Some(join) = container.joins.iter().find(|join| join.kind == kind)
        && map.uid.is_empty()
        && map.gid.is_empty()
    {
        return rustix::fs::open(&join.path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| RuntimeError::kernel("open namespace", shown(&join.path), error));
    }
    let (uid, gid) = if map.uid.is_empty() && map.gid.is_empty() {
        (&container.uid_map, &container.gid_map)
    } else {
        (&map.uid, &map.gid)
    };
    if uid.is_empty() || gid.is_empty() {
        return Err(RuntimeError::invalid("mounts", "an id-mapped mount needs uid and gid mappings"));
    }
    let request = CloneRequest { flags: LinuxNamespaceType::User as u64, into_cgroup: None };
    // The process only holds the namespace until its file is open.
    let holder = clone_child(&request, || {
        loop {
            rustix::thread::sched_yield();
            let pause = rustix::thread::Timespec { tv_sec: 3600, tv_nsec: 0 };
            let _ = rustix::thread::nanosleep(&pause);
        }
    })
    .map_err(|error| RuntimeError::kernel("make", "a user namespace", error))?;
    let result = write(holder.pid, uid, gid).and_then(|()| {
        rustix::fs::open(
            format!("/proc/{}/ns/user", holder.pid),
            OFlags::RDONLY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .map_err(|error| RuntimeError::kernel("open", "a user namespace", error))
    });
    reap(&holder);
    result
}
