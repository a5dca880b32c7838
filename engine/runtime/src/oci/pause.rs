//! `pause` and `resume`.

use super::store::{Status, Store};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};

pub(super) fn pause(store: &Store, id: &str) -> Result<()> {
    let record = store.load(id)?;
    match store.status(&record) {
        Status::Running | Status::Created => Cgroup::open(&record.cgroup)?.freeze(),
        status => Err(wrong(id, status)),
    }
}

pub(super) fn resume(store: &Store, id: &str) -> Result<()> {
    let record = store.load(id)?;
    match store.status(&record) {
        Status::Paused => Cgroup::open(&record.cgroup)?.thaw(),
        status => Err(wrong(id, status)),
    }
}

fn wrong(id: &str, status: Status) -> RuntimeError {
    RuntimeError::of(ErrorClass::Conflict, "pause", id, format!("is {}", status.name()))
}
