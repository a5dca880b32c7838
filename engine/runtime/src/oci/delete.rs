//! `delete`: removes what a container left.

use super::store::{Record, Status, Store};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::launch::hook::{self, state_json};
use crate::launch::{HostMount, reopen};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::AsFd;
use teu_sys::process::pidfd_send_signal;

pub(super) fn delete(store: &Store, id: &str, force: bool) -> Result<()> {
    // Whoever creates it holds this until there is a record.
    let _lock = match store.lock(id) {
        Err(error) if error.class == ErrorClass::NotFound && force => return Ok(()),
        lock => lock?,
    };
    let record = match store.load(id) {
        Ok(record) => record,
        Err(error) if error.class == ErrorClass::NotFound && force => return store.remove_unfinished(id),
        Err(error) => return Err(error),
    };
    match store.status(&record) {
        Status::Stopped => {}
        Status::Created => kill(&record)?,
        _ if force => kill(&record)?,
        status => {
            let reason = format!("cannot be deleted: it is {}", status.name());
            return Err(RuntimeError::of(ErrorClass::Conflict, "delete", id, reason));
        }
    }
    destroy(store, &record)
}

/// Removes the cgroup with all that runs in it, the state and a mount that was left; runs the poststop hooks. All of it
/// is tried; the first failure is told. Hooks that fail are warned of: what they follow has happened.
pub(super) fn destroy(store: &Store, record: &Record) -> Result<()> {
    let spec = store.spec(&record.id);
    let cleared = Cgroup::remove(&record.cgroup);
    let unmounted = record.host_mount.as_ref().map_or(Ok(()), HostMount::remove);
    let removed = store.remove(&record.id);
    if let Ok(spec) = spec {
        let hooks = spec.hooks().as_ref().and_then(|hooks| hooks.poststop().clone()).unwrap_or_default();
        let state = state_json(&record.id, &record.bundle, &spec, 0, "stopped");
        for failure in hook::run_each(&hooks, "poststop", &state) {
            store.log.warn(failure);
        }
    }
    cleared.and(unmounted).and(removed)
}

fn kill(record: &Record) -> Result<()> {
    let Ok(pidfd) = reopen(record.pid) else { return Ok(()) };
    let _ = pidfd_send_signal(pidfd.as_fd(), 9);
    if let Ok(cgroup) = Cgroup::open(&record.cgroup) {
        let _ = cgroup.thaw();
    }
    let limit = Timespec { tv_sec: 10, tv_nsec: 0 };
    match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&limit)) {
        Ok(0) => Err(RuntimeError::of(
            ErrorClass::Conflict,
            "delete",
            &record.id,
            "its first process does not die",
        )),
        _ => Ok(()),
    }
}
