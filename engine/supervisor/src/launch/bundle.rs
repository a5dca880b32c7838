//! What a container's bundle says, completed by what only its root file system tells: users, home and working folder.

use super::working_dir;
use crate::config::SupervisorConfig;
use oci_spec::runtime::{Capability, LinuxCapabilities, Process, Spec};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use std::collections::HashSet;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::path::Path;
use teu_api::Failure;
use teu_api::session::ExecSpec;

/// Reads the bundle's configuration.
pub fn load(config: &SupervisorConfig) -> Result<Spec, Failure> {
    let path = config.bundle.join("config.json");
    Spec::load(&path).map_err(|error| Failure::internal(format!("cannot read {}: {error}", path.display())))
}

/// Points mounts of folders inside volumes at what is there now. The descriptors name the sources: they are to live
/// until the mounts are made.
pub fn open_subpaths(spec: &mut Spec, config: &SupervisorConfig) -> Result<Vec<OwnedFd>, Failure> {
    let mut held = Vec::with_capacity(config.subpaths.len());
    for wanted in &config.subpaths {
        let failed = |error: std::io::Error| {
            Failure::usage(format!("cannot access volume path {}: {error}", wanted.path))
                .hint("make the folder in the volume first")
        };
        let folder = open_folder(&wanted.folder)?;
        // A container that has the volume may put links there at any time: none is followed out of it.
        let flags = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let source = loop {
            match openat2(&folder, wanted.path.as_str(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), flags)
            {
                Err(Errno::AGAIN | Errno::INTR) => {}
                found => break found.map_err(|errno| failed(errno.into()))?,
            }
        };
        let path = format!("/proc/{}/fd/{}", std::process::id(), source.as_raw_fd());
        let destination = Path::new(&wanted.destination);
        for mount in spec.mounts_mut().iter_mut().flatten() {
            if mount.destination() == destination {
                mount.set_source(Some(path.clone().into()));
            }
        }
        held.push(source);
    }
    Ok(held)
}

/// Makes the container's root, mounted nowhere; `None` when the bundle's own folder is the root.
pub fn overlay(config: &SupervisorConfig) -> Result<Option<OwnedFd>, Failure> {
    let root = &config.root;
    if root.lower.is_empty() {
        return Ok(None);
    }
    Ok(Some(teu_runtime::overlay::mount(&root.lower, &root.upper, &root.work)?))
}

/// The root of a running process, to resolve names in.
pub fn root_of(pid: i32) -> Result<OwnedFd, Failure> {
    open_folder(Path::new(&format!("/proc/{pid}/root")))
}

/// A folder, to resolve names in.
pub fn open_folder(path: &Path) -> Result<OwnedFd, Failure> {
    rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(
        |errno| Failure::internal(format!("cannot open {}: {}", path.display(), std::io::Error::from(errno))),
    )
}

/// Completes the first process: its user by name, its home, and its working folder, which is made if it is missing.
pub fn settle_process(spec: &mut Spec, config: &SupervisorConfig, root: &OwnedFd) -> Result<(), Failure> {
    let Some(process) = spec.process_mut() else {
        return Err(Failure::internal("the bundle has no process"));
    };
    set_user(process, &config.user, &config.group_add, root)?;
    working_dir::make(root.as_fd(), process.cwd())
}

