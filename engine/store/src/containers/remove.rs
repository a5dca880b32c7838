//! `rm`: a container's row and all that is its own. Killed at any point, the next command carries on: the row, marked
//! as being removed, goes last.

use super::state::{select, write_state};
use crate::error::{DatabaseContext as _, IoContext as _};
use crate::events::{self, EventKind, NewEvent};
use crate::{Result, Staging, Store, database};
use rusqlite::params;
use std::collections::HashMap;
use teu_api::ContainerId;
use teu_api::container::{MountKind, Status};

impl Store {
    /// Removes a container that does not run: its row, its folders and, when `volumes` is set, the volumes that were
    /// made for it alone. Whether it may be removed is the caller's to decide.
    pub fn remove_container(&self, id: &ContainerId, volumes: bool) -> Result<()> {
        self.making_room(|| self.remove_container_now(id, volumes))
    }

    fn remove_container_now(&self, id: &ContainerId, volumes: bool) -> Result<()> {
        let transaction = database::write(self.connection())?;
        let mut record = select(&transaction, id)?;
        record.state.status = Status::Removing;
        write_state(&transaction, &record)?;
        transaction.commit().database("mark a container as being removed")?;

        let anonymous: Vec<&str> = record
            .spec
            .host
            .mounts
            .iter()
            .filter(|mount| {
                volumes && mount.kind == MountKind::Volume && mount.anonymous && !mount.source.is_empty()
            })
            .map(|mount| mount.source.as_str())
            .collect();
        // What lies in staging is gone for everybody, and removed even if this process is killed now.
        let staging = Staging::new(self.paths(), "container")?;
        staging.take_in(&self.paths().container(id))?;
        let run = self.paths().container_run(id);
        match std::fs::remove_dir_all(&run) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).on("remove", &run)?,
            _ => {}
        }
        let transaction = database::write(self.connection())?;
        let mut emptied = Vec::new();
        let users = if anonymous.is_empty() { HashMap::new() } else { self.users_of_volumes()? };
        for name in anonymous {
            let used = users.get(name).is_some_and(|users| users.iter().any(|user| user != id));
            let removed = !used
                && transaction
                    .execute("DELETE FROM volumes WHERE name = ? AND anonymous", [name])
                    .database("remove a volume")?
                    > 0;
            if removed {
                events::append(
                    &transaction,
                    &NewEvent::new(EventKind::Volume, "destroy", name).with("driver", "local"),
                )?;
                emptied.push(self.paths().volumes().join(name));
            }
        }
        transaction
            .execute("DELETE FROM containers WHERE id = ?", params![id.as_str()])
            .database("remove a container")?;
        events::append(&transaction, &record.event("destroy"))?;
        for folder in &emptied {
            staging.take_in(folder)?;
        }
        transaction.commit().database("remove a container")?;
        staging.remove()
    }
}
