//! The child becomes who the configuration says: descriptors, limits, user, rights.

use super::birth::Common;
use super::rights;
use super::wire::{At, Fault, Stage, Step};
use crate::plan::ProcessPlan;
use rustix::fs::{Access, AtFlags, CWD, Gid, Mode, Uid, accessat, fchown};
use rustix::io::Errno;
use rustix::thread::CpuSet;
use std::os::fd::{AsFd, OwnedFd, RawFd};
use teu_sys::{process, rlimit, sched, tty};

/// Standard descriptors, limits, working directory, user, capabilities; gives the index of the program among the
/// candidates.
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
    let held = rights::are_held(plan, common.seccomp.is_some());
    rights::bound(&plan.capabilities)?;
    rustix::thread::set_keep_capabilities(true).at(Stage::Capabilities, 1)?;
    set_groups(plan).at(Stage::Identity, 1)?;
    let gid = Gid::from_raw(plan.gid);
    rustix::thread::set_thread_res_gid(gid, gid, gid).at(Stage::Identity, 2)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid).at(Stage::Identity, 3)?;
    rustix::thread::set_keep_capabilities(false).at(Stage::Capabilities, 2)?;
    rights::set(&plan.capabilities, held)?;
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
    match (&plan.affinity.last, &plan.affinity.first) {
        (Some(cpus), _) => rustix::thread::sched_setaffinity(None, cpus).at(Stage::Scheduling, 4)?,
        // Where its maker may run says nothing of the container: its cpuset alone does.
        (None, None) => _ = rustix::thread::sched_setaffinity(None, &every_cpu()),
        (None, Some(_)) => {}
    }
    look_up(plan)
}

fn every_cpu() -> CpuSet {
    let mut set = CpuSet::new();
    (0..CpuSet::MAX_CPU).for_each(|cpu| set.set(cpu));
    set
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

/// The first candidate that the user may execute; the best reason otherwise.
fn look_up(plan: &ProcessPlan) -> Step<usize> {
    let mut reason = Errno::NOENT;
    for (index, path) in plan.candidates.iter().enumerate() {
        match accessat(CWD, path.as_c_str(), Access::EXEC_OK, AtFlags::EACCESS) {
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
