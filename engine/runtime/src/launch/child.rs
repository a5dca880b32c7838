//! What the container's first process does between clone and exec. Only system calls: nothing here allocates,
//! except where the crate's documentation says so.

use super::birth::{Birth, Common};
use super::gate::launch;
use super::identity::become_user;
use super::terminal::open_terminal;
use super::wire::{At, Message, Stage, Step, tell, wait_for_parent};
use super::{detached, hook, mounts, root};
use crate::plan::MS_PRIVATE;
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, MoveMountFlags, move_mount};
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd};
use teu_sys::mount::{MountAttributes, change_propagation, mount_setattr};
use teu_sys::{keyring, process, signal};

/// Read-only, without set-user-id programs, devices and programs.
const COVER: u64 = 0xf;

/// Runs the child, which was born in some of the namespaces that it is to join; returns only its exit code after a
/// failure.
pub(super) fn run(birth: &Birth<'_>, joined: u64) -> i32 {
    let fault = match prepare(birth, joined) {
        Ok(found) => launch(&birth.common, found, birth.start_hooks),
        Err(fault) => fault,
    };
    let _ = tell(birth.common.socket.as_fd(), &Message::Fault(fault));
    1
}

/// The first thing in any child.
pub(crate) fn begin(common: &Common<'_>) -> Step<()> {
    process::close_copy(common.parent_end);
    signal::reset_all().at(Stage::Session, 0)?;
    rustix::process::setsid().at(Stage::Session, 0)?;
    rustix::process::umask(Mode::empty());
    if let Some(cpus) = &common.process.affinity.first {
        rustix::thread::sched_setaffinity(None, cpus).at(Stage::Scheduling, 3)?;
    }
    for (index, tasks) in common.cgroup_tasks.iter().enumerate() {
        // "0" is the writer itself: a single thread moving itself spares the kernel a grace period.
        rustix::io::write(tasks, b"0").at(Stage::Cgroup, index)?;
    }
    Ok(())
}

