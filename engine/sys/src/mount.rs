//! Attributes of mounts (`mount_setattr`) and old-style propagation changes.

use crate::check;
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Attributes to set and clear on a mount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MountAttributes {
    /// `MOUNT_ATTR_*` bits to set.
    pub set: u64,
    /// `MOUNT_ATTR_*` bits to clear.
    pub clear: u64,
    /// One of `MS_SHARED`, `MS_SLAVE`, `MS_PRIVATE`, `MS_UNBINDABLE`, or 0.
    pub propagation: u64,
}

/// Most attempts to make a mount read-only, and milliseconds between them.
const ATTEMPTS: u32 = 50;
const PAUSE: u64 = 2;

/// Changes the mount behind a descriptor, and with `recursive` all mounts below it.
///
/// A mount that is being written through cannot become read-only (EBUSY), and a moment is enough: that a program's file
/// was read is such a write. So that is tried for a tenth of a second. Allocates nothing.
pub fn mount_setattr(
    mount: BorrowedFd<'_>,
    attributes: MountAttributes,
    recursive: bool,
    user_namespace: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    for _ in 1..ATTEMPTS {
        match mount_setattr_once(mount, attributes, recursive, user_namespace) {
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {
                std::thread::sleep(std::time::Duration::from_millis(PAUSE));
            }
            result => return result,
        }
    }
    mount_setattr_once(mount, attributes, recursive, user_namespace)
}

fn mount_setattr_once(
    mount: BorrowedFd<'_>,
    attributes: MountAttributes,
    recursive: bool,
    user_namespace: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let mut raw = libc::mount_attr {
        attr_set: attributes.set,
        attr_clr: attributes.clear,
        propagation: attributes.propagation,
        userns_fd: user_namespace.map_or(0, |fd| fd.as_raw_fd() as u64),
    };
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is an empty C string and `raw` lives through the call with the size that is passed.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw mut raw,
            size_of::<libc::mount_attr>(),
        )
    })?;
    Ok(())
}

/// Changes the propagation of a mount by path: `MS_SLAVE | MS_REC` and the like.
pub fn change_propagation(path: &CStr, flags: u64) -> io::Result<()> {
    // SAFETY: the path is a C string; source, type and data are ignored for propagation changes and may be null.
    check(i64::from(unsafe {
        libc::mount(std::ptr::null(), path.as_ptr(), std::ptr::null(), flags, std::ptr::null())
    }))?;
    Ok(())
}

/// `pivot_root(".", ".")`: the current directory becomes the root, the old root stays stacked on it.
pub fn pivot_to_cwd() -> io::Result<()> {
    // SAFETY: both paths are C strings.
    check(unsafe { libc::syscall(libc::SYS_pivot_root, c".".as_ptr(), c".".as_ptr()) })?;
    Ok(())
}

/// Detaches the topmost mount at a path lazily.
pub fn unmount_detach(path: &CStr) -> io::Result<()> {
    // SAFETY: the path is a C string.
    check(i64::from(unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) }))?;
    Ok(())
}
