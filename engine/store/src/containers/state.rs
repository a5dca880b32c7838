//! Changes of state.

use super::record::{COLUMNS, ContainerRecord, from_row};
use crate::error::DatabaseContext as _;
use crate::{Result, Store, StoreError, database, events};
use rusqlite::{OptionalExtension as _, Transaction, params};
use teu_api::ContainerId;
use teu_api::container::ContainerState;

impl Store {
    /// Changes a container's state and records the event, if any, in one transaction, and returns what it is then.
    /// The event gets the container's name, image and labels besides the attributes given, and those that Docker tells
    /// beside it come with it.
    pub fn update_container_state(
        &self,
        id: &ContainerId,
        action: Option<&str>,
        attributes: &[(&str, String)],
        change: impl FnOnce(&mut ContainerState),
    ) -> Result<ContainerRecord> {
        let transaction = database::write(self.connection())?;
        let mut record = select(&transaction, id)?;
        change(&mut record.state);
        write_state(&transaction, &record)?;
        if let Some(action) = action {
            let event = record.event(action);
            let event =
                attributes.iter().fold(event, |event, (name, value)| event.with(name, value.as_str()));
            for event in record.with_others(event) {
                events::append(&transaction, &event)?;
            }
        }
        transaction.commit().database("change a container's state")?;
        Ok(record)
    }
}

/// The container inside a transaction.
pub(super) fn select(transaction: &Transaction<'_>, id: &ContainerId) -> Result<ContainerRecord> {
    let sql = format!("SELECT {COLUMNS} FROM containers WHERE id = ?");
    let query = || transaction.prepare_cached(&sql)?.query_row([id.as_str()], from_row).optional();
    query().database("look a container up")?.ok_or_else(|| StoreError::not_found("container", id.as_str()))
}

pub(super) fn write_state(transaction: &Transaction<'_>, record: &ContainerRecord) -> Result<()> {
    let state = database::to_json(&record.state)?;
    transaction
        .prepare_cached("UPDATE containers SET status = ?, state = ? WHERE id = ?")
        .and_then(|mut statement| {
            statement.execute(params![record.state.status.as_str(), state, record.id.as_str()])
        })
        .database("change a container's state")?;
    Ok(())
}
