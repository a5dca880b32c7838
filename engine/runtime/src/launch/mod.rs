//! From a request to a container whose first process waits at its gate, and from there to a running one.

mod cgroup_view;
pub(crate) mod child;
mod copy_up;
pub(crate) mod hook;
mod idmap;
mod init;
mod mounts;
pub(crate) mod root;
mod seccomp_agent;
pub(crate) mod wire;

use crate::cgroup::{Cgroup, DEFAULT_PARENT};
use crate::error::{ErrorClass, Result, RuntimeError, shown};
use crate::plan::{MountKind, Plan};
use crate::seccomp;
use child::{Birth, Common};
use oci_spec::runtime::{LinuxNamespaceType, Spec};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{OpenTreeFlags, open_tree};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use teu_sys::exec::StringTable;
use teu_sys::mount::{MountAttributes, mount_setattr};
use teu_sys::process::{Child, CloneRequest, clone_child, pidfd_open, pidfd_send_signal, wait_child};
use wire::{Message, hear, let_go};

/// Where the root file system comes from.
#[derive(Debug)]
pub enum RootSource {
    /// A directory; relative to the bundle when it is not absolute.
    Path(PathBuf),
    /// A detached mount, such as [`crate::overlay::mount`] makes.
    Mount(OwnedFd),
}

/// Whether the process gets a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Console {
    /// The descriptors of the request.
    None,
    /// A new terminal of the container's own devpts; its master comes back.
    Pty,
}

/// What holds the prepared process back from executing.
#[derive(Debug)]
pub enum Gate {
    /// [`Created::start`] of the same process releases it.
    Pipe,
    /// Any process releases it by writing one byte to the first fifo; a fault comes back through the second, which
    /// is at its end when the program runs.
    Fifo {
        /// Opened for reading and writing.
        gate: OwnedFd,
        /// Opened for reading and writing.
        result: OwnedFd,
    },
}

/// What to create.
#[derive(Debug)]
pub struct CreateRequest<'a> {
    /// The container's id.
    pub id: &'a str,
    /// The bundle's directory.
    pub bundle: &'a Path,
    /// The configuration.
    pub spec: &'a Spec,
    /// The root file system.
    pub root: RootSource,
    /// Terminal or not.
    pub console: Console,
    /// Columns and rows of the terminal; `None` takes `process.consoleSize`.
    pub console_size: Option<(u16, u16)>,
    /// Standard input, output and error without a terminal; `None` is the null device.
    pub stdio: [Option<OwnedFd>; 3],
    /// How many descriptors from 3 on the process keeps.
    pub preserve_fds: u32,
    /// What releases it.
    pub gate: Gate,
    /// chroot in place of pivot_root, for hosts that run from an initramfs. Weaker.
    pub no_pivot: bool,
    /// Keep the session keyring of the caller.
    pub no_new_keyring: bool,
    /// Kill the container's first process when the calling thread ends.
    pub die_with_parent: bool,
    /// Let a small init stay as the first process: it hands signals on to the program and reaps orphans.
    pub init: bool,
}

impl<'a> CreateRequest<'a> {
    /// A request with the defaults: no terminal, null descriptors, a pipe as gate.
    pub fn new(id: &'a str, bundle: &'a Path, spec: &'a Spec, root: RootSource) -> Self {
        Self {
            id,
            bundle,
            spec,
            root,
            console: Console::None,
            console_size: None,
            stdio: [None, None, None],
            preserve_fds: 0,
            gate: Gate::Pipe,
            no_pivot: false,
            no_new_keyring: false,
            die_with_parent: false,
            init: false,
        }
    }
}

/// A container whose first process is prepared and waits. Dropping it without start or abort leaves it waiting
/// (its gate's end of file then ends it, unless the gate is a fifo).
#[derive(Debug)]
pub struct Created {
    child: Child,
    socket: OwnedFd,
    console: Option<OwnedFd>,
    cgroup: Cgroup,
    program: String,
    state: Vec<u8>,
    poststart: Vec<oci_spec::runtime::Hook>,
    has_fifo: bool,
}

