//! Putting right what processes that were killed left behind. Every command begins with it, so that what it shows is
//! true; with nothing to do it is one indexed query.

use crate::engine::Engine;
use std::path::Path;
use teu_api::container::Status;
use teu_api::{ContainerId, Failure};
use teu_runtime::cgroup::Cgroup;
use teu_store::ContainerRecord;

/// The exit code of a container that was killed with its supervisor: 128 and SIGKILL.
const KILLED: i32 = 137;

/// Settles every container whose supervisor is gone without having said so.
pub fn containers(engine: &Engine) -> Result<(), Failure> {
    for record in engine.store().unsettled_containers()? {
        if record.state.status == Status::Removing {
            finish_removal(engine, &record.id)?;
        } else if !is_supervised(engine, &record.id)? {
            settle(engine, &record)?;
        }
    }
    Ok(())
}

fn is_supervised(engine: &Engine, id: &ContainerId) -> Result<bool, Failure> {
    Ok(teu_supervisor::is_supervised(&engine.store().paths().container_run(id))?)
}

/// Another process may be at it right now; whoever is last finds nothing left to do.
fn finish_removal(engine: &Engine, id: &ContainerId) -> Result<(), Failure> {
    match engine.store().remove_container(id, true) {
        Err(error) if !error.is_not_found() => Err(error.into()),
        _ => Ok(()),
    }
}

fn settle(engine: &Engine, seen: &ContainerRecord) -> Result<(), Failure> {
    // Between the look at the state and the look at the lock the supervisor may have ended properly.
    let Ok(record) = engine.store().container(&seen.id) else { return Ok(()) };
    if !record.state.status.is_live() || record.state.supervisor_pid != seen.state.supervisor_pid {
        return Ok(());
    }
    let path = crate::bundle::cgroup_path(record.id.as_str(), &record.spec);
    if let Ok(cgroup) = Cgroup::open(Path::new(&path)) {
        // Processes that outlived their supervisor would run on without anyone to answer for them.
        cgroup.kill_all().ok();
        cgroup.delete().map_err(Failure::from)?;
    }
    if record.spec.host.auto_remove {
        return finish_removal(engine, &record.id);
    }
    let now = jiff::Timestamp::now().as_nanosecond() as i64;
    let attributes = [("exitCode", KILLED.to_string())];
    engine.store().update_container_state(&record.id, Some("die"), &attributes, |state| {
        state.status = Status::Exited;
        state.pid = 0;
        state.supervisor_pid = 0;
        state.exit_code = KILLED;
        state.finished_at = now;
        "its supervisor was killed".clone_into(&mut state.error);
    })?;
    Ok(())
}