fn prepare(birth: &Birth<'_>, joined: u64) -> Step<usize> {
    let plan = birth.plan;
    begin(&birth.common)?;
    // The pid namespace was entered by being born, the user namespace by the one that gave birth.
    let entered = |kind: u64| kind == 0x2000_0000 || kind == 0x1000_0000 || joined & kind != 0;
    for (index, (fd, kind)) in birth.joins.iter().enumerate().filter(|(_, (_, kind))| !entered(*kind)) {
        process::setns(fd.as_fd(), *kind).at(Stage::JoinNamespace, index)?;
    }
    if plan.namespaces.new_time {
        process::unshare(process::CLONE_NEWTIME).at(Stage::NewNamespace, 1)?;
        if !plan.namespaces.time_offsets.is_empty() && !plan.namespaces.parent_sets_time() {
            let flags = OFlags::WRONLY | OFlags::CLOEXEC;
            let file = rustix::fs::openat(CWD, c"/proc/self/timens_offsets", flags, Mode::empty())
                .at(Stage::TimeOffsets, 0)?;
            rustix::io::write(&file, plan.namespaces.time_offsets.as_bytes()).at(Stage::TimeOffsets, 0)?;
        }
    }
    if birth.parent_acts {
        tell(birth.common.socket.as_fd(), &Message::Namespaces).at(Stage::Parent, 0)?;
        wait_for_parent(birth.common.socket.as_fd()).at(Stage::Parent, 0)?;
    }
    if plan.namespaces.has_user {
        // Ids outside of the mapping cannot own anything in here.
        become_root().at(Stage::Identity, 0)?;
    }
    if plan.namespaces.new_cgroup {
        process::unshare(0x0200_0000).at(Stage::NewNamespace, 0)?;
    }
    // From here on nobody else may look into this copy of the parent's memory or follow its /proc/PID/exe.
    process::set_dumpable(false).at(Stage::Session, 1)?;
    if let Some(name) = birth.common.keyring {
        match keyring::join_session(name) {
            // Kernels without keyrings, and quotas of unprivileged users, must not stop a container.
            Err(error) if matches!(error.raw_os_error(), Some(38 | 122)) => {}
            result => result.map(|_| ()).at(Stage::Keyring, 0)?,
        }
    }
    if let Some(name) = &plan.hostname {
        rustix::system::sethostname(name.as_bytes()).at(Stage::Hostname, 0)?;
    }
    if let Some(name) = &plan.domainname {
        process::set_domain_name(name.as_bytes()).at(Stage::Hostname, 1)?;
    }
    let root = birth.root.as_fd();
    attach_root(birth, root)?;
    mounts::mount_all(birth, root)?;
    let console = if birth.common.terminal { Some(open_terminal(&birth.common, root)?) } else { None };
    mounts::devices(birth, root)?;
    if let Some(slave) = &console {
        let console_place =
            root::open_or_make(root, c"/dev/console", root::PointKind::File).at(Stage::Console, 2)?;
        // The clone is of the very terminal that the kernel gave us, whatever /dev/pts holds now.
        let clone = detached::clone_tree(slave.as_fd(), false).at(Stage::Console, 3)?;
        detached::attach(clone.as_fd(), console_place.as_fd()).at(Stage::Console, 4)?;
    }
    // createContainer hooks begin in the root, as runc's do; their own paths are the host's.
    rustix::process::fchdir(root).at(Stage::Pivot, 0)?;
    for (index, prepared) in birth.create_hooks.iter().enumerate() {
        hook::run_in_child(prepared, index, || Ok(()))?;
    }
    mounts::late_read_only(birth, root)?;
    mounts::read_only(birth, root)?;
    mounts::mask(birth, root)?;
    if let Some(proc_sys) = birth.proc_sys {
        for (index, step) in plan.sysctls.iter().enumerate() {
            write_sysctl(proc_sys.as_fd(), &step.path, step.value.as_bytes()).at(Stage::Sysctl, index)?;
        }
    }
    for view in birth.host_views {
        // They stay in this namespace with the old root, and as long as all of procfs is to be seen in it somewhere, the
        // kernel lets a user namespace of the container mount a new one, without masks.
        if teu_sys::mount::unmount_detach(view).is_err() {
            let none = std::iter::empty();
            let cover = detached::filesystem(c"tmpfs", c"none", none, COVER).at(Stage::Pivot, 5)?;
            let place = rustix::fs::open(view.as_c_str(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
                .at(Stage::Pivot, 5)?;
            detached::attach(cover.as_fd(), place.as_fd()).at(Stage::Pivot, 5)?;
        }
    }
    if birth.no_pivot || !plan.namespaces.new_mount {
        // In a namespace that others use as well their root must stay.
        rustix::process::chroot(c".").at(Stage::Pivot, 3)?;
    } else {
        teu_sys::mount::pivot_to_cwd().at(Stage::Pivot, 1)?;
        // The old root is stacked on the new one now. In a mount namespace of ours it shares nothing with the host's
        // since the beginning, so that the unmount stays here.
        teu_sys::mount::unmount_detach(c".").at(Stage::Pivot, 2)?;
    }
    rustix::process::chdir(c"/").at(Stage::Pivot, 4)?;
    if plan.root_read_only {
        let change = MountAttributes {
            set: u64::from(MountAttrFlags::MOUNT_ATTR_RDONLY.bits()),
            ..Default::default()
        };
        mount_setattr(root, change, false, None).at(Stage::ReadOnly, usize::MAX)?;
    }
    if let Some(propagation) = plan.final_propagation {
        change_propagation(c"/", propagation).at(Stage::Propagation, 2)?;
    }
    become_user(&birth.common, console.as_ref())
}

/// Puts the root where it can be mounted on.
fn attach_root(birth: &Birth<'_>, root: BorrowedFd<'_>) -> Step<()> {
    let private = MountAttributes { propagation: MS_PRIVATE, ..Default::default() };
    if birth.plan.namespaces.new_mount {
        change_propagation(c"/", birth.plan.initial_propagation).at(Stage::Propagation, 0)?;
        // On top of the old root: the one place that surely exists. Paths still begin below it, as the root of
        // this process stays the old one until the pivot.
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        move_mount(root, c"", CWD, c"/", flags).at(Stage::Root, 0)?;
    } else {
        // In a mount namespace that is shared with others the root is mounted over its own folder.
        let place = rustix::fs::open(birth.root_path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
            .at(Stage::Root, 2)?;
        detached::attach(root, place.as_fd()).at(Stage::Root, 3)?;
    }
    mount_setattr(root, private, true, None).at(Stage::Root, 1)
}

fn write_sysctl(proc_sys: BorrowedFd<'_>, path: &CStr, value: &[u8]) -> Result<(), Errno> {
    use rustix::fs::{ResolveFlags, openat2};
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    let file = openat2(proc_sys, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty(), resolve)?;
    rustix::io::write(&file, value).map(|_| ())
}

fn become_root() -> Result<(), Errno> {
    rustix::thread::set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT)?;
    rustix::thread::set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)
}
