//! The mount of type `cgroup`: what the container sees of its own cgroups.

use super::birth::Birth;
use super::detached::{attach, filesystem, finish};
use super::root::{PointKind, open_or_make};
use super::wire::{At, Stage, Step};
use crate::plan::MountStep;
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;
use rustix::mount::{OpenTreeFlags, open_tree};
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use teu_sys::mount::{MountAttributes, mount_setattr};

const READ_ONLY: u64 = 1;
/// nosuid, nodev, noexec.
const SAFE: u64 = 0xe;

/// On v2 one mount; on v1 a tmpfs with one mount for each controller that the container is in. In a cgroup
/// namespace of its own their root is the container's cgroup; without one the container's directories are bound.
pub(super) fn mount(birth: &Birth<'_>, step: &MountStep, root: BorrowedFd<'_>, index: usize) -> Step<()> {
    let place = open_or_make(root, &step.destination, PointKind::Directory).at(Stage::MountTarget, index)?;
    let attributes = step.attributes.set | SAFE;
    if birth.cgroup_unified {
        let view = match filesystem(c"cgroup2", c"cgroup", std::iter::empty(), attributes) {
            // A user namespace may mount only the cgroup namespaces that it owns.
            Err(Errno::PERM) => match birth.cgroup_views.first() {
                Some((_, path)) => bind(path, attributes),
                None => Err(Errno::PERM),
            },
            result => result,
        }
        .at(Stage::Mount, index)?;
        return finish(step, view.as_fd(), place.as_fd(), false, index);
    }
    let base = filesystem(c"tmpfs", c"tmpfs", [(c"mode", Some(c"755"))].into_iter(), SAFE)
        .at(Stage::Mount, index)?;
    attach(base.as_fd(), place.as_fd()).at(Stage::Mount, index)?;
    for (name, path) in birth.cgroup_views {
        mkdirat(&base, name.as_c_str(), Mode::from_raw_mode(0o755)).at(Stage::MountTarget, index)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let inner = openat(&base, name.as_c_str(), flags, Mode::empty()).at(Stage::MountTarget, index)?;
        let systemd = name.as_c_str() == c"systemd";
        // There are no limits in systemd's hierarchy, and systemd must make groups for its units.
        let attributes = if systemd { attributes & !READ_ONLY } else { attributes };
        let view = if !birth.plan.namespaces.new_cgroup {
            bind(path, attributes)
        } else if systemd {
            let parameters = [(c"none", None), (c"name", Some(c"systemd"))];
            filesystem(c"cgroup", c"cgroup", parameters.into_iter(), attributes)
        } else {
            filesystem(c"cgroup", c"cgroup", [(name.as_c_str(), None)].into_iter(), attributes)
        }
        .at(Stage::Mount, index)?;
        attach(view.as_fd(), inner.as_fd()).at(Stage::Mount, index)?;
    }
    if step.attributes.set & READ_ONLY != 0 {
        let change = MountAttributes { set: READ_ONLY, ..Default::default() };
        mount_setattr(base.as_fd(), change, false, None).at(Stage::Mount, index)?;
    }
    Ok(())
}

fn bind(path: &CStr, attributes: u64) -> Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let tree = open_tree(CWD, path, flags)?;
    let change = MountAttributes { set: attributes, ..Default::default() };
    mount_setattr(tree.as_fd(), change, false, None)
        .map_err(|error| Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5)))?;
    Ok(tree)
}
