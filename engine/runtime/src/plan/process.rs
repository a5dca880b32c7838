//! The process: what is executed, as whom, with which limits.

use super::affinity::{self, Affinity};
use super::capability::{self, CapabilityMasks};
use super::{c_path, c_string};
use crate::error::{Result, RuntimeError};
use oci_spec::runtime::{
    IOPriorityClass, LinuxPersonality, LinuxPersonalityDomain, LinuxSchedulerFlag, LinuxSchedulerPolicy,
    PosixRlimitType, Process,
};
use std::ffi::CString;
use teu_sys::rlimit;
use teu_sys::sched::SchedulingAttributes;

/// The path that is searched when the environment has none (Docker's).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Scheduling and I/O priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scheduling {
    /// Scheduling policy.
    pub policy: Option<SchedulingAttributes>,
    /// I/O class and level.
    pub io_priority: Option<(u16, u16)>,
    /// Execution domain.
    pub personality: Option<u64>,
}

/// What the child becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessPlan {
    /// Whether it gets a terminal.
    pub terminal: bool,
    /// Terminal size: columns, rows.
    pub console_size: Option<(u16, u16)>,
    /// Arguments; the first names the program.
    pub arguments: Vec<CString>,
    /// Environment.
    pub environment: Vec<CString>,
    /// Paths to try in order.
    pub candidates: Vec<CString>,
    /// Working directory.
    pub cwd: CString,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Additional groups.
    pub groups: Vec<u32>,
    /// File mode creation mask.
    pub umask: u32,
    /// Capabilities; `None` where the configuration does not name them: then all are dropped.
    pub capabilities: CapabilityMasks,
    /// Limits: resource, soft, hard.
    pub rlimits: Vec<(u32, u64, u64)>,
    /// Whether an exec may never give more rights.
    pub no_new_privileges: bool,
    /// Adjustment of the out-of-memory score.
    pub oom_score_adj: Option<i32>,
    /// Scheduling.
    pub scheduling: Scheduling,
    /// CPUs.
    pub affinity: Affinity,
    /// AppArmor profile to change to at exec.
    pub apparmor: Option<String>,
    /// SELinux label to change to at exec.
    pub selinux: Option<String>,
}

/// Reads a process entry.
pub(crate) fn read(process: &Process, personality: Option<&LinuxPersonality>) -> Result<ProcessPlan> {
    let strings = |list: &[String], field: &str| -> Result<Vec<CString>> {
        list.iter().map(|text| c_string(text.as_bytes(), field)).collect()
    };
    let arguments = strings(process.args().as_deref().unwrap_or_default(), "process.args")?;
    let environment = process.env().as_deref().unwrap_or_default();
    let program = arguments.first().ok_or_else(|| RuntimeError::invalid("process.args", "is empty"))?;
    let mut limits = Vec::new();
    for limit in process.rlimits().as_deref().unwrap_or_default() {
        let resource = resource(limit.typ());
        if limits.iter().any(|(other, _, _)| *other == resource) {
            return Err(RuntimeError::invalid("process.rlimits", format!("{} is listed twice", limit.typ())));
        }
        if limit.soft() > limit.hard() {
            return Err(RuntimeError::invalid(
                format!("process.rlimits {}", limit.typ()),
                "soft is above hard",
            ));
        }
        limits.push((resource, limit.soft(), limit.hard()));
    }
    let user = process.user();
    let groups = user.additional_gids().clone().unwrap_or_default();
    // To the kernel -1 means "leave as it is": root.
    if [user.uid(), user.gid()].iter().chain(&groups).any(|id| *id == u32::MAX) {
        return Err(RuntimeError::invalid("process.user", format!("{} is no id", u32::MAX)));
    }
    Ok(ProcessPlan {
        terminal: process.terminal().unwrap_or(false),
        console_size: process
            .console_size()
            .filter(|size| size.width() > 0 && size.height() > 0)
            .map(|size| (size.width().min(65535) as u16, size.height().min(65535) as u16)),
        candidates: candidates(program.as_bytes(), environment)?,
        environment: strings(environment, "process.env")?,
        arguments,
        cwd: c_path(process.cwd(), "process.cwd")?,
        uid: user.uid(),
        gid: user.gid(),
        groups,
        umask: user.umask().unwrap_or(0o022),
        capabilities: process
            .capabilities()
            .as_ref()
            .map(|sets| CapabilityMasks::read(sets, capability::last()))
            .unwrap_or_default(),
        rlimits: limits,
        no_new_privileges: process.no_new_privileges().unwrap_or(false),
        oom_score_adj: process.oom_score_adj(),
        scheduling: scheduling(process, personality)?,
        affinity: affinity::read(process.exec_cpu_affinity().as_ref())?,
        apparmor: process.apparmor_profile().clone().filter(|profile| !profile.is_empty()),
        selinux: process.selinux_label().clone().filter(|label| !label.is_empty()),
    })
}

