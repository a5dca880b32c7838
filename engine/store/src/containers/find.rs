//! From what a user typed to a container.

use super::record::{COLUMNS, ContainerRecord, from_row};
use crate::error::DatabaseContext as _;
use crate::{Result, Store, StoreError};
use rusqlite::OptionalExtension as _;
use teu_api::ContainerId;

impl Store {
    /// The container with this id.
    pub fn container(&self, id: &ContainerId) -> Result<ContainerRecord> {
        self.one_container("id = ?", id.as_str())?
            .ok_or_else(|| StoreError::not_found("container", id.as_str()))
    }

    /// The container that a full id, a name, or the unambiguous beginning of an id means, in this order.
    pub fn find_container(&self, reference: &str) -> Result<ContainerRecord> {
        let name = reference.strip_prefix('/').unwrap_or(reference);
        if let Some(id) = ContainerId::parse(name)
            && let Some(found) = self.one_container("id = ?", id.as_str())?
        {
            return Ok(found);
        }
        if let Some(found) = self.one_container("name = ?", name)? {
            return Ok(found);
        }
        let is_prefix = !name.is_empty() && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !is_prefix {
            return Err(StoreError::not_found("container", reference));
        }
        let query = || -> rusqlite::Result<Vec<ContainerRecord>> {
            let sql = format!("SELECT {COLUMNS} FROM containers WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2");
            let mut statement = self.connection().prepare_cached(&sql)?;
            statement.query_map([name], from_row)?.collect()
        };
        let mut found = query().database("look a container up")?;
        match (found.pop(), found.is_empty()) {
            (Some(found), true) => Ok(found),
            (Some(_), false) => Err(StoreError::Ambiguous(reference.to_owned())),
            (None, _) => Err(StoreError::not_found("container", reference)),
        }
    }

    fn one_container(&self, condition: &str, value: &str) -> Result<Option<ContainerRecord>> {
        let sql = format!("SELECT {COLUMNS} FROM containers WHERE {condition}");
        let query = || self.connection().prepare_cached(&sql)?.query_row([value], from_row).optional();
        query().database("look a container up")
    }
}