/// The process that an exec session runs: the first one's surroundings, and what was asked for.
pub fn exec_process(
    config: &SupervisorConfig,
    asked: &ExecSpec,
    root: &OwnedFd,
) -> Result<(Spec, Process), Failure> {
    let spec = load(config)?;
    let Some(mut process) = spec.process().clone() else {
        return Err(Failure::internal("the bundle has no process"));
    };
    process.set_args(Some(asked.args.clone())).set_terminal(Some(asked.tty));
    let mut env = process.env().clone().unwrap_or_default();
    for variable in &asked.env {
        let name = variable.split('=').next().unwrap_or_default();
        env.retain(|old| old.split('=').next() != Some(name));
        env.push(variable.clone());
    }
    if !asked.tools.is_empty() {
        let path = env.iter().position(|variable| variable.starts_with("PATH="));
        let own = path.map_or_else(|| "PATH=".to_owned(), |at| env.remove(at));
        let own = own.trim_start_matches("PATH=");
        let between = if own.is_empty() { "" } else { ":" };
        env.push(format!("PATH={}{between}{own}", teu_runtime::tools::FOLDER));
    }
    if asked.tty && !env.iter().any(|variable| variable.starts_with("TERM=")) {
        env.push("TERM=xterm".to_owned());
    }
    process.set_env(Some(env));
    if let Some(folder) = asked.working_dir.as_ref().filter(|folder| !folder.is_empty()) {
        process.set_cwd(folder.into());
    }
    let user = asked.user.as_deref().filter(|user| !user.is_empty()).unwrap_or(&config.user);
    set_user(&mut process, user, &config.group_add, root)?;
    if asked.privileged {
        process.set_capabilities(Some(all_capabilities()));
    }
    Ok((spec, process))
}

fn set_user(process: &mut Process, user: &str, groups: &[String], root: &OwnedFd) -> Result<(), Failure> {
    let found = teu_runtime::user::resolve(root.as_fd(), user, groups)?;
    let mut env = process.env().clone().unwrap_or_default();
    if !env.iter().any(|variable| variable.starts_with("HOME=")) {
        env.push(format!("HOME={}", found.home));
    }
    process.set_env(Some(env)).set_user(found.to_oci());
    if found.uid != 0
        && let Some(mut capabilities) = process.capabilities().clone()
    {
        // What an exec does to whoever is not root, as Docker has it: the bounding set stays.
        capabilities.set_effective(None).set_permitted(None).set_inheritable(None).set_ambient(None);
        process.set_capabilities(Some(capabilities));
    }
    Ok(())
}

/// Every capability that is not taken from this process itself: nobody can give away more.
fn all_capabilities() -> LinuxCapabilities {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("CapBnd:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let held = CAPABILITIES.iter().enumerate().filter(|(number, _)| mask & (1 << number) != 0);
    let all: HashSet<Capability> = held.map(|(_, capability)| *capability).collect();
    let mut capabilities = LinuxCapabilities::default();
    capabilities.set_bounding(Some(all.clone())).set_effective(Some(all.clone())).set_permitted(Some(all));
    capabilities.set_inheritable(None).set_ambient(None);
    capabilities
}

/// The kernel's capabilities by number.
const CAPABILITIES: [Capability; 41] = [
    Capability::Chown,
    Capability::DacOverride,
    Capability::DacReadSearch,
    Capability::Fowner,
    Capability::Fsetid,
    Capability::Kill,
    Capability::Setgid,
    Capability::Setuid,
    Capability::Setpcap,
    Capability::LinuxImmutable,
    Capability::NetBindService,
    Capability::NetBroadcast,
    Capability::NetAdmin,
    Capability::NetRaw,
    Capability::IpcLock,
    Capability::IpcOwner,
    Capability::SysModule,
    Capability::SysRawio,
    Capability::SysChroot,
    Capability::SysPtrace,
    Capability::SysPacct,
    Capability::SysAdmin,
    Capability::SysBoot,
    Capability::SysNice,
    Capability::SysResource,
    Capability::SysTime,
    Capability::SysTtyConfig,
    Capability::Mknod,
    Capability::Lease,
    Capability::AuditWrite,
    Capability::AuditControl,
    Capability::Setfcap,
    Capability::MacOverride,
    Capability::MacAdmin,
    Capability::Syslog,
    Capability::WakeAlarm,
    Capability::BlockSuspend,
    Capability::AuditRead,
    Capability::Perfmon,
    Capability::Bpf,
    Capability::CheckpointRestore,
];
