//! What the parent opens with its own rights before the child exists.

use super::detached::clone_host_tree;
use super::idmap;
use crate::error::{ErrorClass, Result, RuntimeError, shown};
use crate::plan::{DeviceStep, MS_SHARED, MountKind, Plan, ProcessPlan};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{OpenTreeFlags, open_tree};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use teu_sys::mount::{MountAttributes, mount_setattr};

/// Clones what binds mount where the child could not: in a user namespace of its own it may not reach the source, and
/// ids are shifted with the caller's rights; a path through a descriptor leads into the caller's mounts, and a mount that
/// is to be shared with the host, which a shared root allows, must be a peer of the host's own. All others the child clones itself, in their turn, of
/// its own copy of the host's mounts, so that nothing propagates back; here it is only seen that they exist.
pub(super) fn sources(
    plan: &Plan,
    bundle: BorrowedFd<'_>,
    bundle_path: &Path,
    root_path: &Path,
) -> Result<Vec<Option<OwnedFd>>> {
    let mut sources = Vec::with_capacity(plan.mounts.len());
    for step in &plan.mounts {
        let MountKind::Bind { source, recursive } = &step.kind else {
            sources.push(None);
            continue;
        };
        if bundle_path.join(source).starts_with(root_path) && !root_path.as_os_str().is_empty() {
            // An earlier mount may make it.
            sources.push(None);
            continue;
        }
        let fail = |error| RuntimeError::kernel("open mount source", shown(source), error);
        let of_host = step.is_shared() && plan.final_propagation == Some(MS_SHARED);
        let by_child = !plan.namespaces.has_user && !is_callers(source) && !of_host;
        if by_child && step.id_map.is_none() {
            rustix::fs::openat(bundle, source, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
                .map_err(fail)?;
            sources.push(None);
            continue;
        }
        let tree = match clone_host_tree(bundle, source.as_path(), *recursive) {
            Ok(tree) => tree,
            // Without rights over the host's mounts the child tries, in its own user namespace.
            Err(rustix::io::Errno::PERM) if plan.namespaces.has_user && step.id_map.is_none() => {
                sources.push(None);
                continue;
            }
            Err(error) => return Err(fail(error)),
        };
        if let Some(map) = &step.id_map {
            let namespace = idmap::user_namespace(map, &plan.namespaces)?;
            let attributes = MountAttributes { set: 0x10_0000, ..Default::default() };
            mount_setattr(tree.as_fd(), attributes, map.recursive, Some(namespace.as_fd()))
                .map_err(|error| RuntimeError::kernel("shift the ids of", shown(source), error))?;
        }
        sources.push(Some(tree));
    }
    Ok(sources)
}

/// Whether a source leads through a link that means a place in the caller's mounts, whatever its text (proc(5)).
fn is_callers(source: &Path) -> bool {
    let leads_away = |part: &std::ffi::OsStr| part == "fd" || part == "root" || part == "cwd";
    source.starts_with("/dev/fd") || source.starts_with("/proc") && source.iter().any(leads_away)
}

/// Clones of the host's device nodes, where nodes cannot be made. One that the host lacks is left out.
pub(super) fn device_sources(plan: &Plan) -> Vec<Option<OwnedFd>> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let source = |device: &DeviceStep| {
        device.bind.then(|| open_tree(CWD, device.path.as_c_str(), flags).ok()).flatten()
    };
    plan.devices.iter().map(source).collect()
}

/// The host's `/proc/sys`: procfs shows each process the parameters of its own namespaces, so the child writes its
/// own through it, and no file of the container is trusted.
pub(super) fn proc_sys() -> Result<OwnedFd> {
    const PROC_SUPER_MAGIC: i64 = 0x9fa0;
    let fd = rustix::fs::open("/proc/sys", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| RuntimeError::kernel("open", "/proc/sys", error))?;
    let stat = rustix::fs::fstatfs(&fd).map_err(|error| RuntimeError::kernel("open", "/proc/sys", error))?;
    if stat.f_type as i64 != PROC_SUPER_MAGIC {
        return Err(RuntimeError::of(ErrorClass::Kernel, "use", "/proc/sys", "it is not procfs"));
    }
    Ok(fd)
}

/// The attribute file that takes effect at the next exec, and the profile or label to write. Opened before the
/// clone through `thread-self`, it would be this thread's; so only the kernel's module decides which exists.
pub(crate) fn label_file(process: &ProcessPlan) -> Result<Option<(OwnedFd, String)>> {
    let (name, text, enabled) = match (&process.apparmor, &process.selinux) {
        (Some(profile), _) if profile != "unconfined" => {
            ("AppArmor", profile, Path::new("/sys/module/apparmor").exists())
        }
        (_, Some(label)) => ("SELinux", label, Path::new("/sys/fs/selinux/enforce").exists()),
        _ => return Ok(None),
    };
    let reason =
        if enabled { "changing it at exec is not supported" } else { "this kernel has it not enabled" };
    Err(RuntimeError::of(ErrorClass::Unsupported, "use", format!("{name} label {text}"), reason))
}
