//! What stands under a name already, and the marks by which overlayfs knows what a layer removes.

use super::super::xattrs;
use super::{Fault, Made};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, XattrFlags, fsetxattr, mknodat, openat, statat, unlinkat};
use rustix::io::Errno;
use std::os::fd::{BorrowedFd, OwnedFd};

/// What stands under a name.
pub(super) enum Existing {
    Folder,
    Whiteout,
    Other,
}

/// Makes something that must not exist yet; a whiteout of the same name gives way, since what is made hides the
/// lower layers' just as well.
pub(super) fn create<T>(
    parent: BorrowedFd<'_>,
    last: &[u8],
    made: &mut Made,
    make: impl Fn() -> rustix::io::Result<T>,
) -> Result<T, Fault> {
    match make() {
        Err(Errno::EXIST) => match existing(parent, last)? {
            Existing::Whiteout => {
                unlinkat(parent, last, AtFlags::empty())?;
                Ok(make()?)
            }
            Existing::Folder => Err("the entry contradicts an earlier folder of the same name".into()),
            Existing::Other => Err("the name stands in the layer twice".into()),
        },
        result => {
            let result = result?;
            made.files += 1;
            Ok(result)
        }
    }
}

/// What stands under a name that is taken.
pub(super) fn existing(parent: BorrowedFd<'_>, last: &[u8]) -> Result<Existing, Fault> {
    let stat = statat(parent, last, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Existing::Folder,
        FileType::CharacterDevice if stat.st_rdev == 0 => Existing::Whiteout,
        _ => Existing::Other,
    })
}

/// Hides a name of the lower layers.
pub(super) fn white_out(parent: BorrowedFd<'_>, hidden: &[u8], made: &mut Made) -> Result<(), Fault> {
    match mknodat(parent, hidden, FileType::CharacterDevice, Mode::empty(), 0) {
        Err(Errno::EXIST) => match existing(parent, hidden)? {
            Existing::Folder => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let folder = openat(parent, hidden, flags, Mode::empty())?;
                mark_opaque(&folder)
            }
            Existing::Whiteout | Existing::Other => Ok(()),
        },
        result => {
            result?;
            made.files += 1;
            Ok(())
        }
    }
}

/// Hides all that the lower layers have in a folder.
pub(super) fn mark_opaque(folder: &OwnedFd) -> Result<(), Fault> {
    let result = fsetxattr(folder, xattrs::OPAQUE, b"y", XattrFlags::empty());
    match result {
        // The descriptor of an implicit parent is for paths only.
        Err(Errno::BADF) => {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let folder = openat(folder, ".", flags, Mode::empty())?;
            Ok(fsetxattr(&folder, xattrs::OPAQUE, b"y", XattrFlags::empty())?)
        }
        result => Ok(result?),
    }
}
