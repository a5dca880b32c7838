//! Programs of the host for one process that is added to a container: a file system of its own holds copies of them,
//! read-only, and only that process's mount namespace has it. Nothing of it is in the container, and nothing that the
//! container does to it reaches the host's files.

use crate::error::{ErrorClass, Result, RuntimeError, shown};
use crate::launch::detached::{attach, clone_tree, filesystem};
use crate::launch::wire::{At, Stage, Step};
use crate::plan::{MS_REC, MS_SLAVE};
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, chmodat, fchmod, mkdirat, openat, readlinkat, statat, symlinkat,
};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use teu_sys::mount::{MountAttributes, change_propagation, mount_setattr, pivot_to_cwd, unmount_detach};
use teu_sys::process;

/// Where the process finds the programs.
pub const FOLDER: &str = "/.teu/bin";
/// Where programs find libraries. No longer than any folder that a dynamic linker may have to look in by itself.
pub const LIBRARIES: &str = "/.teu/so/";

const NAME: &CStr = c".teu";
const NEWNS: u64 = 0x0002_0000;
const READ_ONLY: u64 = 1;
const NO_SUID_NO_DEVICES: u64 = 2 | 4;
/// The largest file that is changed, in bytes.
const LARGEST: u64 = 64 << 20;
/// Most bytes of all copies.
const SIZE: &CStr = c"256m";

/// A program to bring along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tool {
    /// Its file on the host.
    pub source: PathBuf,
    /// Its name in [`FOLDER`].
    pub name: String,
    /// Further names that it is called by.
    pub links: Vec<String>,
    /// Whether it goes to [`LIBRARIES`].
    pub library: bool,
    /// Texts in its file that read otherwise in the copy: what stands there, and what is put in its place, no longer.
    pub changes: Vec<(String, String)>,
}

