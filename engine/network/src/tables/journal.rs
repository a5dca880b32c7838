//! Rows of the event journal, written in the same transaction as what they tell of.

use super::NetworkRow;
use crate::error::Result;
use rusqlite::{Connection, OptionalExtension as _};
use teu_store::{EventKind, NewEvent, record_event};

/// A network was made or removed.
pub(super) fn network(connection: &Connection, action: &str, row: &NetworkRow) -> Result<()> {
    let event = NewEvent::new(EventKind::Network, action, row.id.as_str())
        .with("name", row.spec.name.as_str())
        .with("type", row.spec.driver.as_str());
    record_event(connection, &event)?;
    Ok(())
}

/// A container came to a network or left it.
pub(super) fn endpoint(connection: &Connection, action: &str, network: &str, container: &str) -> Result<()> {
    let spec: Option<String> = connection
        .prepare_cached("SELECT spec FROM networks WHERE id = ?1")?
        .query_row([network], |row| row.get(0))
        .optional()?;
    let spec = spec
        .and_then(|text| serde_json::from_str::<teu_api::network::NetworkSpec>(&text).ok())
        .unwrap_or_default();
    let event = NewEvent::new(EventKind::Network, action, network)
        .with("container", container)
        .with("name", spec.name)
        .with("type", spec.driver.as_str());
    record_event(connection, &event)?;
    Ok(())
}