/// A process that has executed its program. It is a child of the caller, who must wait for it.
#[derive(Debug)]
pub struct Running {
    /// Its id as the caller sees it.
    pub pid: i32,
    /// A descriptor of the process: readable once it has ended.
    pub pidfd: OwnedFd,
    /// The master side of its terminal.
    pub console: Option<OwnedFd>,
    /// Its cgroup.
    pub cgroup: Cgroup,
}

/// Descriptors that must not be inherited by a child born at the same time from another thread: it would keep the
/// sockets of this one open and hide their end of file.
pub(crate) static BIRTH: Mutex<()> = Mutex::new(());

/// Prepares a container; its first process waits before its exec.
pub fn create(request: CreateRequest<'_>) -> Result<Created> {
    let mut plan = Plan::from_spec(request.spec)?;
    if request.console_size.is_some() {
        plan.process.console_size = request.console_size;
    }
    let linux = request.spec.linux().clone().unwrap_or_default();
    let program = String::from_utf8_lossy(plan.process.arguments[0].as_bytes()).into_owned();
    let filter = linux.seccomp().as_ref().map(seccomp::compile).transpose()?;
    let path = linux.cgroups_path().clone().unwrap_or_else(|| Path::new(DEFAULT_PARENT).join(request.id));
    let cgroup = Cgroup::create(&path, linux.resources().as_ref())?;
    match launch(request, &plan, &linux, filter.as_ref(), &cgroup) {
        Ok(launched) => {
            let Launched { child, socket, console, state, poststart, has_fifo } = launched;
            Ok(Created { child, socket, console, cgroup, program, state, poststart, has_fifo })
        }
        Err(error) => {
            // What failed is told; a cgroup that cannot be removed now would hide that.
            let _ = cgroup.kill_all();
            let _ = cgroup.delete();
            Err(error)
        }
    }
}

struct Launched {
    child: Child,
    socket: OwnedFd,
    console: Option<OwnedFd>,
    state: Vec<u8>,
    poststart: Vec<oci_spec::runtime::Hook>,
    has_fifo: bool,
}

/// Descriptor numbers below this are the standard and preserved ones and those that the child parks.
fn floor(preserve_fds: u32) -> i32 {
    3 + preserve_fds as i32 + 8
}

/// The same file at a number that the child's own numbering does not touch.
pub(crate) fn lifted(fd: OwnedFd, preserve_fds: u32) -> Result<OwnedFd> {
    if fd.as_raw_fd() >= floor(preserve_fds) {
        return Ok(fd);
    }
    rustix::io::fcntl_dupfd_cloexec(&fd, floor(preserve_fds))
        .map_err(|error| RuntimeError::kernel("arrange file descriptors", "", error))
}

/// The request's standard descriptors, the null device for those not given.
pub(crate) fn stdio(given: [Option<OwnedFd>; 3], preserve_fds: u32) -> Result<[OwnedFd; 3]> {
    let [input, output, error] = given.map(|fd| match fd {
        Some(fd) => lifted(fd, preserve_fds),
        None => rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| RuntimeError::kernel("open", "/dev/null", error))
            .and_then(|fd| lifted(fd, preserve_fds)),
    });
    Ok([input?, output?, error?])
}

/// A connected pair: ours and the child's.
pub(crate) fn pair(preserve_fds: u32) -> Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .map_err(|error| RuntimeError::kernel("make", "a socket pair", error))?;
    Ok((ours, lifted(theirs, preserve_fds)?))
}

