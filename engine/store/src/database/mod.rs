//! The database: SQLite in WAL mode, opened by every process for itself.

mod schema;

use crate::error::DatabaseContext as _;
use crate::{Result, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a process waits for another's transaction; each takes well under a millisecond.
const BUSY: Duration = Duration::from_secs(10);

/// Bytes of the journal after which whoever opens the database moves them into it and empties the journal. It bounds
/// what the first process after a pause has to read again, and how often one waits for the disk.
const LONG_JOURNAL: u64 = 1 << 20;

/// Pages in the journal after which a commit does so, for processes that stay and write much. A commit leaves the
/// journal's length as it is, and that its pages were moved is known only while somebody is connected: one command after
/// the other would read and move all of them again for ever, which is why opening does it, too.
const CHECKPOINT_PAGES: u32 = 1000;

/// Opens the database, making or updating it where needed.
pub fn open(path: &Path) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        // A command that ends must not wait for the disk because it happened to be the last one connected.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.execute_batch(&format!(
            "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES};"
        ))?;
        let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        Ok((connection, version))
    };
    let (connection, version) = open().database(&format!("open {}", path.display()))?;
    if version != schema::VERSION {
        schema::migrate(&connection, version)?;
    }
    empty_journal(&connection, path);
    Ok(connection)
}

/// Empties a long journal, unless somebody is reading or writing just now or the disk is full: then a later one does it.
fn empty_journal(connection: &Connection, path: &Path) {
    let long = std::fs::metadata(journal(path)).is_ok_and(|metadata| metadata.len() > LONG_JOURNAL);
    if long && connection.busy_timeout(Duration::ZERO).is_ok() {
        let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        let _ = connection.busy_timeout(BUSY);
    }
}

/// Where SQLite keeps what was written last.
fn journal(path: &Path) -> PathBuf {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    journal.into()
}

/// A transaction that has the right to write from its beginning, so that it never fails half-way for want of it.
pub fn write(connection: &Connection) -> Result<Transaction<'_>> {
    Transaction::new_unchecked(connection, TransactionBehavior::Immediate).database("begin to write")
}

/// JSON of a value without what equals its default: short to store and quick to read for thousands of rows.
pub fn to_json<T: Serialize + Default>(value: &T) -> Result<String> {
    let tree = |value: &T| {
        serde_json::to_value(value).map_err(|error| StoreError::hostile("database", error.to_string()))
    };
    let mut json = tree(value)?;
    drop_defaults(&mut json, &tree(&T::default())?);
    Ok(json.to_string())
}

fn drop_defaults(value: &mut Value, default: &Value) {
    let (Value::Object(fields), Value::Object(defaults)) = (value, default) else { return };
    fields.retain(|name, field| match defaults.get(name) {
        Some(default) if field == default => false,
        Some(default) => {
            drop_defaults(field, default);
            true
        }
        None => true,
    });
}

/// A value from JSON that `to_json` made.
pub fn from_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_stays_short_when_each_process_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("teu.db");
        let text = "x".repeat(8 << 10);
        for number in 0..1000 {
            let connection = open(&path).unwrap();
            connection
                .execute(
                    "INSERT OR REPLACE INTO meta (key, value) VALUES ('test', ?)",
                    [format!("{number}{text}")],
                )
                .unwrap();
        }
        let length = std::fs::metadata(journal(&path)).unwrap().len();
        assert!(length < 2 * LONG_JOURNAL, "{length}");
    }
    use teu_api::container::{ContainerSpec, LogOptions};

    #[test]
    fn json_holds_only_what_differs_and_reads_back() {
        let mut spec = ContainerSpec { image: "a".into(), ..Default::default() };
        assert_eq!(to_json(&ContainerSpec::default()).unwrap(), "{}");
        spec.host.log = LogOptions { max_files: 9, ..Default::default() };
        spec.host.resources.memory = 5;
        spec.env = vec!["A=b".into()];
        let text = to_json(&spec).unwrap();
        assert_eq!(
            text,
            r#"{"image":"a","env":["A=b"],"host":{"log":{"max_files":9},"resources":{"memory":5}}}"#
        );
        assert_eq!(from_json::<ContainerSpec>(&text).unwrap(), spec);
    }
}
