//! Listings.

use super::record::{COLUMNS, ContainerRecord, from_row};
use crate::error::DatabaseContext as _;
use crate::{Result, Store};
use rusqlite::Row;
use teu_api::ContainerId;

impl Store {
    /// Every container, the newest first.
    pub fn containers(&self) -> Result<Vec<ContainerRecord>> {
        self.select_containers("1 ORDER BY created_at DESC, id")
    }

    /// Containers that a supervisor stays with, or that are being removed: those whose row may have become untrue. The
    /// newest first.
    pub fn unsettled_containers(&self) -> Result<Vec<ContainerRecord>> {
        self.select_containers(
            "status IN ('running', 'paused', 'restarting', 'removing') ORDER BY created_at DESC, id",
        )
    }

    /// Which containers those are, and whether each is being removed: all that it takes to see whom to look at.
    pub fn unsettled(&self) -> Result<Vec<(ContainerId, bool)>> {
        let query = || -> rusqlite::Result<Vec<(Option<ContainerId>, bool)>> {
            let mut statement = self.connection().prepare_cached(
                "SELECT id, status = 'removing' FROM containers WHERE status IN ('running', 'paused', 'restarting', 'removing')",
            )?;
            let row = |row: &Row<'_>| Ok((ContainerId::parse(row.get_ref(0)?.as_str()?), row.get(1)?));
            statement.query_map([], row)?.collect()
        };
        let rows = query().database("list containers")?;
        Ok(rows.into_iter().filter_map(|(id, removing)| Some((id?, removing))).collect())
    }

    fn select_containers(&self, condition: &str) -> Result<Vec<ContainerRecord>> {
        let sql = format!("SELECT {COLUMNS} FROM containers WHERE {condition}");
        let query = || -> rusqlite::Result<Vec<ContainerRecord>> {
            let mut statement = self.connection().prepare_cached(&sql)?;
            statement.query_map([], from_row)?.collect()
        };
        query().database("list containers")
    }
}