fn launch(
    request: CreateRequest<'_>,
    plan: &Plan,
    linux: &oci_spec::runtime::Linux,
    filter: Option<&seccomp::Program>,
    cgroup: &Cgroup,
) -> Result<Launched> {
    let preserve = request.preserve_fds;
    let bundle =
        rustix::fs::open(request.bundle, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| RuntimeError::kernel("open", shown(request.bundle), error))?;
    let root = match request.root {
        RootSource::Mount(mount) => mount,
        RootSource::Path(path) => bind_source(bundle.as_fd(), &path, true)
            .map_err(|error| RuntimeError::kernel("open the root", shown(&path), error))?,
    };
    let sources = sources(plan, bundle.as_fd())?;
    let mut device_sources = Vec::new();
    for device in &plan.devices {
        let source = if device.bind {
            open_tree(
                CWD,
                device.path.as_c_str(),
                OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC,
            )
            .ok()
        } else {
            None
        };
        device_sources.push(source);
    }
    let proc_sys = if plan.sysctls.is_empty() { None } else { Some(proc_sys()?) };
    let joins = plan
        .namespaces
        .joins
        .iter()
        .map(|join| {
            let fd = rustix::fs::open(&join.path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
                .map_err(|error| RuntimeError::kernel("open namespace", shown(&join.path), error))?;
            Ok((fd, join.kind))
        })
        .collect::<Result<Vec<_>>>()?;
    let stdio = stdio(request.stdio, preserve)?;
    let (ours, theirs) = pair(preserve)?;
    let fifo = match request.gate {
        Gate::Pipe => None,
        Gate::Fifo { gate, result } => Some((lifted(gate, preserve)?, lifted(result, preserve)?)),
    };
    let keyring = (!request.no_new_keyring)
        .then(|| crate::plan::c_string(format!("_ses.{}", request.id).as_bytes(), "id"))
        .transpose()?;
    let label = label_file(&plan.process)?;
    let tasks = cgroup.task_files()?;
    let arguments = StringTable::new(plan.process.arguments.clone());
    let environment = StringTable::new(environment(&plan.process.environment, preserve)?);
    let hooks = request.spec.hooks().clone().unwrap_or_default();
    let state_of = |pid: i32, status: &str| state_json(request.id, request.bundle, request.spec, pid, status);
    let inner_pid = i32::from(plan.namespaces.clone_flags & LinuxNamespaceType::Pid as u64 != 0);
    let create_hooks = hook::prepare(hooks.create_container().as_deref(), &state_of(inner_pid, "creating"))?;
    let start_hooks = hook::prepare(hooks.start_container().as_deref(), &state_of(inner_pid, "created"))?;
    let outer_hooks = [(hooks.prestart(), "prestart"), (hooks.create_runtime(), "createRuntime")];
    let has_outer = outer_hooks.iter().any(|(list, _)| list.as_ref().is_some_and(|list| !list.is_empty()));
    let parent_acts = plan.namespaces.new_user || has_outer;
    let cgroup_views = cgroup.views()?;
    let birth = Birth {
        plan,
        common: Common {
            process: &plan.process,
            arguments: &arguments,
            environment: &environment,
            seccomp: filter,
            socket: &theirs,
            parent_end: ours.as_raw_fd(),
            cgroup_tasks: &tasks,
            stdio: &stdio,
            terminal: request.console == Console::Pty,
            console_size: plan.process.console_size,
            preserve_fds: preserve,
            keyring: keyring.as_deref(),
            die_with_parent: request.die_with_parent,
            init: request.init,
            fifo: fifo.as_ref().map(|(gate, result)| (gate, result)),
            label: label.as_ref().map(|(file, text)| (file, text.as_bytes())),
        },
        root: &root,
        bundle: request.bundle,
        sources: &sources,
        device_sources: &device_sources,
        proc_sys: proc_sys.as_ref(),
        joins: &joins,
        cgroup_unified: cgroup.is_unified(),
        cgroup_views: &cgroup_views,
        parent_acts,
        no_pivot: request.no_pivot,
        create_hooks: &create_hooks,
        start_hooks: &start_hooks,
    };
    let guard = BIRTH.lock().unwrap_or_else(PoisonError::into_inner);
    let child = bear(plan, cgroup, &birth)?;
    drop(theirs);
    drop(guard);
    let program = String::from_utf8_lossy(plan.process.arguments[0].as_bytes()).into_owned();
    let finish = || -> Result<Option<OwnedFd>> {
        if let Some(score) = plan.process.oom_score_adj {
            set_oom_score(child.pid, score)?;
        }
        let mut console = None;
        loop {
            match hear(ours.as_fd())? {
                Some(Message::Namespaces) => {
                    write_maps(plan, child.pid)?;
                    for (list, name) in outer_hooks {
                        hook::run_all(
                            list.as_deref().unwrap_or_default(),
                            name,
                            &state_of(child.pid, "creating"),
                        )?;
                    }
                    resume(ours.as_fd())?;
                }
                Some(Message::Console(master)) => console = Some(master),
                Some(Message::Listener(number)) => {
                    let listener = teu_sys::process::pidfd_getfd(child.pidfd.as_fd(), number)
                        .map_err(|error| RuntimeError::kernel("take", "the seccomp listener", error))?;
                    seccomp_agent::hand_over(linux, &listener, child.pid, &state_of(child.pid, "creating"))?;
                    resume(ours.as_fd())?;
                }
                Some(Message::Ready) => return Ok(console),
                Some(Message::Fault(fault)) => {
                    return Err(fault.into_error(subject(plan, fault, cgroup), &program));
                }
                None => return Err(died(&child)),
            }
        }
    };
    match finish() {
        Ok(console) => {
            let state = state_of(child.pid, "running");
            Ok(Launched {
                child,
                socket: ours,
                console,
                state,
                poststart: hooks.poststart().clone().unwrap_or_default(),
                has_fifo: fifo.is_some(),
            })
        }
        Err(error) => {
            reap(&child);
            Err(error)
        }
    }
}

/// Makes the child. A pid namespace that is joined is entered by children only, so the calling thread names it for
/// its children and takes that back.
fn bear(plan: &Plan, cgroup: &Cgroup, birth: &Birth<'_>) -> Result<Child> {
    let pid_flag = LinuxNamespaceType::Pid as u64;
    let Some((target, _)) = birth.joins.iter().find(|(_, kind)| *kind == pid_flag) else {
        return bear_here(plan, cgroup, birth);
    };
    let own = rustix::fs::open("/proc/self/ns/pid", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| RuntimeError::kernel("open", "/proc/self/ns/pid", error))?;
    teu_sys::process::setns(target.as_fd(), pid_flag)
        .map_err(|error| RuntimeError::kernel("join", "the pid namespace", error))?;
    let child = bear_here(plan, cgroup, birth);
    teu_sys::process::setns(own.as_fd(), pid_flag)
        .map_err(|error| RuntimeError::kernel("return to", "the own pid namespace", error))?;
    child
}

/// The new namespaces belong to the user namespace of the process that makes them. So where that is a joined one, a
/// process in between enters it, makes the child as its own sibling and ends.
fn bear_here(plan: &Plan, cgroup: &Cgroup, birth: &Birth<'_>) -> Result<Child> {
    let fail = |error: std::io::Error| RuntimeError::kernel("start", "the container's first process", error);
    let flags = plan.namespaces.clone_flags;
    let request = CloneRequest { flags, into_cgroup: cgroup.unified_directory() };
    let user_flag = LinuxNamespaceType::User as u64;
    let Some((user, _)) = birth.joins.iter().find(|(_, kind)| *kind == user_flag) else {
        return clone_child(&request, || child::run(birth)).map_err(fail);
    };
    const CLONE_PARENT: u64 = 0x8000;
    let sibling = CloneRequest { flags: flags | CLONE_PARENT, into_cgroup: cgroup.unified_directory() };
    let (ours, theirs) = pair(0)?;
    let between = clone_child(&CloneRequest::default(), || {
        let made = teu_sys::process::setns(user.as_fd(), user_flag)
            .and_then(|()| clone_child(&sibling, || child::run(birth)));
        match made {
            // Its id here may be one of another pid namespace; its descriptor is good everywhere.
            Ok(child) => i32::from(wire::tell_console(theirs.as_fd(), child.pidfd.as_fd()).is_err()),
            Err(error) => error.raw_os_error().unwrap_or(255),
        }
    })
    .map_err(fail)?;
    drop(theirs);
    let told = hear(ours.as_fd());
    let (code, _) = wait_child(between.pid).map_err(fail)?;
    match told? {
        Some(Message::Console(pidfd)) => Ok(Child { pid: id_behind(&pidfd)?, pidfd }),
        _ => Err(RuntimeError::kernel(
            "start",
            "the container's first process in the joined user namespace",
            std::io::Error::from_raw_os_error(code),
        )),
    }
}

/// The process id of a descriptor, as this process sees it.
fn id_behind(pidfd: &OwnedFd) -> Result<i32> {
    let text =
        std::fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).unwrap_or_default();
    let id = text.lines().find_map(|line| line.strip_prefix("Pid:")?.trim().parse::<i32>().ok());
    id.filter(|id| *id > 0).ok_or_else(|| {
        RuntimeError::of(ErrorClass::Kernel, "find", "the container's first process", "it is gone")
    })
}

