//! The mount of type `cgroup`: what the container sees of its own cgroups.

use super::child::Birth;
use super::mounts::{attach, filesystem, finish};
use super::root::{PointKind, open_or_make, terminated};
use super::wire::{At, Stage, Step};
use crate::plan::MountStep;
use rustix::fs::{Mode, OFlags, mkdirat, openat};
use std::os::fd::{AsFd, BorrowedFd};
use teu_sys::mount::{MountAttributes, mount_setattr};

const READ_ONLY: u64 = 1;
/// nosuid, nodev, noexec.
const SAFE: u64 = 0xe;

/// On v2 one mount; on v1 a tmpfs with one mount for each controller that the container is in. In a cgroup
/// namespace of its own their root is the container's cgroup.
pub(super) fn mount(birth: &Birth<'_>, step: &MountStep, root: BorrowedFd<'_>, index: usize) -> Step<()> {
    let place = open_or_make(root, &step.destination, PointKind::Directory).at(Stage::MountTarget, index)?;
    let attributes = step.attributes.set | SAFE;
    if birth.cgroup_unified {
        let view =
            filesystem(c"cgroup2", c"cgroup", std::iter::empty(), attributes).at(Stage::Mount, index)?;
        return finish(step, view.as_fd(), place.as_fd(), false, index);
    }
    let base = filesystem(c"tmpfs", c"tmpfs", [(c"mode", Some(c"755"))].into_iter(), SAFE)
        .at(Stage::Mount, index)?;
    attach(base.as_fd(), place.as_fd()).at(Stage::Mount, index)?;
    for controller in birth.cgroup_controllers {
        let mut buffer = [0u8; 64];
        let name = terminated(controller.as_bytes(), &mut buffer).at(Stage::Mount, index)?;
        mkdirat(&base, name, Mode::from_raw_mode(0o755)).at(Stage::MountTarget, index)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let inner = openat(&base, name, flags, Mode::empty()).at(Stage::MountTarget, index)?;
        let view = if name == c"systemd" {
            let parameters = [(c"none", None), (c"name", Some(c"systemd"))];
            filesystem(c"cgroup", c"cgroup", parameters.into_iter(), attributes)
        } else {
            filesystem(c"cgroup", c"cgroup", [(name, None)].into_iter(), attributes)
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
