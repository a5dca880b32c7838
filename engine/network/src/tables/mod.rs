//! The rows that tell which networks there are, who is on them at which address, and which ports they publish.
//! Leases are made in immediate transactions, so processes that allocate at the same time never collide.

mod endpoints;
mod journal;
mod names;
mod networks;
mod ports;

use crate::error::{NetworkError, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

pub use endpoints::EndpointRow;
pub(crate) use endpoints::{EVERY, LIVE, Lease, Pool, on_network as endpoints_on};
pub use names::NameRow;
pub use networks::NetworkRow;
pub(crate) use networks::{
    all as all_networks, by_name as network_by_name, delete as delete_network, forget as forget_network,
    insert as insert_network,
};
pub use ports::PortRow;
pub(crate) use ports::{delete as delete_ports, holder as port_holder, insert as insert_port};

/// How long a writer waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(15);
/// What the `network_schema` row says when the tables are those below.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS networks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    interface TEXT NOT NULL,
    spec TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last4 TEXT NOT NULL DEFAULT '',
    last6 TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS endpoints (
    id TEXT PRIMARY KEY,
    network TEXT NOT NULL REFERENCES networks(id),
    container TEXT NOT NULL,
    name TEXT NOT NULL,
    aliases TEXT NOT NULL,
    host_interface TEXT NOT NULL,
    interface TEXT NOT NULL DEFAULT '',
    ipv4 TEXT,
    ipv6 TEXT,
    mac TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0,
    UNIQUE (network, container),
    UNIQUE (network, ipv4),
    UNIQUE (network, ipv6)
) STRICT;
CREATE INDEX IF NOT EXISTS endpoints_by_container ON endpoints (container);
CREATE TABLE IF NOT EXISTS endpoint_names (
    network TEXT NOT NULL,
    name TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    PRIMARY KEY (network, name, endpoint)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS endpoint_ports (
    endpoint TEXT NOT NULL,
    protocol TEXT NOT NULL,
    host_ip TEXT NOT NULL,
    host_port INTEGER NOT NULL,
    target TEXT NOT NULL,
    target_port INTEGER NOT NULL,
    UNIQUE (protocol, host_ip, host_port)
) STRICT;
CREATE INDEX IF NOT EXISTS endpoint_ports_by_endpoint ON endpoint_ports (endpoint);
CREATE INDEX IF NOT EXISTS endpoint_ports_by_port ON endpoint_ports (host_port);
";

/// The network tables of a database.
pub struct Tables {
    connection: Connection,
}

impl Tables {
    /// Opens the tables in the database at a path; makes them where they are missing.
    pub fn open(database: &Path) -> Result<Self> {
        let connection = Connection::open(database)?;
        connection.busy_timeout(PATIENCE)?;
        // The commit survives the death of the process; after a power loss no lease is alive anyway.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let tables = Self { connection };
        if !tables.exist()? {
            tables.immediately(|transaction| Ok(transaction.execute_batch(SCHEMA)?))?;
        }
        Ok(tables)
    }

    fn exist(&self) -> Result<bool> {
        let mut statement =
            self.connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'endpoint_ports_by_port'")?;
        Ok(statement.exists([])?)
    }

    /// The connection, for reading.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Carries out `work` in one transaction that holds the write lock from its beginning.
    pub(crate) fn immediately<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit().map_err(NetworkError::from)?;
        Ok(value)
    }
}
