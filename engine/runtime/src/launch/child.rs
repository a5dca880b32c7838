//! What the container's first process does between clone and exec. Only system calls: nothing here allocates,
//! except where the crate's documentation says so.

use super::wire::{At, Fault, Message, Stage, Step, tell, tell_console, wait_for_parent};
use super::{mounts, root};
use crate::plan::{Plan, ProcessPlan};
use crate::seccomp::Program;
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid, access, fchown};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, MoveMountFlags, move_mount};
use rustix::thread::{CapabilitySet, CapabilitySets};
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::path::Path;
use teu_sys::exec::{StringTable, execve};
use teu_sys::mount::{MountAttributes, change_propagation, mount_setattr};
use teu_sys::{keyring, process, rlimit, sched, signal, tty};

/// Everything prepared for a new container. Borrowed from the parent's memory, of which the child has a copy.
pub(super) struct Birth<'a> {
    pub plan: &'a Plan,
    pub common: Common<'a>,
    /// The detached root mount.
    pub root: &'a OwnedFd,
    /// The bundle: where a relative source begins.
    pub bundle: &'a Path,
    /// Detached trees of bind mounts, by index of the plan's mounts.
    pub sources: &'a [Option<OwnedFd>],
    /// Detached clones of host devices, by index of the plan's devices.
    pub device_sources: &'a [Option<OwnedFd>],
    /// The host's `/proc/sys`, verified to be procfs.
    pub proc_sys: Option<&'a OwnedFd>,
    /// Namespaces to join: descriptor and kind.
    pub joins: &'a [(OwnedFd, u64)],
    /// Whether the cgroup mount is the unified one.
    pub cgroup_unified: bool,
    /// The container's cgroup directories on the host by controller, for a cgroup mount.
    pub cgroup_views: &'a [(CString, CString)],
    /// Whether the parent has something to do once the namespaces exist.
    pub parent_acts: bool,
    /// Use chroot in place of pivot_root (initramfs).
    pub no_pivot: bool,
    /// The createContainer and startContainer hooks.
    pub create_hooks: &'a [PreparedHook],
    pub start_hooks: &'a [PreparedHook],
}

/// A hook that runs inside of the container's namespaces.
pub(crate) struct PreparedHook {
    pub path: CString,
    pub arguments: StringTable,
    pub environment: StringTable,
    /// The state for its standard input.
    pub state: Vec<u8>,
    /// Milliseconds.
    pub timeout: Option<u64>,
}

/// What new containers and exec sessions have in common.
pub(crate) struct Common<'a> {
    pub process: &'a ProcessPlan,
    pub arguments: &'a StringTable,
    pub environment: &'a StringTable,
    pub seccomp: Option<&'a Program>,
    /// Our end of the socket to the parent.
    pub socket: &'a OwnedFd,
    /// The parent's end, of which the child got a copy.
    pub parent_end: RawFd,
    /// v1 `tasks` files of the cgroups, opened by the parent.
    pub cgroup_tasks: &'a [OwnedFd],
    /// Standard input, output, error; ignored with a terminal.
    pub stdio: &'a [OwnedFd; 3],
    pub terminal: bool,
    pub console_size: Option<(u16, u16)>,
    pub preserve_fds: u32,
    pub keyring: Option<&'a CStr>,
    pub die_with_parent: bool,
    /// Whether a process of ours stays in front of the program, hands signals on and reaps orphans.
    pub init: bool,
    /// A fifo to wait at, and one to report through: in place of the socket.
    pub fifo: Option<(&'a OwnedFd, &'a OwnedFd)>,
    /// Empty for none: what to write to `/proc/self/attr/…/exec` and where.
    pub label: Option<(&'a OwnedFd, &'a [u8])>,
}

