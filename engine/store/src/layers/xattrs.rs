//! Extended attributes: which an image may bring, and setting them.

use rustix::fs::XattrFlags;
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// The attribute by which overlayfs knows an opaque folder. A mount by an ordinary user reads the `user.` form.
pub const OPAQUE: &str = "trusted.overlay.opaque";

/// Whether an image may not bring this attribute: overlayfs would take it for its own, and with it a layer could
/// redirect a folder to any place of the layers below.
pub fn is_forbidden(key: &[u8]) -> bool {
    key.starts_with(b"trusted.overlay.") || key.starts_with(b"user.overlay.")
}

/// Sets attributes on an open file or folder.
pub fn set(file: BorrowedFd<'_>, xattrs: &BTreeMap<Vec<u8>, Vec<u8>>) -> rustix::io::Result<()> {
    for (key, value) in xattrs {
        accept(key, rustix::fs::fsetxattr(file, key.as_slice(), value, XattrFlags::empty()))?;
    }
    Ok(())
}

/// Sets attributes on what must not be opened: a symbolic link or a device.
pub fn set_at(
    folder: BorrowedFd<'_>,
    name: &[u8],
    xattrs: &BTreeMap<Vec<u8>, Vec<u8>>,
) -> rustix::io::Result<()> {
    if xattrs.is_empty() {
        return Ok(());
    }
    // There is no setxattrat that older kernels know; the descriptor's magic link leads to the very folder.
    let mut path = format!("/proc/self/fd/{}/", folder.as_raw_fd()).into_bytes();
    path.extend_from_slice(name);
    for (key, value) in xattrs {
        accept(key, rustix::fs::lsetxattr(path.as_slice(), key.as_slice(), value, XattrFlags::empty()))?;
    }
    Ok(())
}

/// A host without SELinux cannot keep its labels, and needs none; every other attribute must stay.
fn accept(key: &[u8], result: rustix::io::Result<()>) -> rustix::io::Result<()> {
    match result {
        Err(Errno::NOTSUP) if key == b"security.selinux" => Ok(()),
        result => result,
    }
}
