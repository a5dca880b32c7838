//! Listings.

use super::record::{COLUMNS, ContainerRecord, from_row};
use crate::error::DatabaseContext as _;
use crate::{Result, Store};

impl Store {
    /// Every container, the newest first.
    pub fn containers(&self) -> Result<Vec<ContainerRecord>> {
        self.select_containers("1 ORDER BY created_at DESC, id")
    }

    /// Containers that a supervisor stays with, or that are being removed: those whose row may have become untrue.
    pub fn unsettled_containers(&self) -> Result<Vec<ContainerRecord>> {
        self.select_containers("status IN ('running', 'paused', 'restarting', 'removing')")
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
