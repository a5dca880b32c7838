//! Another process in a container that runs: into its namespaces, its cgroup and its restrictions.

use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::launch::wire::{At, Message, Stage, Step, hear, tell};
use crate::launch::{BIRTH, Console, Running, died, label_file, lifted, pair, reap, reopen, resume, stdio};
use crate::launch::{Common, become_user, begin, hand_over, launch, take_listener, terminal_from, with_home};
use crate::plan::ProcessPlan;
use crate::seccomp;
use oci_spec::runtime::{LinuxPersonality, LinuxSeccomp, Process};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::PoisonError;
use teu_sys::exec::StringTable;
use teu_sys::process::{self, CloneRequest, clone_child};

/// What to execute in a running container.
#[derive(Debug)]
pub struct ExecRequest {
    /// The container's first process.
    pub pid: i32,
    /// The process to add; its capabilities, user, limits and directory are its own.
    pub process: Process,
    /// The container's seccomp filter.
    pub seccomp: Option<LinuxSeccomp>,
    /// The container's execution domain.
    pub personality: Option<LinuxPersonality>,
    /// The container's state as JSON, for the agent of a filter with SCMP_ACT_NOTIFY.
    pub state: Option<Vec<u8>>,
    /// The container's cgroup.
    pub cgroup: Cgroup,
    /// Fail where the cgroup takes no process, rather than follow the container's first process to a cgroup below.
    pub only_in_cgroup: bool,
    /// Terminal or not.
    pub console: Console,
    /// Columns and rows of the terminal; `None` takes `process.consoleSize`.
    pub console_size: Option<(u16, u16)>,
    /// Standard input, output and error without a terminal; `None` is the null device.
    pub stdio: [Option<OwnedFd>; 3],
    /// How many descriptors from 3 on the process keeps.
    pub preserve_fds: u32,
    /// Kill the process when the calling thread ends.
    pub die_with_parent: bool,
    /// Programs of the host that only this process sees, as [`crate::tools::gather`] made them.
    pub tools: Option<OwnedFd>,
}

impl ExecRequest {
    /// A request with the defaults: no terminal, null descriptors.
    pub fn new(pid: i32, process: Process, cgroup: Cgroup) -> Self {
        Self {
            pid,
            process,
            seccomp: None,
            personality: None,
            state: None,
            cgroup,
            only_in_cgroup: false,
            console: Console::None,
            console_size: None,
            stdio: [None, None, None],
            preserve_fds: 0,
            die_with_parent: false,
            tools: None,
        }
    }
}

/// Namespace kinds with the names of their files.
const KINDS: [(&str, u64); 8] = [
    ("user", 0x1000_0000),
    ("cgroup", 0x0200_0000),
    ("ipc", 0x0800_0000),
    ("uts", 0x0400_0000),
    ("net", 0x4000_0000),
    ("pid", 0x2000_0000),
    ("time", 0x80),
    ("mnt", 0x0002_0000),
];
const PID: u64 = 0x2000_0000;
const USER: u64 = 0x1000_0000;