/// The paths that a shell would try for a program's name.
fn candidates(program: &[u8], environment: &[String]) -> Result<Vec<CString>> {
    if program.contains(&b'/') {
        return Ok(vec![c_string(program, "process.args")?]);
    }
    if program.is_empty() {
        return Ok(Vec::new());
    }
    let path = environment.iter().rev().find_map(|entry| entry.strip_prefix("PATH=")).unwrap_or(DEFAULT_PATH);
    path.split(':')
        .map(|folder| {
            let mut full = if folder.is_empty() { b".".to_vec() } else { folder.as_bytes().to_vec() };
            full.push(b'/');
            full.extend_from_slice(program);
            c_string(&full, "process.env PATH")
        })
        .collect()
}

fn scheduling(process: &Process, personality: Option<&LinuxPersonality>) -> Result<Scheduling> {
    let mut result = Scheduling::default();
    if let Some(wanted) = process.scheduler() {
        let mut attributes = SchedulingAttributes {
            policy: match *wanted.policy() {
                LinuxSchedulerPolicy::SchedOther => 0,
                LinuxSchedulerPolicy::SchedFifo => 1,
                LinuxSchedulerPolicy::SchedRr => 2,
                LinuxSchedulerPolicy::SchedBatch => 3,
                LinuxSchedulerPolicy::SchedIso => 4,
                LinuxSchedulerPolicy::SchedIdle => 5,
                LinuxSchedulerPolicy::SchedDeadline => 6,
            },
            nice: wanted.nice().unwrap_or(0),
            priority: u32::try_from(wanted.priority().unwrap_or(0))
                .map_err(|_| RuntimeError::invalid("process.scheduler", "the priority is negative"))?,
            runtime: wanted.runtime().unwrap_or(0),
            deadline: wanted.deadline().unwrap_or(0),
            period: wanted.period().unwrap_or(0),
            ..Default::default()
        };
        for flag in wanted.flags().iter().flatten() {
            attributes.flags |= match flag {
                LinuxSchedulerFlag::SchedResetOnFork => 0x01,
                LinuxSchedulerFlag::SchedFlagReclaim => 0x02,
                LinuxSchedulerFlag::SchedFlagDLOverrun => 0x04,
                LinuxSchedulerFlag::SchedFlagKeepPolicy => 0x08,
                LinuxSchedulerFlag::SchedFlagKeepParams => 0x10,
                LinuxSchedulerFlag::SchedFlagUtilClampMin => 0x20,
                LinuxSchedulerFlag::SchedFlagUtilClampMax => 0x40,
            };
        }
        result.policy = Some(attributes);
    }
    if let Some(wanted) = process.io_priority() {
        let class = match wanted.class() {
            IOPriorityClass::IoprioClassRt => 1,
            IOPriorityClass::IoprioClassBe => 2,
            IOPriorityClass::IoprioClassIdle => 3,
        };
        let level = u16::try_from(wanted.priority()).ok().filter(|level| *level < 8).ok_or_else(|| {
            RuntimeError::invalid("process.ioPriority", "the priority is not between 0 and 7")
        })?;
        result.io_priority = Some((class, level));
    }
    result.personality = personality.map(|wanted| match wanted.domain() {
        LinuxPersonalityDomain::PerLinux => 0,
        LinuxPersonalityDomain::PerLinux32 => 8,
    });
    Ok(result)
}

/// `RLIMIT_*` of `<asm-generic/resource.h>`.
fn resource(kind: PosixRlimitType) -> u32 {
    use PosixRlimitType as R;
    match kind {
        R::RlimitCpu => 0,
        R::RlimitFsize => rlimit::FSIZE,
        R::RlimitData => rlimit::DATA,
        R::RlimitStack => rlimit::STACK,
        R::RlimitCore => 4,
        R::RlimitRss => 5,
        R::RlimitNproc => 6,
        R::RlimitNofile => rlimit::NOFILE,
        R::RlimitMemlock => 8,
        R::RlimitAs => rlimit::AS,
        R::RlimitLocks => 10,
        R::RlimitSigpending => 11,
        R::RlimitMsgqueue => 12,
        R::RlimitNice => 13,
        R::RlimitRtprio => 14,
        R::RlimitRttime => 15,
    }
}
