//! A child's fault, told to people.

use super::wire::{Fault, Stage};
use crate::cgroup::Cgroup;
use crate::error::{EXEC, ErrorClass, RuntimeError, shown};
use crate::plan::{MountKind, Plan};
use oci_spec::runtime::Hooks;
use rustix::io::Errno;
use std::ffi::CString;

/// What a fault's index stands for.
pub(super) fn subject(plan: &Plan, fault: Fault, cgroup: &Cgroup) -> String {
    let index = fault.index as usize;
    let text = |c: &CString| String::from_utf8_lossy(c.as_bytes()).into_owned();
    match fault.stage {
        Stage::MountTarget if needs_folder(plan, fault) => plan.mounts.get(index).map(|step| {
            format!("at {}, which must be mounted on ordinary directory", text(&step.destination))
        }),
        Stage::Scheduling if fault.errno == Errno::PERM.raw_os_error() && cgroup.has_cpuset() => {
            Some("(process scheduler can't be used together with AllowedCPUs)".into())
        }
        Stage::Mount | Stage::MountTarget => plan.mounts.get(index).map(|step| match &step.kind {
            MountKind::Bind { source, .. } => format!("{} at {}", source.display(), text(&step.destination)),
            MountKind::Filesystem { fstype, .. } => {
                format!("{} at {}", text(fstype), text(&step.destination))
            }
            MountKind::Cgroup { .. } => format!("cgroup at {}", text(&step.destination)),
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

/// Whether a link, or something else that is no folder, lies where procfs or sysfs goes.
fn needs_folder(plan: &Plan, fault: Fault) -> bool {
    let of_kernel = plan.mounts.get(fault.index as usize).is_some_and(|step| {
        matches!(&step.kind, MountKind::Filesystem { fstype, .. } if matches!(fstype.as_bytes(), b"proc" | b"sysfs"))
    });
    of_kernel && matches!(Errno::from_raw_os_error(fault.errno), Errno::LOOP | Errno::NOTDIR)
}

/// Names of limits by number.
const RLIMITS: [&str; 16] = [
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

/// How a process ended, by the exit code that a shell would give it.
fn ended(code: i32) -> String {
    use nix::sys::signal::Signal;
    match Signal::try_from(code - 128) {
        Ok(Signal::SIGSYS) => "killed by SIGSYS (bad system call)".to_string(),
        Ok(signal) => format!("killed by {signal}"),
        Err(_) => format!("exit status {code}"),
    }
}

impl Fault {
    /// The error for people of what fails behind the gate: there only hooks have a number.
    pub(crate) fn after_gate(self, hooks: &Hooks, program: &str) -> RuntimeError {
        self.of_hook(hooks).unwrap_or_else(|| self.into_error(String::new(), program))
    }

    /// The error for people, where a hook failed.
    pub(super) fn of_hook(self, hooks: &Hooks) -> Option<RuntimeError> {
        let reason = match self.stage {
            Stage::Hook => crate::error::plain(&std::io::Error::from_raw_os_error(self.errno)),
            Stage::HookExit => ended(self.errno),
            _ => return None,
        };
        Some(super::hook::failed_in_child(hooks, self.index as usize, &reason))
    }

    /// The error for people: `subject` is what the index stands for.
    pub(crate) fn into_error(self, subject: String, program: &str) -> RuntimeError {
        let error = std::io::Error::from_raw_os_error(self.errno);
        let stage = match self.stage {
            Stage::Descriptors => "arrange file descriptors",
            Stage::Session => "start a session",
            Stage::Cgroup => "join cgroup",
            Stage::JoinNamespace => "join namespace",
            Stage::NewNamespace => "create namespace",
            Stage::Propagation => "set mount propagation of",
            Stage::Root => "attach the root",
            Stage::Hostname => "set the host name",
            Stage::Mount => "mount",
            Stage::MountTarget => "make mount point",
            Stage::Device => "make device",
            Stage::Link => "make link",
            Stage::Mask => "mask",
            Stage::ReadOnly => "make read-only",
            Stage::Pivot => "change the root",
            Stage::Console => "set up the terminal",
            Stage::Sysctl => "set kernel parameter",
            Stage::Rlimit => "set limit",
            Stage::Scheduling => "set scheduling",
            Stage::Identity => "change user to",
            Stage::Capabilities => "set capabilities",
            Stage::Privileges => "set no_new_privs",
            Stage::Cwd => "change directory to",
            Stage::CwdEscape => {
                return RuntimeError::of(
                    ErrorClass::Kernel,
                    "change directory to",
                    subject,
                    "it lies outside of the container's root",
                );
            }
            Stage::Seccomp => "load the seccomp filter",
            Stage::Lookup => return exec_error(self.errno, program, "find"),
            Stage::Exec => return exec_error(self.errno, program, EXEC),
            Stage::Gate => "wait at the gate",
            Stage::Hook | Stage::HookExit => "run a hook",
            Stage::Keyring => "join a session keyring",
            Stage::TimeOffsets => "set time offsets",
            Stage::Label => "set security label",
            Stage::Parent => "go on",
        };
        if matches!(self.stage, Stage::Mount) && Errno::from_raw_os_error(self.errno) == Errno::NODEV {
            let reason = "this kernel does not have that file system, and no module of it could be loaded";
            return RuntimeError::of(ErrorClass::Unsupported, stage, subject, reason);
        }
        RuntimeError::kernel(stage, subject, error)
    }
}

fn exec_error(errno: i32, program: &str, stage: &'static str) -> RuntimeError {
    let (class, reason) = match Errno::from_raw_os_error(errno) {
        Errno::NOENT | Errno::NOTDIR if program.contains('/') => {
            (ErrorClass::CommandNotFound, "no such file or directory")
        }
        Errno::NOENT | Errno::NOTDIR => (ErrorClass::CommandNotFound, "executable file not found in $PATH"),
        Errno::ACCESS | Errno::PERM => (ErrorClass::NotExecutable, "permission denied"),
        Errno::NOEXEC => (ErrorClass::NotExecutable, "exec format error"),
        Errno::ISDIR => (ErrorClass::NotExecutable, "is a directory"),
        other => (ErrorClass::NotExecutable, nix::errno::Errno::from_raw(other.raw_os_error()).desc()),
    };
    RuntimeError { class, stage, subject: program.into(), reason: reason.into(), errno: Some(errno) }
}
