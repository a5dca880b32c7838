//! The tables, and how older ones become today's.

use super::write;
use crate::error::DatabaseContext as _;
use crate::{Result, StoreError};
use rusqlite::Connection;

/// One step per version: the first makes everything, each later one changes what the version before it made.
const STEPS: [&str; 3] = [include_str!("0001.sql"), include_str!("0002.sql"), include_str!("0003.sql")];

/// The version that this build knows.
pub const VERSION: u32 = STEPS.len() as u32;

/// Brings the database from an older version to today's.
pub fn migrate(connection: &Connection, found: u32) -> Result<()> {
    if found > VERSION {
        return Err(StoreError::Unsupported(format!(
            "the database is of version {found}, made by a newer teu; this one knows versions up to {VERSION}"
        )));
    }
    if found == 0 {
        // Kept in the file; switching needs to be outside a transaction. Two processes may do it at once.
        connection
            .query_row("PRAGMA journal_mode=WAL", [], |row| row.get::<_, String>(0))
            .database("switch to write-ahead logging")?;
    }
    let transaction = write(connection)?;
    // Another process may have been quicker between our look and our lock.
    let found: u32 =
        transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).database("read its version")?;
    for step in STEPS.iter().skip(found as usize) {
        transaction.execute_batch(step).database("make its tables")?;
    }
    transaction.pragma_update(None, "user_version", VERSION).database("write its version")?;
    transaction.commit().database("make its tables")
}
