//! Rows of networks.

use super::{Tables, journal};
use crate::error::{NetworkError, Result};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use teu_api::network::{NetworkDriver, NetworkSpec};

/// A network's row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkRow {
    /// Its id: 64 hexadecimal digits.
    pub id: String,
    /// Its interface on the host: the bridge, or the parent of a macvlan network.
    pub interface: String,
    /// What it is, with the ranges it was given.
    pub spec: NetworkSpec,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: i64,
}

impl NetworkRow {
    /// Whether ports of its containers are published on this host.
    pub(crate) fn publishes(&self) -> bool {
        self.spec.driver == NetworkDriver::Bridge && !self.spec.internal
    }
}

const COLUMNS: &str = "id, interface, spec, created_at";

fn read(row: &Row<'_>) -> rusqlite::Result<NetworkRow> {
    let spec: String = row.get(2)?;
    let spec = serde_json::from_str(&spec).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, error.into())
    })?;
    Ok(NetworkRow { id: row.get(0)?, interface: row.get(1)?, spec, created_at: row.get(3)? })
}

/// Adds a network.
pub(crate) fn insert(connection: &Connection, row: &NetworkRow) -> Result<()> {
    let spec = serde_json::to_string(&row.spec).map_err(|error| {
        NetworkError::invalid(format!("network {}: {error}", row.spec.name), "check its labels and options")
    })?;
    let result = connection.execute(
        "INSERT INTO networks (id, name, interface, spec, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![row.id, row.spec.name, row.interface, spec, row.created_at],
    );
    match result {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
            return Err(NetworkError::NameTaken(row.spec.name.clone()));
        }
        other => other?,
    };
    journal::network(connection, "create", row)
}

/// All networks, the oldest first.
pub(crate) fn all(connection: &Connection) -> Result<Vec<NetworkRow>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM networks ORDER BY created_at, name"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The network of a name.
pub(crate) fn by_name(connection: &Connection, name: &str) -> Result<Option<NetworkRow>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM networks WHERE name = ?1"))?;
    Ok(statement.query_row([name], read).optional()?)
}

/// Removes a network's row without telling anyone: it is about to come back changed.
pub(crate) fn forget(connection: &Connection, id: &str) -> Result<()> {
    connection.execute("DELETE FROM networks WHERE id = ?1", [id])?;
    Ok(())
}

/// Removes a network's row.
pub(crate) fn delete(connection: &Connection, row: &NetworkRow) -> Result<()> {
    if connection.execute("DELETE FROM networks WHERE id = ?1", [&row.id])? > 0 {
        journal::network(connection, "destroy", row)?;
    }
    Ok(())
}

impl Tables {
    /// All networks, the oldest first.
    pub fn networks(&self) -> Result<Vec<NetworkRow>> {
        all(self.connection())
    }

    /// The network that a user means: by name, by full id, or by the beginning of an id that only one has.
    pub fn network(&self, reference: &str) -> Result<NetworkRow> {
        if let Some(row) = by_name(self.connection(), reference)? {
            return Ok(row);
        }
        let hexadecimal =
            !reference.is_empty() && reference.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let mut matches = if hexadecimal { self.networks()? } else { Vec::new() };
        matches.retain(|row| row.id.starts_with(reference));
        match (matches.pop(), matches.is_empty()) {
            (Some(row), true) => Ok(row),
            (Some(_), false) => Err(NetworkError::invalid(
                format!("network {reference} is ambiguous: {} ids begin so", matches.len() + 1),
                "write more of the id, or the name",
            )),
            (None, _) => Err(NetworkError::NotFound(reference.to_owned())),
        }
    }
}
