//! `update`: a container's specification is changed.

use super::record::{self, ContainerRecord};
use super::state::select;
use crate::error::DatabaseContext as _;
use crate::{Result, Store, database, events};
use rusqlite::params;
use teu_api::ContainerId;
use teu_api::container::ContainerSpec;

impl Store {
    /// Changes a container's specification, and records the event, if any, in the same transaction.
    pub fn update_container_spec(
        &self,
        id: &ContainerId,
        action: Option<&str>,
        change: impl FnOnce(&mut ContainerSpec),
    ) -> Result<ContainerRecord> {
        let transaction = database::write(self.connection())?;
        let mut record = select(&transaction, id)?;
        change(&mut record.spec);
        let spec = database::to_json(&record.spec)?;
        transaction
            .execute(
                "UPDATE containers SET spec = ?, image_id = ?, layers = ?, volumes = ? WHERE id = ?",
                params![
                    spec,
                    record.spec.image_id,
                    record.spec.layers.join(" "),
                    record::volumes(&record.spec),
                    id.as_str()
                ],
            )
            .database("change a container")?;
        if let Some(action) = action {
            events::append(&transaction, &record.event(action))?;
        }
        transaction.commit().database("change a container")?;
        Ok(record)
    }
}
