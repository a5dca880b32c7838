//! Paths inside a container's root: by descriptors and openat2 only, without memory.
//!
//! The root may be written by hostile processes at the same time (a shared volume), so a path is resolved once, to
//! a descriptor, and everything happens through that descriptor.

use rustix::fs::{Mode, OFlags, ResolveFlags, mkdirat, openat, openat2};
use rustix::io::Errno;
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How often a resolution is tried that a concurrent rename disturbed.
const ATTEMPTS: usize = 32;

/// Opens a path inside the root; links lead nowhere outside, magic links nowhere at all.
pub(crate) fn open_inside(root: BorrowedFd<'_>, path: &CStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    open_with(root, path, flags, ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS)
}

/// As [`open_inside`], refusing every link on the way.
pub(crate) fn open_inside_plain(root: BorrowedFd<'_>, path: &CStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    open_with(root, path, flags, ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS)
}

fn open_with(
    root: BorrowedFd<'_>,
    path: &CStr,
    flags: OFlags,
    resolve: ResolveFlags,
) -> Result<OwnedFd, Errno> {
    for _ in 0..ATTEMPTS {
        // EAGAIN: a rename or mount happened while ".." was resolved.
        match openat2(root, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Err(Errno::AGAIN) => {}
            result => return result,
        }
    }
    Err(Errno::AGAIN)
}

/// Whether a mount point is a directory or a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PointKind {
    Directory,
    File,
}

/// Opens (O_PATH) the place at an absolute, cleaned path inside the root, making what is missing.
pub(crate) fn open_or_make(root: BorrowedFd<'_>, path: &CStr, kind: PointKind) -> Result<OwnedFd, Errno> {
    match open_inside(root, path, OFlags::PATH) {
        Err(Errno::NOENT) => {}
        result => return result,
    }
    let (parent, name) = make_parents(root, path)?;
    let mut buffer = [0u8; 256];
    let name = terminated(name, &mut buffer)?;
    match kind {
        PointKind::Directory => match mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        },
        PointKind::File => {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::WRONLY;
            match openat(&parent, name, flags, Mode::from_raw_mode(0o644)) {
                Ok(_) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
    }
    // A link here dangles or was just put there: O_NOFOLLOW makes it an error to mount on it.
    let made = openat(&parent, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    if rustix::fs::fstat(&made)?.st_mode & 0o170_000 == 0o120_000 {
        return Err(Errno::LOOP);
    }
    Ok(made)
}

/// The parent directory of a path inside the root, made where missing, and the last name.
pub(crate) fn make_parents<'p>(root: BorrowedFd<'_>, path: &'p CStr) -> Result<(OwnedFd, &'p [u8]), Errno> {
    let bytes = path.to_bytes();
    let slash = bytes.iter().rposition(|b| *b == b'/').unwrap_or(0);
    let (folder, name) = (&bytes[..slash], bytes.get(slash + 1..).unwrap_or_default());
    if name.is_empty() {
        return Err(Errno::INVAL);
    }
    let mut buffer = [0u8; 4096];
    let mut current = open_inside(root, c"/", OFlags::PATH | OFlags::DIRECTORY)?;
    if folder.is_empty() {
        return Ok((current, name));
    }
    match open_inside(root, terminated(folder, &mut buffer)?, OFlags::PATH | OFlags::DIRECTORY) {
        Ok(found) => return Ok((found, name)),
        Err(Errno::NOENT) => {}
        Err(error) => return Err(error),
    }
    let mut start = 1;
    while start < folder.len() {
        let end = folder[start..].iter().position(|b| *b == b'/').map_or(folder.len(), |at| start + at);
        // The prefix is resolved from the root each time, so that links inside the root mean what they mean there.
        let prefix = terminated(&folder[..end], &mut buffer)?;
        current = match open_inside(root, prefix, OFlags::PATH | OFlags::DIRECTORY) {
            Ok(found) => found,
            Err(Errno::NOENT) => {
                let mut name_buffer = [0u8; 256];
                let component = terminated(&folder[start..end], &mut name_buffer)?;
                match mkdirat(&current, component, Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error),
                }
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                openat(&current, component, flags, Mode::empty())?
            }
            Err(error) => return Err(error),
        };
        start = end + 1;
    }
    Ok((current, name))
}

/// Bytes as a C string in the caller's buffer.
pub(crate) fn terminated<'b>(bytes: &[u8], buffer: &'b mut [u8]) -> Result<&'b CStr, Errno> {
    if bytes.len() >= buffer.len() {
        return Err(Errno::NAMETOOLONG);
    }
    buffer[..bytes.len()].copy_from_slice(bytes);
    buffer[bytes.len()] = 0;
    CStr::from_bytes_with_nul(&buffer[..=bytes.len()]).map_err(|_| Errno::INVAL)
}

/// Whether an open place is a directory.
pub(crate) fn is_directory(fd: impl AsFd) -> Result<bool, Errno> {
    Ok(rustix::fs::fstat(fd)?.st_mode & 0o170_000 == 0o040_000)
}