pub(crate) fn resume(socket: BorrowedFd<'_>) -> Result<()> {
    let_go(socket).map_err(|error| RuntimeError::kernel("resume", "the container's first process", error))
}

/// Ends a child that failed and takes it away.
pub(crate) fn reap(child: &Child) {
    let _ = pidfd_send_signal(child.pidfd.as_fd(), 9);
    let _ = wait_child(child.pid);
}

/// The error for a child that ended without a word.
pub(crate) fn died(child: &Child) -> RuntimeError {
    let reason = match wait_child(child.pid) {
        Ok((_, signal)) if signal != 0 => {
            let hint = if signal == 9 { " (out of memory?)" } else { "" };
            format!("it was killed by signal {signal}{hint}")
        }
        Ok((code, _)) => format!("it ended with status {code}"),
        Err(error) => crate::error::plain(&error),
    };
    RuntimeError::of(ErrorClass::Kernel, "prepare", "the container's first process", reason)
}

/// The state that hooks read, as the runtime specification describes it.
pub(crate) fn state_json(id: &str, bundle: &Path, spec: &Spec, pid: i32, status: &str) -> Vec<u8> {
    let mut state = serde_json::json!({
        "ociVersion": crate::OCI_VERSION,
        "id": id,
        "status": status,
        "bundle": bundle,
        "annotations": spec.annotations().clone().unwrap_or_default(),
    });
    if pid > 0 {
        state["pid"] = pid.into();
    }
    state.to_string().into_bytes()
}

