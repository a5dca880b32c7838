//! The child's mounts, device nodes, masks: everything below the root, through descriptors.

use super::birth::Birth;
use super::detached::{attach, clone_host_tree, clone_tree, filesystem, finish};
use super::root::{
    PointKind, is_directory, make_parents, open_inside, open_inside_plain, open_or_make, terminated,
};
use super::wire::{At, Stage, Step};
use crate::plan::{DeviceStep, LinkStep, MountKind};
use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid, chownat, mknodat, statat, symlinkat};
use rustix::io::Errno;
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use teu_sys::mount::{MountAttributes, mount_setattr};

const READ_ONLY: u64 = 1;

/// Makes every mount of the plan.
pub(super) fn mount_all(birth: &Birth<'_>, root: BorrowedFd<'_>) -> Step<()> {
    for (index, step) in birth.plan.mounts.iter().enumerate() {
        match &step.kind {
            MountKind::Filesystem { fstype, source, parameters } => {
                // What is believed later to be procfs or sysfs must lie where it says: no links on the way.
                let strict = matches!(fstype.as_bytes(), b"proc" | b"sysfs");
                let has_mode = parameters.iter().any(|(key, _)| key.as_bytes() == b"mode");
                // A tmpfs is as open as the folder that it covers.
                let covers = fstype.as_bytes() == b"tmpfs"
                    && !has_mode
                    && open_inside(root, &step.destination, OFlags::PATH).is_ok();
                let place = place(root, &step.destination, PointKind::Directory, strict, index)?;
                let parameters = parameters.iter().map(|(key, value)| (key.as_c_str(), value.as_deref()));
                let mut digits = [0u8; 8];
                let mode = if covers {
                    let mode = rustix::fs::fstat(&place).at(Stage::Mount, index)?.st_mode & 0o7777;
                    Some((c"mode", Some(octal(mode, &mut digits))))
                } else {
                    None
                };
                let mount = filesystem(fstype, source, parameters.chain(mode), step.attributes.set)
                    .at(Stage::Mount, index)?;
                if step.copy_up {
                    super::copy_up::copy(place.as_fd(), mount.as_fd()).at(Stage::Mount, index)?;
                }
                finish(step, mount.as_fd(), place.as_fd(), false, index)?;
            }
            MountKind::Bind { source, recursive } => {
                let in_child;
                let tree = match &birth.sources[index] {
                    Some(tree) => tree,
                    None => {
                        in_child = source_tree(birth, root, source, *recursive).at(Stage::Mount, index)?;
                        &in_child
                    }
                };
                let kind = if is_directory(tree).at(Stage::Mount, index)? {
                    PointKind::Directory
                } else {
                    PointKind::File
                };
                let place = place(root, &step.destination, kind, false, index)?;
                finish(step, tree.as_fd(), place.as_fd(), true, index)?;
            }
            MountKind::Cgroup { .. } => super::cgroup_view::mount(birth, step, root, index)?,
        }
    }
    Ok(())
}

/// Clones a source in its turn. One below the container's own root is looked for there, where earlier mounts are.
fn source_tree(
    birth: &Birth<'_>,
    root: BorrowedFd<'_>,
    source: &Path,
    recursive: bool,
) -> Result<OwnedFd, Errno> {
    let mut buffer = [0u8; 4096];
    let path = host_path(birth.bundle, source, &mut buffer)?;
    let inside = birth.root_path.to_bytes();
    if let Some(rest) = path.to_bytes_with_nul().strip_prefix(inside)
        && !inside.is_empty()
        && rest.first() == Some(&b'/')
        && let Ok(rest) = CStr::from_bytes_with_nul(rest)
    {
        return clone_tree(open_inside(root, rest, OFlags::PATH)?.as_fd(), recursive);
    }
    clone_host_tree(CWD, path, recursive)
}

/// Permission bits as text.
fn octal(mode: u32, buffer: &mut [u8; 8]) -> &CStr {
    for (at, digit) in buffer.iter_mut().take(4).enumerate() {
        *digit = b'0' + (mode >> (9 - 3 * at) & 7) as u8;
    }
    buffer[4] = 0;
    CStr::from_bytes_until_nul(buffer).unwrap_or(c"1777")
}

/// A source as a path from the host's root, in the caller's buffer. A descriptor would not do: it leads into the
/// parent's mount namespace, whose mounts cannot be cloned in this one.
fn host_path<'b>(bundle: &Path, source: &Path, buffer: &'b mut [u8; 4096]) -> Result<&'b CStr, Errno> {
    let source = source.as_os_str().as_encoded_bytes();
    if source.first() == Some(&b'/') {
        return terminated(source, buffer);
    }
    let bundle = bundle.as_os_str().as_encoded_bytes();
    if bundle.len() + source.len() + 2 > buffer.len() {
        return Err(Errno::NAMETOOLONG);
    }
    let mut joined = [0u8; 4096];
    joined[..bundle.len()].copy_from_slice(bundle);
    joined[bundle.len()] = b'/';
    joined[bundle.len() + 1..=bundle.len() + source.len()].copy_from_slice(source);
    terminated(&joined[..=bundle.len() + source.len()], buffer)
}

fn place(root: BorrowedFd<'_>, path: &CStr, kind: PointKind, strict: bool, index: usize) -> Step<OwnedFd> {
    if strict {
        match open_inside_plain(root, path, OFlags::PATH | OFlags::DIRECTORY) {
            Err(Errno::NOENT) => {}
            result => return result.at(Stage::MountTarget, index),
        }
    }
    open_or_make(root, path, kind).at(Stage::MountTarget, index)
}

