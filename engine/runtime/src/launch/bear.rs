//! The parent's side of a birth: making the child, ending it, saying why it died.

use super::birth::Birth;
use super::child;
use super::descriptors::pair;
use super::wire::{Message, hear, let_go, tell_descriptor};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::plan::Plan;
use oci_spec::runtime::LinuxNamespaceType;
use rustix::fs::{Mode, OFlags};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Mutex;
use teu_sys::process::{Child, CloneRequest, clone_child, pidfd_open, pidfd_send_signal, wait_child};

/// Descriptors that must not be inherited by a child born at the same time from another thread: it would keep the
/// sockets of this one open and hide their end of file.
pub(crate) static BIRTH: Mutex<()> = Mutex::new(());

/// Makes the child. A pid namespace that is joined is entered by children only, so the calling thread names it for
/// its children and takes that back.
pub(super) fn bear(plan: &Plan, cgroup: &Cgroup, birth: &Birth<'_>) -> Result<Child> {
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

/// Namespaces that can be joined before a user namespace is: network, ipc and uts.
const EARLY: u64 = 0x4c00_0000;

/// The new namespaces belong to the user namespace of the process that makes them. So where that is a joined one, a
/// process in between enters it, makes the child as its own sibling and ends.
fn bear_here(plan: &Plan, cgroup: &Cgroup, birth: &Birth<'_>) -> Result<Child> {
    let fail = |error: std::io::Error| RuntimeError::kernel("start", "the container's first process", error);
    let flags = plan.namespaces.clone_flags;
    let request = CloneRequest { flags, into_cgroup: cgroup.unified_directory() };
    let user_flag = LinuxNamespaceType::User as u64;
    let Some((user, _)) = birth.joins.iter().find(|(_, kind)| *kind == user_flag) else {
        return clone_child(&request, || child::run(birth, 0)).map_err(fail);
    };
    const CLONE_PARENT: u64 = 0x8000;
    let sibling = CloneRequest { flags: flags | CLONE_PARENT, into_cgroup: cgroup.unified_directory() };
    let (ours, theirs) = pair(0)?;
    let between = clone_child(&CloneRequest::default(), || {
        // What the caller's own user namespace owns is out of reach from within the joined one.
        let mut joined = 0;
        for (fd, kind) in birth.joins.iter().filter(|(_, kind)| EARLY & kind != 0) {
            if teu_sys::process::setns(fd.as_fd(), *kind).is_ok() {
                joined |= kind;
            }
        }
        let made = teu_sys::process::setns(user.as_fd(), user_flag)
            .and_then(|()| clone_child(&sibling, || child::run(birth, joined)));
        match made {
            // Its id here may be one of another pid namespace; its descriptor is good everywhere.
            Ok(child) => i32::from(tell_descriptor(theirs.as_fd(), child.pidfd.as_fd()).is_err()),
            Err(error) => error.raw_os_error().unwrap_or(255),
        }
    })
    .map_err(fail)?;
    drop(theirs);
    let told = hear(ours.as_fd());
    let (code, _) = wait_child(between.pid).map_err(fail)?;
    match told? {
        Some(Message::Descriptor(pidfd)) => Ok(Child { pid: id_behind(&pidfd)?, pidfd }),
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

/// A descriptor for the process, when it still is the same that was created.
pub(crate) fn reopen(pid: i32) -> Result<OwnedFd> {
    pidfd_open(pid).map_err(|error| RuntimeError::kernel("open process", pid.to_string(), error))
}