fn environment(entries: &[CString], preserve_fds: u32) -> Result<Vec<CString>> {
    let mut entries = entries.to_vec();
    if preserve_fds > 0 && entries.iter().any(|entry| entry.to_bytes().starts_with(b"LISTEN_FDS=")) {
        entries.push(crate::plan::c_string(b"LISTEN_PID=1", "process.env")?);
    }
    Ok(entries)
}

/// A detached clone of a host path. Follows links: the path is the host's.
fn bind_source(
    bundle: BorrowedFd<'_>,
    path: &Path,
    recursive: bool,
) -> std::result::Result<OwnedFd, rustix::io::Errno> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if recursive {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    open_tree(bundle, path, flags)
}

/// Opens what binds mount, with the caller's rights: the child in a user namespace may not reach it.
fn sources(plan: &Plan, bundle: BorrowedFd<'_>) -> Result<Vec<Option<OwnedFd>>> {
    let mut sources = Vec::with_capacity(plan.mounts.len());
    for step in &plan.mounts {
        let MountKind::Bind { source, recursive } = &step.kind else {
            sources.push(None);
            continue;
        };
        let tree = match bind_source(bundle, source, *recursive) {
            Ok(tree) => tree,
            // Without rights over the host's mounts the child tries, in its own user namespace.
            Err(rustix::io::Errno::PERM) if plan.namespaces.has_user => {
                sources.push(None);
                continue;
            }
            Err(error) => return Err(RuntimeError::kernel("open mount source", shown(source), error)),
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

/// The host's `/proc/sys`: procfs shows each process the parameters of its own namespaces, so the child writes its
/// own through it, and no file of the container is trusted.
fn proc_sys() -> Result<OwnedFd> {
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
pub(crate) fn label_file(process: &crate::plan::ProcessPlan) -> Result<Option<(OwnedFd, String)>> {
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

fn set_oom_score(pid: i32, score: i32) -> Result<()> {
    std::fs::write(format!("/proc/{pid}/oom_score_adj"), score.to_string())
        .map_err(|error| RuntimeError::kernel("set", format!("oom_score_adj to {score}"), error))
}

fn write_maps(plan: &Plan, pid: i32) -> Result<()> {
    if !plan.namespaces.new_user {
        return Ok(());
    }
    idmap::write(pid, &plan.namespaces.uid_map, &plan.namespaces.gid_map)
}

/// What a fault's index stands for.
fn subject(plan: &Plan, fault: wire::Fault, cgroup: &Cgroup) -> String {
    use wire::Stage;
    let index = fault.index as usize;
    let text = |c: &CString| String::from_utf8_lossy(c.as_bytes()).into_owned();
    match fault.stage {
        Stage::Mount | Stage::MountTarget => plan.mounts.get(index).map(|step| match &step.kind {
            MountKind::Bind { source, .. } => format!("{} at {}", source.display(), text(&step.destination)),
            MountKind::Filesystem { fstype, .. } => {
                format!("{} at {}", text(fstype), text(&step.destination))
            }
            MountKind::Cgroup => format!("cgroup at {}", text(&step.destination)),
        }),
        Stage::Device => plan.devices.get(index).map(|device| text(&device.path)),
        Stage::Link => plan.links.get(index).map(|link| text(&link.path)),
        Stage::Mask => plan.masked.get(index).map(text),
        Stage::ReadOnly => plan.read_only.get(index).map(text).or_else(|| Some("the root".into())),
        Stage::Sysctl => plan.sysctls.get(index).map(|step| text(&step.path).replace('/', ".")),
        Stage::Rlimit => plan.process.rlimits.get(index).map(|(resource, soft, hard)| {
            format!("{} to {soft}:{hard}", RLIMITS.get(*resource as usize).unwrap_or(&"rlimit"))
        }),
        Stage::JoinNamespace => plan.namespaces.joins.get(index).map(|join| shown(&join.path)),
        Stage::Cwd | Stage::CwdEscape => Some(text(&plan.process.cwd)),
        Stage::Identity => Some(format!("{}:{}", plan.process.uid, plan.process.gid)),
        Stage::Cgroup => Some(cgroup.path().display().to_string()),
        Stage::Propagation => Some("/".into()),
        _ => None,
    }
    .unwrap_or_default()
}

/// Names of limits by number.
pub(crate) const RLIMITS: [&str; 16] = [
    "cpu",
    "fsize",
    "data",
    "stack",
    "core",
    "rss",
    "nproc",
    "nofile",
    "memlock",
    "as",
    "locks",
    "sigpending",
    "msgqueue",
    "nice",
    "rtprio",
    "rttime",
];

impl Created {
    /// The first process's id as the caller sees it.
    pub fn pid(&self) -> i32 {
        self.child.pid
    }

    /// A descriptor of the first process.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.child.pidfd.as_fd()
    }

    /// The master side of the terminal, once.
    pub fn take_console(&mut self) -> Option<OwnedFd> {
        self.console.take()
    }

    /// The container's cgroup.
    pub fn cgroup(&self) -> &Cgroup {
        &self.cgroup
    }

    /// Releases the gate and waits until the program is executed. On failure nothing is left: the process is
    /// reaped and the cgroup removed.
    pub fn start(self) -> Result<Running> {
        if self.has_fifo {
            let reason = "it waits at a fifo; write to that";
            return Err(RuntimeError::of(ErrorClass::Conflict, "start", self.program, reason));
        }
        let released = let_go(self.socket.as_fd());
        match hear(self.socket.as_fd()) {
            Ok(None) if released.is_ok() => {
                hook::run_all(&self.poststart, "poststart", &self.state)?;
                let Self { child, console, cgroup, .. } = self;
                Ok(Running { pid: child.pid, pidfd: child.pidfd, console, cgroup })
            }
            Ok(Some(Message::Fault(fault))) => {
                let error = fault.into_error(String::new(), &self.program);
                self.abort();
                Err(error)
            }
            Ok(_) => {
                let error = died(&self.child);
                self.abort();
                Err(error)
            }
            Err(error) => {
                self.abort();
                Err(error)
            }
        }
    }

    /// Ends the waiting process and removes the cgroup.
    pub fn abort(self) {
        reap(&self.child);
        let _ = self.cgroup.kill_all();
        let _ = self.cgroup.delete();
    }

    /// Leaves the process waiting at its fifo and gives its id and cgroup: the caller ends, another starts it.
    pub fn leave(self) -> (i32, Cgroup) {
        (self.child.pid, self.cgroup)
    }
}

/// A descriptor for the process, when it still is the same that was created.
pub(crate) fn reopen(pid: i32) -> Result<OwnedFd> {
    pidfd_open(pid).map_err(|error| RuntimeError::kernel("open process", pid.to_string(), error))
}
