//! Half-made things: each in a folder of its own that its maker holds a lock on, so that whoever opens the store
//! later can tell what is still being made from what a killed process left behind.

use crate::error::IoContext as _;
use crate::{Paths, Result, files};
use rustix::fs::{
    AtFlags, FlockOperation, Mode, OFlags, RenameFlags, flock, fstat, mkdirat, open, openat, renameat_with,
    statat,
};
use rustix::io::Errno;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A folder for something half-made. Dropping it removes it with all that is still inside.
#[derive(Debug)]
pub struct Staging {
    parent: OwnedFd,
    name: String,
    path: PathBuf,
    folder: OwnedFd,
}

impl Staging {
    /// A new, empty folder.
    pub fn new(paths: &Paths, purpose: &str) -> Result<Self> {
        let path = paths.staging();
        let parent = open(&path, FOLDER, Mode::empty()).on("open", &path)?;
        loop {
            let name = format!("{purpose}-{}", files::random_hex::<8>()?);
            let path = path.join(&name);
            mkdirat(&parent, &name, Mode::RWXU).on("create", &path)?;
            // Whoever reconciles may have seen the folder before it was locked, and removed it: then begin again.
            let folder = match openat(&parent, &name, FOLDER, Mode::empty()) {
                Err(Errno::NOENT) => continue,
                folder => folder.on("open", &path)?,
            };
            flock(&folder, FlockOperation::LockExclusive).on("lock", &path)?;
            let ours = fstat(&folder).on("examine", &path)?;
            match statat(&parent, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(named) if named.st_ino == ours.st_ino => return Ok(Self { parent, name, path, folder }),
                Ok(_) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error).on("examine", &path),
            }
        }
    }

    /// The folder's path, for what lies directly inside it under names of ours.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// Moves something that was made here to its place; `false` when the place is taken already.
    pub fn publish(&self, name: &str, target: &Path) -> Result<bool> {
        match renameat_with(&self.folder, name, rustix::fs::CWD, target, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST | Errno::NOTEMPTY) => Ok(false),
            Err(error) => Err(error).on("create", target),
        }
    }

    /// Moves something that is no longer wanted here, so that it is gone at once and removed when this is dropped.
    /// What does not exist is no failure.
    pub fn take_in(&self, source: &Path) -> Result<()> {
        let name = files::random_hex::<4>()?;
        match renameat_with(rustix::fs::CWD, source, &self.folder, name, RenameFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error).on("remove", source),
        }
    }

    /// Removes the folder and says what could not be removed.
    pub fn remove(self) -> Result<()> {
        files::remove_tree(self.parent.as_fd(), &self.name).on("remove", &self.path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is removed by whoever opens the store next.
        files::remove_tree(self.parent.as_fd(), &self.name).ok();
    }
}

/// Removes what killed processes left behind. Folders whose makers live are locked and stay.
pub(crate) fn reconcile(paths: &Paths) -> Result<()> {
    let path = paths.staging();
    let parent = open(&path, FOLDER, Mode::empty()).on("open", &path)?;
    for name in files::list(parent.as_fd()).on("list", &path)? {
        let Ok(folder) = openat(&parent, &name, FOLDER, Mode::empty()) else {
            continue;
        };
        if flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok() {
            files::remove_tree(parent.as_fd(), &name)
                .context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
