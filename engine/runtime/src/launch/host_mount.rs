//! The root of a container without a mount namespace of its own: it stays mounted in the caller's, until it is removed.

use crate::error::{Result, RuntimeError, shown};
use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

/// `STATX_MNT_ID` (Linux 5.8).
const MOUNT_ID: StatxFlags = StatxFlags::MNT_ID;

/// A mount in the caller's mount namespace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct HostMount {
    path: PathBuf,
    /// Tells it from what somebody else mounted there.
    id: u64,
}

impl HostMount {
    /// The mount behind a descriptor that is or will be at a path.
    pub(super) fn of(mount: BorrowedFd<'_>, path: &Path) -> Result<Self> {
        let id = id(mount, c"", AtFlags::EMPTY_PATH)
            .map_err(|error| RuntimeError::kernel("look at the mount of", shown(path), error))?;
        Ok(Self { path: path.to_path_buf(), id })
    }

    /// Unmounts it with all below, if it is what lies on top there.
    pub(crate) fn remove(&self) -> Result<()> {
        let fail = |error: Errno| RuntimeError::kernel("unmount", shown(&self.path), error);
        match id(CWD.as_fd(), &self.path, AtFlags::empty()) {
            Ok(found) if found == self.id => {
                rustix::mount::unmount(&self.path, rustix::mount::UnmountFlags::DETACH).map_err(fail)
            }
            Ok(_) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(fail(error)),
        }
    }
}

fn id(
    folder: BorrowedFd<'_>,
    path: impl rustix::path::Arg,
    flags: AtFlags,
) -> std::result::Result<u64, Errno> {
    Ok(statx(folder, path, flags, MOUNT_ID)?.stx_mnt_id)
}
