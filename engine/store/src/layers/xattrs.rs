//! Extended attributes: which an image may bring, and setting them.

use rustix::fs::XattrFlags;
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// The attribute by which overlayfs knows an opaque folder. A mount by an ordinary user reads the `user.` form.
pub const OPAQUE: &str = "trusted.overlay.opaque";

/// The largest list of names and the largest value that the kernel knows.
const LARGEST: usize = 64 << 10;

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

/// Attributes of an open file or folder.
pub fn get(file: BorrowedFd<'_>) -> rustix::io::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    read(
        |buffer| rustix::fs::flistxattr(file, buffer),
        |key, buffer| rustix::fs::fgetxattr(file, key, buffer),
    )
}

/// Attributes of what must not be opened.
pub fn get_at(folder: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut path = format!("/proc/self/fd/{}/", folder.as_raw_fd()).into_bytes();
    path.extend_from_slice(name);
    let path = path.as_slice();
    read(
        |buffer| rustix::fs::llistxattr(path, buffer),
        |key, buffer| rustix::fs::lgetxattr(path, key, buffer),
    )
}

fn read(
    list: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
    get: impl Fn(&[u8], &mut [u8]) -> rustix::io::Result<usize>,
) -> rustix::io::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut names = [0; 1024];
    let names = match list(&mut names) {
        Ok(length) => names[..length].to_vec(),
        Err(Errno::NOTSUP) => return Ok(BTreeMap::new()),
        Err(Errno::RANGE) => {
            let mut names = vec![0; LARGEST];
            let length = list(&mut names)?;
            names.truncate(length);
            names
        }
        Err(error) => return Err(error),
    };
    let mut xattrs = BTreeMap::new();
    for key in names.split(|b| *b == 0).filter(|key| !key.is_empty() && *key != b"security.selinux") {
        let mut value = [0; 256];
        let value = match get(key, &mut value) {
            Ok(length) => value[..length].to_vec(),
            // Taken away since it was listed.
            Err(Errno::NODATA) => continue,
            Err(Errno::RANGE) => {
                let mut value = vec![0; LARGEST];
                let length = get(key, &mut value)?;
                value.truncate(length);
                value
            }
            Err(error) => return Err(error),
        };
        xattrs.insert(key.to_vec(), value);
    }
    Ok(xattrs)
}

/// Whether overlayfs takes an open folder for opaque.
pub fn is_opaque(folder: BorrowedFd<'_>) -> rustix::io::Result<bool> {
    let mut value = [0; 1];
    match rustix::fs::fgetxattr(folder, OPAQUE, &mut value) {
        Ok(length) => Ok(value[..length] == *b"y"),
        Err(Errno::NODATA | Errno::NOTSUP | Errno::RANGE) => Ok(false),
        Err(error) => Err(error),
    }
}
