//! A child's fault, told to people.

use super::wire::{Fault, Stage};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, RuntimeError, shown};
use crate::plan::{MountKind, Plan};
use oci_spec::runtime::Hooks;
use rustix::io::Errno;
use std::ffi::CString;

/// What a fault's index stands for.
pub(super) fn subject(plan: &Plan, hooks: &Hooks, fault: Fault, cgroup: &Cgroup) -> String {
    let index = fault.index as usize;
    let text = |c: &CString| String::from_utf8_lossy(c.as_bytes()).into_owned();
    match fault.stage {
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
        Stage::Hook | Stage::HookExit => Some(super::hook::name_of(hooks, index)),
        Stage::Propagation => Some("/".into()),
        _ => None,
    }
    .unwrap_or_default()
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

impl Fault {
    /// The error for people of what fails behind the gate: there only hooks have a number.
    pub(crate) fn after_gate(self, hooks: &Hooks, program: &str) -> RuntimeError {
        let of_hook = matches!(self.stage, Stage::Hook | Stage::HookExit);
        let subject = if of_hook { super::hook::name_of(hooks, self.index as usize) } else { String::new() };
        self.into_error(subject, program)
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
            Stage::Lookup | Stage::Exec => return exec_error(self.errno, program),
            Stage::Gate => "wait at the gate",
            Stage::Hook => "run hook",
            Stage::HookExit => {
                return RuntimeError::of(
                    ErrorClass::Kernel,
                    "run hook",
                    subject,
                    format!("exit status {}", self.errno),
                );
            }
            Stage::Keyring => "join a session keyring",
            Stage::TimeOffsets => "set time offsets",
            Stage::Label => "set security label",
            Stage::Parent => "go on",
        };
        RuntimeError::kernel(stage, subject, error)
    }
}

fn exec_error(errno: i32, program: &str) -> RuntimeError {
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
    RuntimeError {
        class,
        stage: "execute",
        subject: program.into(),
        reason: reason.into(),
        errno: Some(errno),
    }
}
