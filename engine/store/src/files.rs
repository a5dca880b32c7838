//! Small file operations by descriptor.

use crate::Result;
use crate::error::IoContext as _;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, openat, renameat_with, unlinkat};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

/// `N` random bytes from the kernel as hexadecimal digits.
pub fn random_hex<const N: usize>() -> Result<String> {
    let mut bytes = [0; N];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .context(|| "cannot get random bytes".to_owned())?;
    let mut text = String::with_capacity(2 * N);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// Names in a folder, but for `.` and `..`.
pub fn list(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            names.push(entry.file_name().to_owned());
        }
    }
    Ok(names)
}

/// How many folders are held open on the way down. What lies deeper is moved up first: a container may make trees
/// deeper than any limit on open files.
const DEEPEST: u32 = 100;

/// Removes a file or a folder with all that is in it, without ever following a symbolic link. What is gone already
/// is no failure: two may remove the same tree.
pub fn remove_tree(parent: BorrowedFd<'_>, name: impl rustix::path::Arg + Copy) -> rustix::io::Result<()> {
    let Some(top) = unlink_or_open(parent, name)? else { return Ok(()) };
    let mut moved = 0_u32;
    loop {
        let before = moved;
        remove_content(top.as_fd(), top.as_fd(), 0, &mut moved)?;
        if moved == before {
            return remove_folder(parent, name);
        }
    }
}

fn remove_content(
    folder: BorrowedFd<'_>,
    top: BorrowedFd<'_>,
    depth: u32,
    moved: &mut u32,
) -> rustix::io::Result<()> {
    let mut folders = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if matches!(entry.file_name().to_bytes(), b"." | b"..") {
            continue;
        }
        match entry.file_type() {
            FileType::Directory | FileType::Unknown => folders.push(entry.file_name().to_owned()),
            _ => match unlinkat(folder, entry.file_name(), AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            },
        }
    }
    for name in folders {
        if depth == DEEPEST {
            move_up(folder, &name, top, moved)?;
        } else if let Some(inner) = unlink_or_open(folder, name.as_c_str())? {
            remove_content(inner.as_fd(), top, depth + 1, moved)?;
            remove_folder(folder, name.as_c_str())?;
        }
    }
    Ok(())
}

fn move_up(
    folder: BorrowedFd<'_>,
    name: &CStr,
    top: BorrowedFd<'_>,
    moved: &mut u32,
) -> rustix::io::Result<()> {
    loop {
        *moved += 1;
        match renameat_with(folder, name, top, format!(".moved-up-{moved}"), RenameFlags::NOREPLACE) {
            Ok(()) | Err(Errno::NOENT) => return Ok(()),
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The folder, or `None` when it was no folder and is gone.
fn unlink_or_open(
    parent: BorrowedFd<'_>,
    name: impl rustix::path::Arg + Copy,
) -> rustix::io::Result<Option<OwnedFd>> {
    match unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(None),
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(parent, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => Ok(None),
        folder => folder.map(Some),
    }
}

fn remove_folder(parent: BorrowedFd<'_>, name: impl rustix::path::Arg) -> rustix::io::Result<()> {
    match unlinkat(parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error),
    }
}
/// Writes a file whole or not at all, durably.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<()> {
    let staged = path.with_extension(format!("new-{}", random_hex::<4>()?));
    let write = || {
        let mut file = std::fs::File::create_new(&staged)?;
        file.write_all(content)?;
        file.sync_data()?;
        std::fs::rename(&staged, path)
    };
    let written = write();
    if written.is_err() {
        std::fs::remove_file(&staged).ok();
    }
    written.on("write", path)
}
