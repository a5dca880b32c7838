//! Running from a read-only clone of the program's own mount, so that no container can write the host's binary.
//!
//! A mount of the program file alone is cloned, detached from every mount namespace and made read-only. A process
//! executed from it has a `/proc/PID/exe` that refuses to be opened for writing (EROFS), whoever asks: a mount that
//! is in no namespace cannot be remounted.

use crate::error::{Result, RuntimeError};
use rustix::fs::CWD;
use rustix::mount::{OpenTreeFlags, open_tree};
use std::os::fd::{AsFd, OwnedFd};
use teu_sys::mount::{MountAttributes, mount_setattr};

/// Read-only flag of `statvfs`.
const ST_RDONLY: u64 = 1;
/// `MOUNT_ATTR_RDONLY`.
const ATTRIBUTE_READ_ONLY: u64 = 1;

/// Whether this process already runs from a read-only mount.
pub fn is_protected() -> bool {
    rustix::fs::statvfs("/proc/self/exe").is_ok_and(|stat| stat.f_flag.bits() & ST_RDONLY != 0)
}

/// A descriptor of this program on a read-only detached mount. Execute `/proc/self/fd/N` to run from it.
pub fn read_only_clone() -> Result<OwnedFd> {
    let fail = |error: rustix::io::Errno| RuntimeError::kernel("clone the mount of", "/proc/self/exe", error);
    let tree =
        open_tree(CWD, c"/proc/self/exe", OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)
            .map_err(fail)?;
    let attributes = MountAttributes { set: ATTRIBUTE_READ_ONLY, ..Default::default() };
    mount_setattr(tree.as_fd(), attributes, false, None)
        .map_err(|error| RuntimeError::kernel("make read-only", "/proc/self/exe", error))?;
    Ok(tree)
}
