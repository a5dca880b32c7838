//! Detached overlay mounts: in no mount namespace until the container's first process attaches them in its own, so
//! that no crash leaves a mount behind.

use crate::error::{Result, RuntimeError};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string,
    fsmount, fsopen,
};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// An overlay of `lower` directories (topmost first), written to `upper` with `work` on the same file system.
pub fn mount(lower: &[impl AsRef<Path>], upper: &Path, work: &Path) -> Result<OwnedFd> {
    make(lower, Some((upper, work)))
}

/// A read-only overlay of `lower` directories (topmost first).
pub fn mount_read_only(lower: &[impl AsRef<Path>]) -> Result<OwnedFd> {
    make(lower, None)
}

fn make(lower: &[impl AsRef<Path>], upper: Option<(&Path, &Path)>) -> Result<OwnedFd> {
    let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)
        .map_err(|error| RuntimeError::kernel("open", "the overlay file system", error))?;
    let fail = |error: rustix::io::Errno| {
        let mut failure = RuntimeError::kernel("mount", "the container's layers", error);
        if let Some(said) = kernel_message(context.as_fd()) {
            failure.reason = format!("{} ({said})", failure.reason);
        }
        failure
    };
    let set = |key: &str, value: &Path| {
        fsconfig_set_string(context.as_fd(), key, value).map_err(|error| {
            let mut failure = fail(error);
            failure.subject = format!("layer {}", value.display());
            failure
        })
    };
    fsconfig_set_string(context.as_fd(), "source", "overlay").map_err(fail)?;
    for layer in lower {
        // One call for each layer: no colon escapes, no page-size limit (Linux 6.7).
        match set("lowerdir+", layer.as_ref()) {
            Err(error) if error.errno == Some(22) => return joined(lower, upper),
            result => result?,
        }
    }
    if let Some((upper, work)) = upper {
        set("upperdir", upper)?;
        set("workdir", work)?;
    }
    finish(context.as_fd(), upper.is_none()).map_err(fail)
}

/// Kernels before `lowerdir+` take all layers in one string.
fn joined(lower: &[impl AsRef<Path>], upper: Option<(&Path, &Path)>) -> Result<OwnedFd> {
    let fail = |error: rustix::io::Errno| RuntimeError::kernel("mount", "the container's layers", error);
    let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC).map_err(fail)?;
    let mut list = Vec::new();
    for layer in lower {
        if !list.is_empty() {
            list.push(b':');
        }
        for byte in layer.as_ref().as_os_str().as_encoded_bytes() {
            if matches!(byte, b':' | b'\\') {
                list.push(b'\\');
            }
            list.push(*byte);
        }
    }
    fsconfig_set_string(context.as_fd(), "source", "overlay").map_err(fail)?;
    fsconfig_set_string(context.as_fd(), "lowerdir", list.as_slice()).map_err(fail)?;
    if let Some((upper, work)) = upper {
        fsconfig_set_string(context.as_fd(), "upperdir", upper).map_err(fail)?;
        fsconfig_set_string(context.as_fd(), "workdir", work).map_err(fail)?;
    }
    finish(context.as_fd(), upper.is_none()).map_err(fail)
}

fn finish(context: BorrowedFd<'_>, read_only: bool) -> rustix::io::Result<OwnedFd> {
    if rustix::process::geteuid().is_root() {
        // trusted.* attributes need privileges in the first user namespace.
    } else {
        fsconfig_set_flag(context, "userxattr")?;
    }
    fsconfig_create(context)?;
    let attributes = if read_only { MountAttrFlags::MOUNT_ATTR_RDONLY } else { MountAttrFlags::empty() };
    fsmount(context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
}

/// What the kernel says about a failed configuration step ("e overlay: …").
fn kernel_message(context: BorrowedFd<'_>) -> Option<String> {
    let mut buffer = [0u8; 512];
    let read = rustix::io::read(context, &mut buffer[..]).ok()?;
    let text = String::from_utf8_lossy(&buffer[..read]);
    Some(text.trim().trim_start_matches("e ").to_string())
}