/// Runs the child; returns only its exit code after a failure.
pub(super) fn run(birth: &Birth<'_>) -> i32 {
    let fault = match prepare(birth) {
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
    for (index, tasks) in common.cgroup_tasks.iter().enumerate() {
        // "0" is the writer itself: a single thread moving itself spares the kernel a grace period.
        rustix::io::write(tasks, b"0").at(Stage::Cgroup, index)?;
    }
    Ok(())
}

fn prepare(birth: &Birth<'_>) -> Step<usize> {
    let plan = birth.plan;
    begin(&birth.common)?;
    // The pid namespace was entered by being born, the user namespace by the one that gave birth.
    let entered = |kind: u64| kind == 0x2000_0000 || kind == 0x1000_0000;
    for (index, (fd, kind)) in birth.joins.iter().enumerate().filter(|(_, (_, kind))| !entered(*kind)) {
        process::setns(fd.as_fd(), *kind).at(Stage::JoinNamespace, index)?;
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
    if plan.namespaces.new_time {
        process::unshare(process::CLONE_NEWTIME).at(Stage::NewNamespace, 1)?;
        if !plan.namespaces.time_offsets.is_empty() {
            let flags = OFlags::WRONLY | OFlags::CLOEXEC;
            let file = rustix::fs::openat(CWD, c"/proc/self/timens_offsets", flags, Mode::empty())
                .at(Stage::TimeOffsets, 0)?;
            rustix::io::write(&file, plan.namespaces.time_offsets.as_bytes()).at(Stage::TimeOffsets, 0)?;
        }
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
    if plan.namespaces.new_mount {
        change_propagation(c"/", plan.initial_propagation).at(Stage::Propagation, 0)?;
        let none = MountAttributes::default();
        // On top of the old root: the one place that surely exists. Paths still begin below it, as the root of
        // this process stays the old one until the pivot.
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        move_mount(root, c"", CWD, c"/", flags).at(Stage::Root, 0)?;
        mount_setattr(root, MountAttributes { propagation: 1 << 18, ..none }, true, None)
            .at(Stage::Root, 1)?;
    }
    mounts::mount_all(birth, root)?;
    let console = if birth.common.terminal { Some(open_terminal(&birth.common, root)?) } else { None };
    mounts::devices(birth, root)?;
    if let Some(slave) = &console {
        let console_place =
            root::open_or_make(root, c"/dev/console", root::PointKind::File).at(Stage::Console, 2)?;
        // The clone is of the very terminal that the kernel gave us, whatever /dev/pts holds now.
        let clone = mounts::clone_tree(slave.as_fd(), false).at(Stage::Console, 3)?;
        mounts::attach(clone.as_fd(), console_place.as_fd()).at(Stage::Console, 4)?;
    }
    for (index, hook) in birth.create_hooks.iter().enumerate() {
        super::hook::run_in_child(hook, index)?;
    }
    mounts::late_read_only(birth, root)?;
    mounts::read_only(birth, root)?;
    mounts::mask(birth, root)?;
    if let Some(proc_sys) = birth.proc_sys {
        for (index, step) in plan.sysctls.iter().enumerate() {
            write_sysctl(proc_sys.as_fd(), &step.path, step.value.as_bytes()).at(Stage::Sysctl, index)?;
        }
    }
    rustix::process::fchdir(root).at(Stage::Pivot, 0)?;
    if birth.no_pivot {
        rustix::process::chroot(c".").at(Stage::Pivot, 3)?;
    } else {
        teu_sys::mount::pivot_to_cwd().at(Stage::Pivot, 1)?;
        // The old root is stacked on the new one now: a slave, so that the unmount stays here.
        change_propagation(c".", (1 << 19) | (1 << 14)).at(Stage::Propagation, 1)?;
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

/// Opens a terminal of the container's own devpts, sends its master to the parent and gives the slave.
fn open_terminal(common: &Common<'_>, root: BorrowedFd<'_>) -> Step<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let master = root::open_inside(root, c"/dev/pts/ptmx", flags).at(Stage::Console, 0)?;
    terminal_from(common, &master)
}

/// Unlocks a terminal, sizes it, hands its master over, gives its slave.
pub(crate) fn terminal_from(common: &Common<'_>, master: &OwnedFd) -> Step<OwnedFd> {
    rustix::pty::unlockpt(master).at(Stage::Console, 1)?;
    let peer =
        rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY | rustix::pty::OpenptFlags::CLOEXEC;
    // By ioctl on the master: no path that the container could have replaced.
    let slave = rustix::pty::ioctl_tiocgptpeer(master, peer).at(Stage::Console, 5)?;
    if let Some((columns, rows)) = common.console_size {
        tty::set_size(slave.as_fd(), columns, rows).at(Stage::Console, 6)?;
    }
    tell_console(common.socket.as_fd(), master.as_fd()).at(Stage::Console, 7)?;
    Ok(slave)
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

/// Standard descriptors, limits, working directory, user, capabilities, seccomp; gives the index of the program
/// among the candidates.
pub(crate) fn become_user(common: &Common<'_>, console: Option<&OwnedFd>) -> Step<usize> {
    let plan = common.process;
    let uid = Uid::from_raw(plan.uid);
    for (number, fd) in common.stdio.iter().enumerate() {
        let fd = console.unwrap_or(fd);
        process::place_fd(fd.as_fd(), number as RawFd).at(Stage::Descriptors, number)?;
    }
    if console.is_some() {
        tty::set_controlling(process::parked(0)).at(Stage::Console, 8)?;
    }
    give_stdio(uid, plan.gid, console.is_some());
    if let Some(attributes) = &plan.scheduling.policy {
        sched::set_attributes(attributes).at(Stage::Scheduling, 0)?;
    }
    if let Some((class, level)) = plan.scheduling.io_priority {
        sched::set_io_priority(class, level).at(Stage::Scheduling, 1)?;
    }
    if let Some(domain) = plan.scheduling.personality {
        sched::set_personality(domain).at(Stage::Scheduling, 2)?;
    }
    for (index, (resource, soft, hard)) in plan.rlimits.iter().enumerate() {
        rlimit::set(*resource, *soft, *hard).at(Stage::Rlimit, index)?;
    }
    if let Some((file, label)) = common.label {
        rustix::io::write(file, label).at(Stage::Label, 0)?;
    }
    // A directory that only the user may enter is entered as the user below; one that only root may enter, here.
    let entered = rustix::process::chdir(plan.cwd.as_c_str()).is_ok();
    if let Some(program) = common.seccomp.filter(|_| !plan.no_new_privileges) {
        // Without no_new_privs only CAP_SYS_ADMIN may load a filter, and that goes next.
        load_seccomp(common, program)?;
    }
    let masks = &plan.capabilities;
    for capability in 0..=63u32 {
        let bit = 1u64 << capability;
        if masks.bounding & bit == 0 {
            match rustix::thread::remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(bit)) {
                Ok(()) => {}
                // The first number that this kernel does not have.
                Err(Errno::INVAL) => break,
                Err(error) => return Err(error).at(Stage::Capabilities, 0),
            }
        }
    }
    rustix::thread::set_keep_capabilities(true).at(Stage::Capabilities, 1)?;
    set_groups(plan).at(Stage::Identity, 1)?;
    let gid = Gid::from_raw(plan.gid);
    rustix::thread::set_thread_res_gid(gid, gid, gid).at(Stage::Identity, 2)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid).at(Stage::Identity, 3)?;
    rustix::thread::set_keep_capabilities(false).at(Stage::Capabilities, 2)?;
    let sets = CapabilitySets {
        effective: CapabilitySet::from_bits_retain(masks.effective),
        permitted: CapabilitySet::from_bits_retain(masks.permitted),
        inheritable: CapabilitySet::from_bits_retain(masks.inheritable),
    };
    rustix::thread::set_capabilities(None, sets).at(Stage::Capabilities, 3)?;
    if masks.ambient != 0 {
        for capability in 0..=63u32 {
            let bit = 1u64 << capability;
            // What is not both permitted and inheritable cannot be ambient; runc leaves it out as well.
            if masks.ambient & masks.permitted & masks.inheritable & bit != 0 {
                let one = CapabilitySet::from_bits_retain(bit);
                rustix::thread::configure_capability_in_ambient_set(one, true).at(Stage::Capabilities, 4)?;
            }
        }
    }
    // A change of user made the process dumpable as fs.suid_dumpable says, and forgot the parent's death.
    process::set_dumpable(false).at(Stage::Session, 2)?;
    if common.die_with_parent {
        process::set_parent_death_signal(9).at(Stage::Session, 3)?;
    }
    if !entered {
        rustix::process::chdir(plan.cwd.as_c_str()).at(Stage::Cwd, 0)?;
    }
    // A descriptor of the host left open could make a cwd such as /proc/self/fd/7 lead outside (CVE-2024-21626).
    if !process::cwd_is_reachable().at(Stage::Cwd, 0)? {
        return Err(Fault { stage: Stage::CwdEscape, index: 0, errno: 0 });
    }
    rustix::process::umask(Mode::from_raw_mode(plan.umask));
    if plan.no_new_privileges {
        rustix::thread::set_no_new_privs(true).at(Stage::Privileges, 0)?;
    }
    let found = look_up(plan)?;
    if let Some(program) = common.seccomp.filter(|_| plan.no_new_privileges) {
        load_seccomp(common, program)?;
    }
    Ok(found)
}

fn set_groups(plan: &ProcessPlan) -> Result<(), Errno> {
    let mut groups = [Gid::ROOT; 1024];
    if plan.groups.len() > groups.len() {
        return Err(Errno::INVAL);
    }
    for (slot, gid) in groups.iter_mut().zip(&plan.groups) {
        *slot = Gid::from_raw(*gid);
    }
    match rustix::thread::set_thread_groups(&groups[..plan.groups.len()]) {
        // A user namespace made without privileges denies setgroups; nothing is lost when none were asked for.
        Err(Errno::PERM) if plan.groups.is_empty() => Ok(()),
        result => result,
    }
}

/// The user must be able to reopen `/dev/stdout`. Descriptors that cannot change owner stay as they are.
fn give_stdio(uid: Uid, gid: u32, is_terminal: bool) {
    for number in 0..3 {
        let fd = process::parked(number);
        let Ok(stat) = rustix::fs::fstat(fd) else { continue };
        let null = rustix::fs::makedev(1, 3);
        if stat.st_rdev == null || stat.st_uid == uid.as_raw() {
            continue;
        }
        // A terminal keeps its group (tty).
        let gid = if is_terminal { None } else { Some(Gid::from_raw(gid)) };
        let _ = fchown(fd, Some(uid), gid);
    }
}

fn load_seccomp(common: &Common<'_>, program: &Program) -> Step<()> {
    if let Some(listener) = program.load().at(Stage::Seccomp, 0)? {
        tell(common.socket.as_fd(), &Message::Listener(listener)).at(Stage::Seccomp, 1)?;
        wait_for_parent(common.socket.as_fd()).at(Stage::Seccomp, 2)?;
        process::close_copy(listener);
    }
    Ok(())
}

/// The first candidate that the user may execute; the best reason otherwise.
fn look_up(plan: &ProcessPlan) -> Step<usize> {
    let mut reason = Errno::NOENT;
    for (index, path) in plan.candidates.iter().enumerate() {
        match access(path.as_c_str(), rustix::fs::Access::EXEC_OK) {
            Ok(()) => match rustix::fs::stat(path.as_c_str()) {
                Ok(stat) if stat.st_mode & 0o170_000 == 0o040_000 => {
                    // A directory in PATH is passed over; named outright it is the answer.
                    if plan.candidates.len() == 1 {
                        reason = Errno::ISDIR;
                    }
                }
                _ => return Ok(index),
            },
            Err(Errno::ACCESS) => reason = Errno::ACCESS,
            Err(_) => {}
        }
    }
    Err(reason).at(Stage::Lookup, 0)
}

/// Waits at the gate and executes; returns only why that failed. A failure after the gate is told by the caller.
pub(crate) fn launch(common: &Common<'_>, found: usize, start_hooks: &[PreparedHook]) -> Fault {
    match wait_and_execute(common, found, start_hooks) {
        Ok(()) => Fault { stage: Stage::Exec, index: 0, errno: Errno::NOENT.raw_os_error() },
        Err(fault) => {
            if let Some((_, result)) = common.fifo {
                let parked = process::parked(common.preserve_fds as RawFd + 5);
                let target = if process::is_open(parked.as_raw_fd()) { parked } else { result.as_fd() };
                let _ = rustix::io::write(target, &super::wire::fault_frame(fault));
            }
            // Where the parked copy is the only one left, the original number is closed.
            let _ = tell(process::parked(common.preserve_fds as RawFd + 3), &Message::Fault(fault));
            fault
        }
    }
}

fn wait_and_execute(common: &Common<'_>, found: usize, start_hooks: &[PreparedHook]) -> Step<()> {
    // Everything but the standard and preserved descriptors goes before the wait, which may be long: a created
    // container must not keep its creator's files and sockets open.
    let first = 3 + common.preserve_fds as RawFd;
    process::park_fd(common.socket.as_fd(), first).at(Stage::Descriptors, 3)?;
    if let Some((gate, result)) = common.fifo {
        process::park_fd(gate.as_fd(), first + 1).at(Stage::Descriptors, 4)?;
        process::park_fd(result.as_fd(), first + 2).at(Stage::Descriptors, 5)?;
        process::close_from(first as u32 + 3).at(Stage::Descriptors, 6)?;
    } else {
        process::close_from(first as u32 + 1).at(Stage::Descriptors, 6)?;
    }
    let socket = process::parked(first);
    tell(socket, &Message::Ready).at(Stage::Gate, 0)?;
    if common.fifo.is_some() {
        process::close_copy(first);
        let mut byte = [0u8; 1];
        loop {
            match rustix::io::read(process::parked(first + 1), &mut byte) {
                Ok(1) => break,
                Ok(_) => return Err(Errno::PIPE).at(Stage::Gate, 1),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error).at(Stage::Gate, 1),
            }
        }
    } else {
        wait_for_parent(socket).at(Stage::Gate, 1)?;
    }
    for (index, hook) in start_hooks.iter().enumerate() {
        super::hook::run_in_child(hook, 1000 + index)?;
    }
    if common.init {
        super::init::stay_behind(common.terminal).at(Stage::Session, 4)?;
    }
    for number in 3..first {
        process::keep_over_exec(number);
    }
    let error = execve(&common.process.candidates[found], common.arguments, common.environment);
    Err(error).at(Stage::Exec, 0)
}
