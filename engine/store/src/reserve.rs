//! Room for removals on a full disk. What is to be removed must be written down first, and on a disk without a free
//! byte that fails: nothing could be removed just when it matters. So a little room is kept, and given up then.

use crate::{Paths, Result, Store};
use rustix::fs::{FallocateFlags, Mode, OFlags, fallocate, open, statvfs};
use std::io;

/// How much is kept: many times what a removal writes.
const SIZE: u64 = 1 << 20;
/// Nothing is kept on disks with less free than this.
const WORTHWHILE: u64 = 16 * SIZE;

/// Keeps the room, unless it is there. That it cannot be kept is no failure: removals may work without it.
pub(crate) fn keep(paths: &Paths) {
    let path = paths.reserve();
    if path.exists() {
        return;
    }
    let free = statvfs(paths.root()).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    if free < WORTHWHILE {
        return;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let Ok(file) = open(&path, flags, Mode::RUSR | Mode::WUSR) else { return };
    // A file without blocks would keep nothing.
    if fallocate(&file, FallocateFlags::empty(), 0, SIZE).is_err() {
        std::fs::remove_file(&path).ok();
    }
}

impl Store {
    /// Removes something; where the disk is full, once more with the room that was kept for it.
    pub(crate) fn making_room<T>(&self, mut remove: impl FnMut() -> Result<T>) -> Result<T> {
        let removed = match remove() {
            Err(error) if error.is_full() && give_up(self.paths()).is_ok() => remove()?,
            other => other?,
        };
        keep(self.paths());
        Ok(removed)
    }
}

fn give_up(paths: &Paths) -> io::Result<()> {
    std::fs::remove_file(paths.reserve())
}
