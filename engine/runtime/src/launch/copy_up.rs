//! `tmpcopyup`: a new tmpfs begins with what the image has at its mount point.

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, chmodat, chownat, mkdirat, openat, readlinkat, statat, symlinkat,
};
use rustix::io::Errno;
use std::os::fd::{AsFd, BorrowedFd};

/// Copies directories, files and links. Allocates, so only for callers without other threads.
pub(super) fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let from = openat(from, c".", flags, Mode::empty())?;
    let to = openat(to, c".", flags, Mode::empty())?;
    for entry in Dir::read_from(&from)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let stat = statat(&from, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let mode = Mode::from_raw_mode(stat.st_mode & 0o7777);
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                mkdirat(&to, name, mode)?;
                let inner_from = openat(&from, name, flags, Mode::empty())?;
                let inner_to = openat(&to, name, flags, Mode::empty())?;
                copy(inner_from.as_fd(), inner_to.as_fd())?;
            }
            FileType::Symlink => symlinkat(&readlinkat(&from, name, Vec::new())?, &to, name)?,
            FileType::RegularFile => {
                let source =
                    openat(&from, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
                let target = openat(
                    &to,
                    name,
                    OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC,
                    mode,
                )?;
                let mut buffer = vec![0u8; 65536];
                loop {
                    let read = rustix::io::read(&source, &mut buffer[..])?;
                    if read == 0 {
                        break;
                    }
                    let mut rest = &buffer[..read];
                    while !rest.is_empty() {
                        let written = rustix::io::write(&target, rest)?;
                        rest = &rest[written..];
                    }
                }
            }
            // Sockets, fifos and nodes are left out, as in other runtimes.
            _ => continue,
        }
        let (uid, gid) = (rustix::fs::Uid::from_raw(stat.st_uid), rustix::fs::Gid::from_raw(stat.st_gid));
        chownat(&to, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
            chmodat(&to, name, mode, AtFlags::empty())?;
        }
    }
    Ok(())
}