/// Copies programs into a file system that is mounted nowhere yet.
pub fn gather(tools: &[Tool]) -> Result<OwnedFd> {
    let failed =
        |error: Errno| RuntimeError::kernel("make", "a file system for tools", std::io::Error::from(error));
    let parameters = [(c"mode", Some(c"755")), (c"size", Some(SIZE))];
    let mount = filesystem(c"tmpfs", c"tools", parameters.into_iter(), NO_SUID_NO_DEVICES).map_err(failed)?;
    let folder = |name: &CStr| {
        mkdirat(&mount, name, Mode::from_raw_mode(0o755))?;
        // Whatever the caller's umask is.
        chmodat(&mount, name, Mode::from_raw_mode(0o755), AtFlags::empty())?;
        openat(&mount, name, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
    };
    let (programs, libraries) = (folder(c"bin").map_err(failed)?, folder(c"so").map_err(failed)?);
    for tool in tools {
        let bin = if tool.library { &libraries } else { &programs };
        let source = tool.source.display().to_string();
        let copied = |error: std::io::Error| RuntimeError::kernel("copy", source.clone(), error);
        let mut from = File::open(&tool.source).map_err(copied)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let to = openat(bin, tool.name.as_str(), flags, Mode::from_raw_mode(0o755)).map_err(failed)?;
        fchmod(&to, Mode::from_raw_mode(0o755)).map_err(failed)?;
        if tool.changes.is_empty() {
            std::io::copy(&mut from, &mut File::from(to)).map_err(copied)?;
        } else {
            let mut bytes = Vec::new();
            from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(copied)?;
            if bytes.len() as u64 > LARGEST {
                let reason = format!(
                    "it is larger than {} MiB and cannot be changed for the container",
                    LARGEST >> 20
                );
                return Err(RuntimeError::of(
                    ErrorClass::Unsupported,
                    "bring along",
                    shown(&tool.source),
                    reason,
                ));
            }
            tool.changes.iter().for_each(|(old, new)| change(&mut bytes, old, new));
            File::from(to).write_all(&bytes).map_err(copied)?;
        }
        for link in tool.links.iter().filter(|link| **link != tool.name) {
            match symlinkat(tool.name.as_str(), bin, link.as_str()) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
    let change = MountAttributes { set: READ_ONLY, ..Default::default() };
    mount_setattr(mount.as_fd(), change, false, None)
        .map_err(|error| RuntimeError::kernel("make read-only", "the tools", error))?;
    Ok(mount)
}

/// Puts a text in the place of another wherever that ends, so that all else in the file stays where it is. What ends in a
/// slash stays a folder's path; anything else ends where it ends.
fn change(bytes: &mut [u8], old: &str, new: &str) {
    let old = [old.as_bytes(), b"\0"].concat();
    let fill = if new.ends_with('/') { b'/' } else { 0 };
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(old.len()).position(|window| window == old) {
        let place = &mut bytes[at + found..at + found + old.len() - 1];
        if let Some((text, rest)) = place.split_at_mut_checked(new.len()) {
            text.copy_from_slice(new.as_bytes());
            rest.fill(fill);
        }
        at += found + old.len();
    }
}

/// Gives the calling process a mount namespace of its own in which the tools lie at `/.teu`. Its root is a new one
/// that shows everything the container's root holds, as the container itself may have no place to mount on.
///
/// Allocates, so only for callers without other threads.
pub(crate) fn bring(tools: BorrowedFd<'_>) -> Step<()> {
    process::unshare(NEWNS).at(Stage::NewNamespace, 2)?;
    change_propagation(c"/", MS_SLAVE | MS_REC).at(Stage::Propagation, 0)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let old = rustix::fs::open(c"/", flags, Mode::empty()).at(Stage::Root, 0)?;
    let parameters = [(c"mode", Some(c"755")), (c"size", Some(c"1m"))];
    let new = filesystem(c"tmpfs", c"root", parameters.into_iter(), NO_SUID_NO_DEVICES).at(Stage::Root, 1)?;
    attach(new.as_fd(), old.as_fd()).at(Stage::Root, 2)?;
    show_all(old.as_fd(), new.as_fd()).at(Stage::Root, 3)?;
    mkdirat(&new, NAME, Mode::from_raw_mode(0o755)).at(Stage::Root, 4)?;
    attach(tools, place(new.as_fd(), NAME).at(Stage::Root, 5)?.as_fd()).at(Stage::Root, 5)?;
    let change = MountAttributes { set: READ_ONLY, ..Default::default() };
    mount_setattr(new.as_fd(), change, false, None).at(Stage::ReadOnly, 0)?;
    rustix::process::fchdir(&new).at(Stage::Pivot, 0)?;
    pivot_to_cwd().at(Stage::Pivot, 1)?;
    unmount_detach(c".").at(Stage::Pivot, 2)
}

fn place(root: BorrowedFd<'_>, name: &CStr) -> std::result::Result<OwnedFd, Errno> {
    openat(root, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Mounts everything that lies in one root into another; links are made anew.
fn show_all(old: BorrowedFd<'_>, new: BorrowedFd<'_>) -> std::result::Result<(), Errno> {
    for entry in Dir::read_from(old)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b".." | b".teu") {
            continue;
        }
        let kind = match statat(old, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => FileType::from_raw_mode(stat.st_mode),
            // The container has removed it meanwhile.
            Err(Errno::NOENT) => continue,
            Err(error) => return Err(error),
        };
        match kind {
            FileType::Symlink => {
                symlinkat(&readlinkat(old, name, Vec::new())?, new, name)?;
                continue;
            }
            FileType::Directory => mkdirat(new, name, Mode::from_raw_mode(0o755))?,
            _ => {
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                openat(new, name, flags, Mode::from_raw_mode(0o644))?;
            }
        }
        let tree = clone_tree(place(old, name)?.as_fd(), kind == FileType::Directory)?;
        attach(tree.as_fd(), place(new, name)?.as_fd())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn what_is_changed_keeps_its_length() {
        let mut bytes = b"a/usr/lib/\0b/usr/lib\0/lib64/ld.so\0".to_vec();
        change(&mut bytes, "/usr/lib/", "/.teu/so/");
        assert_eq!(bytes, b"a/.teu/so/\0b/usr/lib\0/lib64/ld.so\0");
        change(&mut bytes, "/lib64/ld.so", "/x");
        assert_eq!(bytes, b"a/.teu/so/\0b/usr/lib\0/x\0\0\0\0\0\0\0\0\0\0\0");
        change(&mut bytes, "/usr/lib", "/longer/than/that");
        change(&mut bytes, "/.teu/so/", "/q/");
        assert_eq!(bytes, b"a/q///////\0b/usr/lib\0/x\0\0\0\0\0\0\0\0\0\0\0");
    }
}
