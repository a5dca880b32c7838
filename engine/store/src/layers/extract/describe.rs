//! Owners, attributes, permissions and times.

use super::super::xattrs;
use super::Fault;
use crate::tar::{Entry, Kind, Time};
use rustix::fs::{AtFlags, Gid, Mode, Timespec, Timestamps, Uid, chmodat, chownat, fchown, utimensat};
use std::os::fd::BorrowedFd;

/// Describes what is made. New files belong to this process's own user and group; only others are given away.
pub(super) struct Describer {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Describer {
    /// Owner and attributes of an open file. The owner comes first: changing it takes setuid bits and capabilities away.
    pub(super) fn open(&self, file: BorrowedFd<'_>, entry: &Entry) -> Result<(), Fault> {
        if (entry.uid, entry.gid) != (self.uid, self.gid) {
            fchown(file, Some(Uid::from_raw(entry.uid)), Some(Gid::from_raw(entry.gid)))?;
        }
        Ok(xattrs::set(file, &entry.xattrs)?)
    }

    /// Owner, attributes, permissions and time of what must not be opened.
    pub(super) fn named(&self, parent: BorrowedFd<'_>, last: &[u8], entry: &Entry) -> Result<(), Fault> {
        if (entry.uid, entry.gid) != (self.uid, self.gid) {
            let (uid, gid) = (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid));
            chownat(parent, last, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
        }
        xattrs::set_at(parent, last, &entry.xattrs)?;
        if !matches!(entry.kind, Kind::Symlink(_)) {
            // Made by us a moment ago and no symbolic link, in a folder that only this process writes to.
            chmodat(parent, last, Mode::from_raw_mode(entry.mode), AtFlags::empty())?;
        }
        Ok(utimensat(parent, last, &times(entry.modified), AtFlags::SYMLINK_NOFOLLOW)?)
    }
}

/// Access and modification time, as an archive's one time says.
pub(super) fn times(time: Time) -> Timestamps {
    let stamp = Timespec { tv_sec: time.seconds, tv_nsec: time.nanoseconds.into() };
    Timestamps { last_access: stamp, last_modification: stamp }
}
