//! `kill`: a signal to the first process, or to all.

use super::store::{Status, Store};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::launch::reopen;
use std::os::fd::AsFd;
use std::str::FromStr;
use teu_sys::process::pidfd_send_signal;

pub(super) fn kill(store: &Store, id: &str, signal: &str, all: bool) -> Result<()> {
    let number = parse(signal)?;
    let record = store.load(id)?;
    let cgroup = Cgroup::open(&record.cgroup)?;
    if all {
        // Processes that outlived the first one are reached too.
        return if number == 9 { cgroup.kill_all() } else { cgroup.signal_all(number) };
    }
    if number == 9 && !store.has_own_pids(id) && !cgroup.pids()?.is_empty() {
        // No process 1 takes the others along, nor need it be alive.
        return cgroup.kill_all();
    }
    let number = match store.status(&record) {
        Status::Stopped => {
            return Err(RuntimeError::of(ErrorClass::Conflict, "signal", id, "container not running"));
        }
        // The kernel keeps from a first process what it has not asked for, and one that waits asks for nothing.
        Status::Created if terminates(number) => 9,
        _ => number,
    };
    // Other engines know the words "container not running".
    let gone = || RuntimeError::of(ErrorClass::Conflict, "signal", id, "container not running");
    let pidfd = reopen(record.pid).map_err(|_| gone())?;
    // The id could have been reused before the descriptor was opened.
    if super::store::process_start(record.pid) != Some(record.pid_start) {
        return Err(gone());
    }
    pidfd_send_signal(pidfd.as_fd(), number).map_err(|error| RuntimeError::kernel("signal", id, error))?;
    if number == 9 && cgroup.is_frozen().unwrap_or(false) {
        // A frozen process dies once it goes on.
        cgroup.thaw()?;
    }
    Ok(())
}

/// Whether a signal ends a process that does nothing about it (`signal(7)`).
fn terminates(number: i32) -> bool {
    use nix::sys::signal::Signal;
    let harmless = [
        Signal::SIGCHLD,
        Signal::SIGCONT,
        Signal::SIGSTOP,
        Signal::SIGTSTP,
        Signal::SIGTTIN,
        Signal::SIGTTOU,
        Signal::SIGURG,
        Signal::SIGWINCH,
    ];
    number != 0 && harmless.iter().all(|signal| *signal as i32 != number)
}

/// A signal by number, name or short name.
pub(super) fn parse(text: &str) -> Result<i32> {
    let wrong = || RuntimeError::invalid(format!("signal {text}"), "is unknown");
    if let Ok(number) = text.parse::<i32>() {
        return if (0..=64).contains(&number) { Ok(number) } else { Err(wrong()) };
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if let Some(offset) = name.strip_prefix("RTMIN") {
        let offset = if offset.is_empty() {
            0
        } else {
            offset.trim_start_matches('+').parse().map_err(|_| wrong())?
        };
        return if (0..=30).contains(&offset) { Ok(34 + offset) } else { Err(wrong()) };
    }
    nix::sys::signal::Signal::from_str(&format!("SIG{name}")).map(|signal| signal as i32).map_err(|_| wrong())
}
