//! Locks between processes, one file each. The kernel drops them with their holder, however it ends.

use crate::error::IoContext as _;
use crate::{Paths, Result};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, fstat, mkdir, open, stat, unlink};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    _file: OwnedFd,
}

impl Lock {
    /// Waits for the lock of this name: a digest's digits, or a word of ours.
    pub fn wait(paths: &Paths, name: &str) -> Result<Self> {
        loop {
            if let Some(lock) = Self::take(paths, name, FlockOperation::LockExclusive)? {
                return Ok(lock);
            }
        }
    }

    /// The lock, unless someone holds it.
    pub fn try_take(paths: &Paths, name: &str) -> Result<Option<Self>> {
        Self::take(paths, name, FlockOperation::NonBlockingLockExclusive)
    }

    fn take(paths: &Paths, name: &str, operation: FlockOperation) -> Result<Option<Self>> {
        let folder = paths.locks();
        let path = folder.join(name);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        loop {
            let file = match open(&path, flags, Mode::RUSR | Mode::WUSR) {
                // The run folder is on a file system that is empty after each start of the host.
                Err(Errno::NOENT) => {
                    std::fs::create_dir_all(paths.run()).on("create", paths.run())?;
                    mkdir(&folder, Mode::RWXU).or_else(ignore_existing).on("create", &folder)?;
                    continue;
                }
                file => file.on("open", &path)?,
            };
            match flock(&file, operation) {
                Ok(()) => {}
                Err(Errno::INTR) => continue,
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(error) => return Err(error).on("lock", &path),
            }
            // The holder before us unlinks its file; a lock on a file without a name would exclude nobody.
            let ours = fstat(&file).on("examine", &path)?;
            match stat(&path) {
                Ok(named) if named.st_ino == ours.st_ino && named.st_dev == ours.st_dev => {
                    return Ok(Some(Self { path, _file: file }));
                }
                Ok(_) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error).on("examine", &path),
            }
        }
    }
}

fn ignore_existing(error: Errno) -> Result<(), Errno> {
    if error == Errno::EXIST { Ok(()) } else { Err(error) }
}

impl Drop for Lock {
    fn drop(&mut self) {
        unlink(&self.path).ok();
    }
}
