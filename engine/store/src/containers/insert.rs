//! A new container: one row.

use super::record::{self, NewContainer};
use crate::error::DatabaseContext as _;
use crate::{Result, Store, StoreError, database, events};
use rusqlite::{OptionalExtension as _, params};
use teu_api::container::ContainerState;

impl Store {
    /// Makes a container's row. Fails with `NameTaken` when the name is another's, also when both try at once.
    pub fn insert_container(&self, new: &NewContainer) -> Result<()> {
        let spec = database::to_json(&new.spec)?;
        let transaction = database::write(self.connection())?;
        let taken: Option<String> = transaction
            .query_row("SELECT id FROM containers WHERE name = ?", [&new.name], |row| row.get(0))
            .optional()
            .database("look a name up")?;
        if let Some(by) = taken {
            return Err(StoreError::NameTaken { name: new.name.clone(), by });
        }
        // Its image may have been removed since it was looked up; its layers would be missing.
        let has_image = new.spec.image_id.is_empty()
            || transaction
                .query_row("SELECT 1 FROM images WHERE id = ?", [&new.spec.image_id], |_| Ok(()))
                .optional()
                .database("look an image up")?
                .is_some();
        if !has_image {
            return Err(StoreError::not_found("image", new.spec.image.as_str()));
        }
        transaction
            .execute(
                "INSERT INTO containers (id, name, status, created_at, image_id, layers, volumes, spec, state)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}')",
                params![
                    new.id.as_str(),
                    new.name,
                    ContainerState::default().status.as_str(),
                    events::now(),
                    new.spec.image_id,
                    new.spec.layers.join(" "),
                    record::volumes(&new.spec),
                    spec
                ],
            )
            .database("make a container")?;
        events::append(&transaction, &record::event(&new.id, &new.name, &new.spec, "create"))?;
        transaction.commit().database("make a container")
    }
}
