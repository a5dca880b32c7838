//! Mounts that are in no namespace yet: made, changed, and attached when they are safe.

use super::wire::{At, Stage, Step};
use crate::plan::{MS_SLAVE, MountStep};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
};
use rustix::path::Arg;
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use teu_sys::mount::{MountAttributes, mount_setattr};

/// Attaches a detached mount to an open place.
pub(crate) fn attach(mount: BorrowedFd<'_>, place: BorrowedFd<'_>) -> Result<(), Errno> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::from_bits_retain(0x40);
    move_mount(mount, c"", place, c"", flags)
}

/// Clones the mount (tree) at an open place, detached.
pub(crate) fn clone_tree(place: BorrowedFd<'_>, recursive: bool) -> Result<OwnedFd, Errno> {
    clone(place, c"", recursive, OpenTreeFlags::AT_EMPTY_PATH)
}

/// Clones the mount (tree) at a path, detached. Follows links: the path is the host's.
pub(super) fn clone_host_tree(
    folder: BorrowedFd<'_>,
    path: impl Arg,
    recursive: bool,
) -> Result<OwnedFd, Errno> {
    clone(folder, path, recursive, OpenTreeFlags::empty())
}

fn clone(
    folder: BorrowedFd<'_>,
    path: impl Arg,
    recursive: bool,
    how: OpenTreeFlags,
) -> Result<OwnedFd, Errno> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | how;
    if recursive {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    open_tree(folder, path, flags)
}

/// Makes a detached file system.
pub(crate) fn filesystem<'a>(
    fstype: &CStr,
    source: &CStr,
    parameters: impl Iterator<Item = (&'a CStr, Option<&'a CStr>)>,
    attributes: u64,
) -> Result<OwnedFd, Errno> {
    let context = fsopen(fstype, FsOpenFlags::FSOPEN_CLOEXEC)?;
    // Some file systems take no source; it only shows in mountinfo.
    if !source.is_empty() {
        fsconfig_set_string(context.as_fd(), c"source", source)?;
    }
    for (key, value) in parameters {
        match value {
            Some(value) => fsconfig_set_string(context.as_fd(), key, value)?,
            None => fsconfig_set_flag(context.as_fd(), key)?,
        }
    }
    fsconfig_create(context.as_fd())?;
    fsmount(
        context.as_fd(),
        FsMountFlags::FSMOUNT_CLOEXEC,
        MountAttrFlags::from_bits_retain(attributes as u32),
    )
}

/// Attributes, attachment, propagation: in this order, so that nothing is visible before it is safe.
pub(super) fn finish(
    step: &MountStep,
    mount: BorrowedFd<'_>,
    place: BorrowedFd<'_>,
    is_bind: bool,
    index: usize,
) -> Step<()> {
    let none = MountAttributes::default();
    if is_bind && step.attributes != none {
        mount_setattr(mount, step.attributes, false, None).at(Stage::Mount, index)?;
    }
    if step.recursive_attributes != none {
        mount_setattr(mount, step.recursive_attributes, true, None).at(Stage::Mount, index)?;
    }
    if is_bind && step.propagation.is_empty() {
        // A clone of a shared mount is its peer: what the container mounts below would appear on the host.
        let slave = MountAttributes { propagation: MS_SLAVE, ..none };
        mount_setattr(mount, slave, true, None).at(Stage::Mount, index)?;
    }
    attach(mount, place).at(Stage::Mount, index)?;
    for (propagation, recursive) in &step.propagation {
        let change = MountAttributes { propagation: *propagation, ..none };
        mount_setattr(mount, change, *recursive, None).at(Stage::Mount, index)?;
    }
    Ok(())
}
