//! `state`: the state as the runtime specification defines it.

use super::say;
use super::store::{Record, Status, Store};
use crate::error::{Result, RuntimeError};
use serde_json::{Value, json};

pub(super) fn state(store: &Store, id: &str) -> Result<()> {
    let record = store.load(id)?;
    let value = describe(store, &record);
    let text = serde_json::to_string_pretty(&value)
        .map_err(|error| RuntimeError::kernel("print", "the state", std::io::Error::other(error)))?;
    say(&text)
}

/// The state of one container, with what runc adds.
pub(super) fn describe(store: &Store, record: &Record) -> Value {
    let status = store.status(record);
    let annotations =
        store.spec(&record.id).ok().and_then(|spec| spec.annotations().clone()).unwrap_or_default();
    json!({
        "ociVersion": crate::OCI_VERSION,
        "id": record.id,
        "pid": if status == Status::Stopped { 0 } else { record.pid },
        "status": status.name(),
        "bundle": record.bundle,
        "rootfs": record.rootfs,
        "created": record.created,
        "owner": "",
        "annotations": annotations,
    })
}
