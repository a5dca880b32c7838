//! `start`: opens the gate of a created container.

use super::store::{Status, Store};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError, shown};
use crate::launch::hook::{self, state_json};
use crate::launch::wire::{Message, parse};
use rustix::fs::{Mode, OFlags};

pub(super) fn start(store: &Store, id: &str) -> Result<()> {
    let _lock = store.lock(id)?;
    let record = store.load(id)?;
    let status = store.status(&record);
    if status != Status::Created {
        let reason = format!("cannot be started: it is {}", status.name());
        return Err(RuntimeError::of(ErrorClass::Conflict, "start", id, reason));
    }
    let spec = store.spec(id)?;
    let (gate_path, result_path) = (store.gate(&record), store.result(&record));
    // The result is opened first, so that nothing said after the gate opens is lost.
    let result =
        rustix::fs::open(&result_path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| RuntimeError::kernel("open", shown(&result_path), error))?;
    let gate =
        rustix::fs::open(&gate_path, OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())
            .map_err(|_| RuntimeError::of(ErrorClass::Conflict, "start", id, "its first process is gone"))?;
    rustix::fs::fcntl_setfl(&result, OFlags::empty())
        .map_err(|error| RuntimeError::kernel("open", shown(&result_path), error))?;
    rustix::io::write(&gate, b"1").map_err(|error| RuntimeError::kernel("open", shown(&gate_path), error))?;
    let mut bytes = [0u8; 12];
    let read = loop {
        match rustix::io::read(&result, &mut bytes) {
            Ok(read) => break read,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(RuntimeError::kernel("read", shown(&result_path), error)),
        }
    };
    let _ = std::fs::remove_file(&gate_path);
    let _ = std::fs::remove_file(&result_path);
    if read > 0 {
        let program =
            spec.process().as_ref().and_then(|p| p.args().as_ref()?.first().cloned()).unwrap_or_default();
        return match parse(&bytes[..read]) {
            Some(Message::Fault(fault)) => {
                let hooks = spec.hooks().clone().unwrap_or_default();
                Err(fault.after_gate(&hooks, &program))
            }
            _ => Err(RuntimeError::of(ErrorClass::Kernel, "start", id, "its first process spoke nonsense")),
        };
    }
    let hooks = spec.hooks().as_ref().and_then(|hooks| hooks.poststart().clone()).unwrap_or_default();
    let state = state_json(id, &record.bundle, &spec, record.pid, "running");
    hook::run_all(&hooks, "poststart", &state).inspect_err(|_| {
        // A poststart hook that fails ends the container; the hook's failure is what is told.
        let _ = Cgroup::open(&record.cgroup).and_then(|cgroup| cgroup.kill_all());
    })
}