/// Makes tmpfs mounts read-only that had to be written to until now.
pub(super) fn late_read_only(birth: &Birth<'_>, root: BorrowedFd<'_>) -> Step<()> {
    for (index, step) in birth.plan.mounts.iter().enumerate().filter(|(_, step)| step.late_read_only) {
        let place = open_inside(root, &step.destination, OFlags::PATH).at(Stage::ReadOnly, index)?;
        let change = MountAttributes { set: READ_ONLY, ..Default::default() };
        mount_setattr(place.as_fd(), change, false, None).at(Stage::Mount, index)?;
    }
    Ok(())
}

/// Makes device nodes.
pub(super) fn devices(birth: &Birth<'_>, root: BorrowedFd<'_>) -> Step<()> {
    for (index, device) in birth.plan.devices.iter().enumerate() {
        if device.bind {
            let Some(source) = &birth.device_sources[index] else { continue };
            let place = open_or_make(root, &device.path, PointKind::File).at(Stage::Device, index)?;
            attach(source.as_fd(), place.as_fd()).at(Stage::Device, index)?;
        } else {
            node(root, device).at(Stage::Device, index)?;
        }
    }
    for (index, link) in birth.plan.links.iter().enumerate() {
        make_link(root, link).at(Stage::Link, index)?;
    }
    Ok(())
}

fn node(root: BorrowedFd<'_>, device: &DeviceStep) -> Result<(), Errno> {
    let (parent, name) = make_parents(root, &device.path)?;
    let mut buffer = [0u8; 256];
    let name = terminated(name, &mut buffer)?;
    let number = rustix::fs::makedev(device.major, device.minor);
    let kind = FileType::from_raw_mode(device.mode);
    match mknodat(&parent, name, kind, Mode::from_raw_mode(device.mode & 0o7777), number) {
        Ok(()) => {}
        Err(Errno::EXIST) => {
            // An image may bring the very node; anything else under its name is no device.
            let found = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(found.st_mode) != kind
                || (kind != FileType::Fifo && found.st_rdev != number)
            {
                return Err(Errno::EXIST);
            }
        }
        Err(error) => return Err(error),
    }
    if device.uid != 0 || device.gid != 0 {
        let (uid, gid) = (Uid::from_raw(device.uid), Gid::from_raw(device.gid));
        chownat(&parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
    }
    Ok(())
}

fn make_link(root: BorrowedFd<'_>, link: &LinkStep) -> Result<(), Errno> {
    let (parent, name) = make_parents(root, &link.path)?;
    let mut buffer = [0u8; 256];
    match symlinkat(&link.target, &parent, terminated(name, &mut buffer)?) {
        // The image's own /dev/fd and so on stay as they are.
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Hides paths: directories under an empty read-only tmpfs, everything else under the host's null device (the
/// container's own could be anything).
pub(super) fn mask(birth: &Birth<'_>, root: BorrowedFd<'_>) -> Step<()> {
    let mut empty: Option<OwnedFd> = None;
    let mut null: Option<OwnedFd> = None;
    for (index, path) in birth.plan.masked.iter().enumerate() {
        let place = match open_inside(root, path, OFlags::PATH) {
            Ok(place) => place,
            Err(Errno::NOENT | Errno::NOTDIR) => continue,
            Err(error) => return Err(error).at(Stage::Mask, index),
        };
        if is_directory(&place).at(Stage::Mask, index)? {
            let cover = match &empty {
                // One superblock serves every masked directory. Older kernels clone attached mounts only, so the
                // first is attached itself.
                Some(attached) => clone_tree(attached.as_fd(), false).at(Stage::Mask, index)?,
                None => {
                    let parameters = [(c"size", Some(c"0")), (c"mode", Some(c"555"))];
                    filesystem(c"tmpfs", c"tmpfs", parameters.into_iter(), READ_ONLY | 0xe)
                        .at(Stage::Mask, index)?
                }
            };
            attach(cover.as_fd(), place.as_fd()).at(Stage::Mask, index)?;
            empty.get_or_insert(cover);
        } else {
            if null.is_none() {
                null = Some(null_device().at(Stage::Mask, index)?);
            }
            let Some(null) = &null else { continue };
            let cover = clone_tree(null.as_fd(), false).at(Stage::Mask, index)?;
            attach(cover.as_fd(), place.as_fd()).at(Stage::Mask, index)?;
        }
    }
    Ok(())
}

/// The host's null device, in the child's own copy of the host's mounts: of no others can a mount be cloned. It must
/// be the real one, as it covers what is masked.
fn null_device() -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::openat(CWD, c"/dev/null", flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&fd)?;
    let is_device = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice;
    if is_device && stat.st_rdev == rustix::fs::makedev(1, 3) { Ok(fd) } else { Err(Errno::NODEV) }
}

/// Covers paths with read-only clones of themselves.
pub(super) fn read_only(birth: &Birth<'_>, root: BorrowedFd<'_>) -> Step<()> {
    for (index, path) in birth.plan.read_only.iter().enumerate() {
        let place = match open_inside(root, path, OFlags::PATH) {
            Ok(place) => place,
            Err(Errno::NOENT | Errno::NOTDIR) => continue,
            Err(error) => return Err(error).at(Stage::ReadOnly, index),
        };
        let clone = clone_tree(place.as_fd(), true).at(Stage::ReadOnly, index)?;
        let change = MountAttributes { set: READ_ONLY, ..Default::default() };
        mount_setattr(clone.as_fd(), change, true, None).at(Stage::ReadOnly, index)?;
        attach(clone.as_fd(), place.as_fd()).at(Stage::ReadOnly, index)?;
    }
    Ok(())
}
