//! Paths inside a container's root: by descriptors and openat2 only, without memory.
//!
//! The root may be written by hostile processes at the same time (a shared volume), so a path is resolved once, to
//! a descriptor, and everything happens through that descriptor.

use rustix::fs::{Mode, OFlags, ResolveFlags, mkdirat, openat, openat2};
use rustix::io::Errno;
use std::ffi::CStr;
use std::ops::Range;
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

/// How many links that lead to nothing are followed on the way to one place.
const LINKS: usize = 40;

/// Opens (O_PATH) the place at an absolute, cleaned path inside the root, making what is missing. A link to something
/// that does not exist means a place inside the root, which is made (an image's `/etc/resolv.conf` is often one).
pub(crate) fn open_or_make(root: BorrowedFd<'_>, path: &CStr, kind: PointKind) -> Result<OwnedFd, Errno> {
    let mut buffer = [0u8; 4096];
    let mut length = path.to_bytes().len();
    terminated(path.to_bytes(), &mut buffer)?;
    for _ in 0..LINKS {
        let current = CStr::from_bytes_with_nul(&buffer[..=length]).map_err(|_| Errno::INVAL)?;
        match open_inside(root, current, OFlags::PATH) {
            Err(Errno::NOENT) => {}
            result => return result,
        }
        match dangling(root, current)? {
            Some(link) => length = redirect(&mut buffer, length, &link)?,
            None => return make(root, current, kind),
        }
    }
    Err(Errno::LOOP)
}

/// A component that is a link to nothing.
struct Dangling {
    /// Where its name is in the path.
    name: Range<usize>,
    /// Its target; zeroes follow.
    target: [u8; 1024],
}

/// The first component that is a link, where the path leads to nothing.
fn dangling(root: BorrowedFd<'_>, path: &CStr) -> Result<Option<Dangling>, Errno> {
    let bytes = path.to_bytes();
    let mut buffer = [0u8; 4096];
    let mut start = 1;
    while start < bytes.len() {
        let end = bytes[start..].iter().position(|b| *b == b'/').map_or(bytes.len(), |at| start + at);
        let prefix = terminated(&bytes[..end], &mut buffer)?;
        match open_inside(root, prefix, OFlags::PATH) {
            Ok(_) => {}
            Err(Errno::NOENT) => {
                let link = match open_inside(root, prefix, OFlags::PATH | OFlags::NOFOLLOW) {
                    Ok(link) => link,
                    Err(Errno::NOENT) => return Ok(None),
                    Err(error) => return Err(error),
                };
                let mut target = [0u8; 1024];
                let length = rustix::fs::readlinkat_raw(&link, c"", &mut target[..])?;
                // One that fills the buffer may have been cut off.
                return if length == 1024 {
                    Err(Errno::NAMETOOLONG)
                } else {
                    Ok(Some(Dangling { name: start..end, target }))
                };
            }
            Err(error) => return Err(error),
        }
        start = end + 1;
    }
    Ok(None)
}

/// Puts a link's target in the place of its name and cleans the path; gives its new length.
fn redirect(path: &mut [u8; 4096], length: usize, link: &Dangling) -> Result<usize, Errno> {
    let name = &link.name;
    let target = link.target.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut made = [0u8; 4096];
    let mut end = 0;
    let before = if target.first() == Some(&b'/') { &[][..] } else { &path[..name.start] };
    let parts = [before, target, &path[name.end..length]];
    for part in parts.iter().flat_map(|part| part.split(|byte| *byte == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => end = made[..end].iter().rposition(|byte| *byte == b'/').unwrap_or(0),
            name => {
                if end + name.len() + 2 > made.len() {
                    return Err(Errno::NAMETOOLONG);
                }
                made[end] = b'/';
                made[end + 1..=end + name.len()].copy_from_slice(name);
                end += name.len() + 1;
            }
        }
    }
    if end == 0 {
        made[0] = b'/';
        end = 1;
    }
    made[end] = 0;
    *path = made;
    Ok(end)
}

/// Makes a place that does not exist.
fn make(root: BorrowedFd<'_>, path: &CStr, kind: PointKind) -> Result<OwnedFd, Errno> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_nothing_mean_places_inside() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let link = |target: &std::path::Path, name: &str| {
            std::os::unix::fs::symlink(target, dir.path().join(name)).unwrap();
        };
        std::fs::create_dir(dir.path().join("etc")).unwrap();
        link("../run/stub".as_ref(), "etc/resolv.conf");
        link("/tmp/foo/bar".as_ref(), "etc/deep");
        link(&outside.path().join("gone"), "out");
        link("/../../../up".as_ref(), "climb");
        link("two".as_ref(), "one");
        link("one".as_ref(), "two");
        let root = rustix::fs::open(dir.path(), OFlags::PATH, Mode::empty()).unwrap();
        let make = |path: &CStr| open_or_make(root.as_fd(), path, PointKind::File);
        make(c"/etc/resolv.conf").unwrap();
        make(c"/etc/deep/hosts").unwrap();
        make(c"/out").unwrap();
        make(c"/climb/x").unwrap();
        for made in ["run/stub", "tmp/foo/bar/hosts", "up"] {
            assert!(dir.path().join(made).exists(), "{made}");
        }
        let inside = outside.path().strip_prefix("/").unwrap().join("gone");
        assert!(dir.path().join(inside).exists());
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        assert_eq!(make(c"/one").unwrap_err(), Errno::LOOP);
    }
}
