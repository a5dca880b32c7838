//! Putting right what processes that were killed left behind. Every command begins with it, so that what it shows is
//! true; with nothing to do it is one indexed query and a look at two folders.

use crate::engine::Engine;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use teu_api::container::Status;
use teu_api::{ContainerId, Failure};
use teu_runtime::cgroup::Cgroup;
use teu_store::ContainerRecord;
use teu_supervisor::Place;

/// The exit code of a container that was killed with its supervisor: 128 and SIGKILL.
const KILLED: i32 = 137;

/// Settles every container whose supervisor is gone without having said so. With many that run it costs one look at
/// each one's lock: their rows are only read where that lock is free.
pub fn containers(engine: &Engine) -> Result<(), Failure> {
    let supervised = supervised(engine)?;
    for (id, is_removing) in engine.store().unsettled()? {
        if is_removing {
            finish_removal(engine, &id)?;
        } else if !supervised.contains(&id)
            && let Ok(record) = engine.store().container(&id)
            && !is_supervised(engine, &id)?
        {
            settle(engine, &record)?;
        }
    }
    crate::build::end_killed_builds(engine)
}

fn is_supervised(engine: &Engine, id: &ContainerId) -> Result<bool, Failure> {
    Ok(teu_supervisor::is_supervised(&engine.store().paths().container_run(id))?)
}

/// The containers whose supervisors live. A supervisor takes its socket away when it ends: one whose socket is there
/// and whose lock is free was killed, maybe before the database knew of its container's start, and is cleared up after.
fn supervised(engine: &Engine) -> Result<HashSet<ContainerId>, Failure> {
    let folder = engine.store().paths().run().join("containers");
    let mut supervised = HashSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(ContainerId::parse) else { continue };
        let socket = entry.path().join(teu_supervisor::SOCKET_NAME);
        if !socket.exists() {
            continue;
        }
        // Held while cleaning, so that a supervisor that begins now does not lose what it makes.
        let _held = match teu_supervisor::take_dead_ones_place(&entry.path())? {
            Place::Left(lock) => lock,
            Place::Held => {
                supervised.insert(id);
                continue;
            }
            Place::Empty => continue,
        };
        leave_networks(engine, &id)?;
        match engine.store().container(&id) {
            Ok(record) if record.state.status.is_live() => settle(engine, &record)?,
            Ok(record) => clear_control_group(&crate::bundle::cgroup_path(id.as_str(), &record.spec))?,
            Err(_) => clear_control_group(&crate::bundle::cgroup_path(
                id.as_str(),
                &teu_api::container::ContainerSpec::default(),
            ))?,
        }
        // Whoever is last finds it gone already.
        let _ = fs::remove_file(socket);
    }
    Ok(supervised)
}

/// Another process may be at it right now; whoever is last finds nothing left to do.
fn finish_removal(engine: &Engine, id: &ContainerId) -> Result<(), Failure> {
    match engine.store().remove_container(id, true) {
        Err(error) if !error.is_not_found() => Err(error.into()),
        _ => Ok(()),
    }
}

/// Processes that outlived their supervisor would run on without anyone to answer for them.
fn clear_control_group(path: &str) -> Result<(), Failure> {
    let Ok(cgroup) = Cgroup::open(Path::new(path)) else { return Ok(()) };
    // What cannot be killed shows when its group cannot be removed.
    let _ = cgroup.kill_all();
    Ok(cgroup.delete()?)
}

/// The places of a container whose supervisor was killed are given back: their interfaces may be gone with its network
/// namespace, but not their ports, names and addresses.
fn leave_networks(engine: &Engine, id: &ContainerId) -> Result<(), Failure> {
    Ok(engine.networks()?.detach(id)?)
}

fn settle(engine: &Engine, seen: &ContainerRecord) -> Result<(), Failure> {
    // Between the look at the state and the look at the lock the supervisor may have ended properly.
    let Ok(record) = engine.store().container(&seen.id) else { return Ok(()) };
    if !record.state.status.is_live() || record.state.supervisor_pid != seen.state.supervisor_pid {
        return Ok(());
    }
    clear_control_group(&crate::bundle::cgroup_path(record.id.as_str(), &record.spec))?;
    leave_networks(engine, &record.id)?;
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