/// Starts the process and waits until it has executed its program. It is a direct child of the caller.
///
/// Until its exec the new process is not dumpable, so that processes of the container can neither trace it nor reach
/// the host's binary through it; see the crate's documentation for what remains.
pub fn exec(request: ExecRequest) -> Result<Running> {
    let mut plan = crate::plan::process(&request.process, request.personality.as_ref())?;
    if request.console_size.is_some() {
        plan.console_size = request.console_size;
    }
    let program = String::from_utf8_lossy(plan.arguments[0].as_bytes()).into_owned();
    let filter = request.seccomp.as_ref().map(seccomp::compile).transpose()?;
    let init = reopen(request.pid).map_err(|_| gone(request.pid))?;
    let flags = foreign_namespaces(request.pid)?;
    let preserve = request.preserve_fds;
    let stdio = stdio(request.stdio, preserve)?;
    let (ours, theirs) = pair(preserve)?;
    let label = label_file(&plan)?;
    let tasks = request.cgroup.task_files()?;
    let arguments = StringTable::new(plan.arguments.clone());
    let environment = StringTable::new(with_home(&plan, || home(request.pid, plan.uid))?);
    let init = lifted(init, preserve)?;
    let tools = request.tools.map(|tools| lifted(tools, preserve)).transpose()?;
    let birth = Join {
        common: Common {
            process: &plan,
            arguments: &arguments,
            environment: &environment,
            seccomp: filter.as_ref(),
            socket: &theirs,
            parent_end: ours.as_raw_fd(),
            cgroup_tasks: &tasks,
            stdio: &stdio,
            terminal: request.console != Console::None,
            relayed: request.console == Console::RelayedPty,
            console_size: plan.console_size,
            preserve_fds: preserve,
            keyring: None,
            die_with_parent: request.die_with_parent,
            trampoline: None,
            init: false,
            words: None,
            fifo: None,
            label: label.as_ref().map(|(file, text)| (file, text.as_bytes())),
        },
        init: &init,
        flags: flags & !PID,
        user: flags & USER != 0,
        tools: tools.as_ref(),
    };
    let guard = BIRTH.lock().unwrap_or_else(PoisonError::into_inner);
    let child = bear(&birth, flags, &request.cgroup, (!request.only_in_cgroup).then_some(request.pid))?;
    drop(theirs);
    drop(guard);
    let finish = || -> Result<Option<OwnedFd>> {
        let score = match plan.oom_score_adj {
            Some(score) => Some(score.to_string()),
            // As the container's: a process added to it must not outlive it in an out-of-memory kill.
            None => std::fs::read_to_string(format!("/proc/{}/oom_score_adj", request.pid)).ok(),
        };
        if let Some(score) = score
            && let Err(error) = std::fs::write(format!("/proc/{}/oom_score_adj", child.pid), score.trim())
            && plan.oom_score_adj.is_some()
        {
            return Err(RuntimeError::kernel("set", "oom_score_adj", error));
        }
        let mut console = None;
        let mut released = false;
        loop {
            match hear(ours.as_fd())? {
                Some(Message::Descriptor(master)) => console = Some(master),
                Some(Message::Ready) => {
                    resume(ours.as_fd())?;
                    released = true;
                }
                Some(Message::Fault(fault)) => {
                    return Err(fault.into_error(subject(&plan, fault.stage), &program));
                }
                None if released => return Ok(console),
                Some(Message::Listener(number)) => {
                    let (Some(filter), Some(state)) = (&request.seccomp, &request.state) else {
                        let reason = "SCMP_ACT_NOTIFY needs the state of the container for its agent";
                        return Err(RuntimeError::of(
                            ErrorClass::Unsupported,
                            "use",
                            "linux.seccomp",
                            reason,
                        ));
                    };
                    hand_over(filter, &take_listener(&child, number)?, child.pid, state)?;
                    resume(ours.as_fd())?;
                }
                Some(Message::Namespaces) | None => return Err(died(&child)),
            }
        }
    };
    match finish() {
        Ok(console) => Ok(Running { pid: child.pid, pidfd: child.pidfd, console, cgroup: request.cgroup }),
        Err(error) => {
            reap(&child);
            Err(error)
        }
    }
}

fn subject(plan: &ProcessPlan, stage: Stage) -> String {
    match stage {
        Stage::Cwd | Stage::CwdEscape => plan.cwd.to_string_lossy().into_owned(),
        Stage::Identity => format!("{}:{}", plan.uid, plan.gid),
        Stage::JoinNamespace => "of the container".to_string(),
        Stage::Root | Stage::Pivot | Stage::ReadOnly => "with the tools".to_string(),
        _ => String::new(),
    }
}

fn gone(pid: i32) -> RuntimeError {
    RuntimeError::of(ErrorClass::Conflict, "enter", format!("process {pid}"), "is not running")
}

/// The home folder that the container's passwd file names.
fn home(pid: i32, uid: u32) -> Result<String> {
    let path = format!("/proc/{pid}/root");
    let root = rustix::fs::open(&path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| RuntimeError::kernel("open", path, error))?;
    crate::user::home(root.as_fd(), uid)
}

