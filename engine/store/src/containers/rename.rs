//! `rename`.

use super::state::select;
use crate::error::DatabaseContext as _;
use crate::{Result, Store, StoreError, database, events};
use rusqlite::{OptionalExtension as _, params};
use teu_api::ContainerId;

impl Store {
    /// Gives a container another name.
    pub fn rename_container(&self, id: &ContainerId, name: &str) -> Result<()> {
        let transaction = database::write(self.connection())?;
        let mut record = select(&transaction, id)?;
        if record.name == name {
            return Err(StoreError::invalid(
                "Renaming a container with the same name as its current name",
                "choose another name",
            ));
        }
        let taken: Option<String> = transaction
            .query_row("SELECT id FROM containers WHERE name = ?", [name], |row| row.get(0))
            .optional()
            .database("look a name up")?;
        if let Some(by) = taken {
            return Err(StoreError::NameTaken { name: name.to_owned(), by });
        }
        transaction
            .execute("UPDATE containers SET name = ? WHERE id = ?", params![name, id.as_str()])
            .database("rename a container")?;
        let old = std::mem::replace(&mut record.name, name.to_owned());
        events::append(&transaction, &record.event("rename").with("oldName", format!("/{old}")))?;
        transaction.commit().database("rename a container")
    }
}
