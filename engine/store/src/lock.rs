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
    /// The file to remove with the lock; none where many may hold it at once.
    path: Option<PathBuf>,
    _file: OwnedFd,
}

/// The lock that everybody shares who puts content into the store that no image names yet, and that is needed alone
/// to remove such content.
const CONTENT: &str = "content";

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

    /// Shares the lock with others who share it, and with nobody who wants it alone; `None` while somebody has it so.
    pub fn try_share(paths: &Paths, name: &str) -> Result<Option<Self>> {
        let mut shared = Self::take(paths, name, FlockOperation::NonBlockingLockShared)?;
        if let Some(lock) = &mut shared {
            // Its file stays for the others.
            lock.path = None;
        }
        Ok(shared)
    }

    /// Keeps content that no image names yet from being removed: held from the first look at what is there already
    /// until the image is known.
    pub fn content(paths: &Paths) -> Result<Self> {
        let file = open_file(paths, CONTENT)?;
        loop {
            match flock(&file, FlockOperation::LockShared) {
                Err(Errno::INTR) => {}
                locked => {
                    locked.on("lock", &paths.locks().join(CONTENT))?;
                    return Ok(Self { path: None, _file: file });
                }
            }
        }
    }

    /// The right to remove content that no image names; `None` while somebody puts some in.
    pub(crate) fn try_sweep(paths: &Paths) -> Result<Option<Self>> {
        let file = open_file(paths, CONTENT)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { path: None, _file: file })),
            Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
            Err(error) => Err(error).on("lock", &paths.locks().join(CONTENT)),
        }
    }

    fn take(paths: &Paths, name: &str, operation: FlockOperation) -> Result<Option<Self>> {
        let path = paths.locks().join(name);
        loop {
            let file = open_file(paths, name)?;
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
                    return Ok(Some(Self { path: Some(path), _file: file }));
                }
                Ok(_) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error).on("examine", &path),
            }
        }
    }
}

fn open_file(paths: &Paths, name: &str) -> Result<OwnedFd> {
    let folder = paths.locks();
    let path = folder.join(name);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    loop {
        match open(&path, flags, Mode::RUSR | Mode::WUSR) {
            // The run folder is on a file system that is empty after each start of the host.
            Err(Errno::NOENT) => {
                std::fs::create_dir_all(paths.run()).on("create", paths.run())?;
                mkdir(&folder, Mode::RWXU).or_else(ignore_existing).on("create", &folder)?;
            }
            file => return file.on("open", &path),
        }
    }
}

fn ignore_existing(error: Errno) -> Result<(), Errno> {
    if error == Errno::EXIST { Ok(()) } else { Err(error) }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            unlink(path).ok();
        }
    }
}