/// The kinds of namespace in which the container differs from the caller: joining one's own user namespace, for
/// one, is refused.
fn foreign_namespaces(pid: i32) -> Result<u64> {
    let mut flags = 0;
    for (name, flag) in KINDS {
        let theirs = std::fs::read_link(format!("/proc/{pid}/ns/{name}")).map_err(|error| {
            match error.raw_os_error() {
                Some(2 | 3) => gone(pid),
                _ => RuntimeError::kernel("look at the namespaces of", pid.to_string(), error),
            }
        })?;
        if std::fs::read_link(format!("/proc/self/ns/{name}")).ok() != Some(theirs) {
            flags |= flag;
        }
    }
    Ok(flags)
}

struct Join<'a> {
    common: Common<'a>,
    init: &'a OwnedFd,
    flags: u64,
    user: bool,
    tools: Option<&'a OwnedFd>,
}

/// Makes the child in the container's pid namespace: the calling thread names that for its children meanwhile. Where
/// the cgroup takes no process, the child goes where the followed process is.
fn bear(birth: &Join<'_>, flags: u64, cgroup: &Cgroup, followed: Option<i32>) -> Result<process::Child> {
    let start_in = |into_cgroup: Option<BorrowedFd<'_>>| {
        clone_child(&CloneRequest { flags: 0, into_cgroup }, || run(birth))
    };
    let start = || {
        let started = match (start_in(cgroup.unified_directory()), followed) {
            // The container's init, such as systemd, keeps its processes in cgroups of its own below this one.
            (Err(error), Some(pid)) if error.raw_os_error() == Some(Errno::BUSY.raw_os_error()) => {
                start_in(Some(cgroup.directory_of(pid)?.as_fd()))
            }
            (result, _) => result,
        };
        started.map_err(|error| RuntimeError::kernel("start", "a process", error))
    };
    if flags & PID == 0 {
        return start();
    }
    let own = rustix::fs::open("/proc/self/ns/pid", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| RuntimeError::kernel("open", "/proc/self/ns/pid", error))?;
    process::setns(birth.init.as_fd(), PID)
        .map_err(|error| RuntimeError::kernel("join", "the container's pid namespace", error))?;
    let child = start();
    process::setns(own.as_fd(), PID)
        .map_err(|error| RuntimeError::kernel("return to", "the own pid namespace", error))?;
    child
}

fn run(birth: &Join<'_>) -> i32 {
    let fault = match enter(birth) {
        Ok(found) => launch(&birth.common, found, &[]),
        Err(fault) => fault,
    };
    let _ = tell(birth.common.socket.as_fd(), &Message::Fault(fault));
    1
}

fn enter(birth: &Join<'_>) -> Step<usize> {
    // Before anything of the container can see this process.
    process::set_dumpable(false).at(Stage::Session, 1)?;
    begin(&birth.common)?;
    if birth.flags != 0 {
        // All at once, or none: the kernel checks every one first.
        process::setns(birth.init.as_fd(), birth.flags).at(Stage::JoinNamespace, 0)?;
    }
    if birth.user {
        use rustix::fs::{Gid, Uid};
        rustix::thread::set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT).at(Stage::Identity, 0)?;
        rustix::thread::set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT).at(Stage::Identity, 0)?;
    }
    if let Some(tools) = birth.tools {
        crate::tools::bring(tools.as_fd())?;
    }
    rustix::process::chdir(c"/").at(Stage::Cwd, 1)?;
    let console = if birth.common.terminal {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let master = rustix::fs::open(c"/dev/pts/ptmx", flags, Mode::empty()).at(Stage::Console, 0)?;
        // /dev/pts belongs to the container: only the kernel's own devpts hands out terminals.
        const DEVPTS_SUPER_MAGIC: i64 = 0x1cd1;
        let kind = rustix::fs::fstatfs(&master).at(Stage::Console, 0)?.f_type;
        if kind as i64 != DEVPTS_SUPER_MAGIC {
            return Err(rustix::io::Errno::NOTTY).at(Stage::Console, 0);
        }
        Some(terminal_from(&birth.common, &master)?)
    } else {
        None
    };
    become_user(&birth.common, console.as_ref())
}
