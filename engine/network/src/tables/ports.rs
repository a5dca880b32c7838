//! Rows of published ports.

use super::Tables;
use crate::error::Result;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::net::{IpAddr, SocketAddr};
use teu_api::container::PortProtocol;

/// One published port of one address family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortRow {
    /// The protocol.
    pub protocol: PortProtocol,
    /// The host's address; unspecified (`0.0.0.0`, `::`) for all of the family.
    pub host_ip: IpAddr,
    /// The host's port.
    pub host_port: u16,
    /// The container's address.
    pub target: IpAddr,
    /// The container's port.
    pub target_port: u16,
}

impl PortRow {
    /// Whether the firewall leads what comes to the container. It does not translate between address families, and the
    /// kernel sends nothing out that comes from `::1`: a relay passes that on.
    pub(crate) fn is_led(&self) -> bool {
        let loopback = matches!(self.host_ip, IpAddr::V6(address) if address.is_loopback());
        self.host_ip.is_ipv4() == self.target.is_ipv4() && !loopback
    }

    /// Where a relay passes on what comes to the port; `None` when nothing does, or nothing can be passed on. What comes
    /// to all IPv6 addresses comes to `::1` as well.
    pub(crate) fn relay_target(&self) -> Option<SocketAddr> {
        let everywhere = self.host_ip.is_ipv6() && self.host_ip.is_unspecified();
        let relayed = self.protocol != PortProtocol::Sctp && (everywhere || !self.is_led());
        relayed.then(|| SocketAddr::new(self.target, self.target_port))
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<PortRow>> {
    let protocol: String = row.get(0)?;
    let host_ip: String = row.get(1)?;
    let target: String = row.get(3)?;
    let protocol = match protocol.as_str() {
        "udp" => PortProtocol::Udp,
        "sctp" => PortProtocol::Sctp,
        _ => PortProtocol::Tcp,
    };
    let (host_port, target_port) = (row.get(2)?, row.get(4)?);
    Ok(match (host_ip.parse(), target.parse()) {
        (Ok(host_ip), Ok(target)) => Some(PortRow { protocol, host_ip, host_port, target, target_port }),
        _ => None,
    })
}

/// Adds a port.
pub(crate) fn insert(connection: &Connection, endpoint: &str, port: &PortRow) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO endpoint_ports (endpoint, protocol, host_ip, host_port, target, target_port)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            endpoint,
            port.protocol.word(),
            port.host_ip.to_string(),
            port.host_port,
            port.target.to_string(),
            port.target_port
        ])?;
    Ok(())
}

/// Removes the ports of an endpoint.
pub(crate) fn delete(connection: &Connection, endpoint: &str) -> Result<()> {
    connection.prepare_cached("DELETE FROM endpoint_ports WHERE endpoint = ?1")?.execute([endpoint])?;
    Ok(())
}

/// The name of the container that publishes a port of a family on an address, on all of them, or, for an
/// unspecified address, on any.
pub(crate) fn holder(
    connection: &Connection,
    protocol: PortProtocol,
    host_ip: IpAddr,
    port: u16,
) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT endpoints.name FROM endpoint_ports JOIN endpoints ON endpoints.id = endpoint_ports.endpoint
         WHERE host_port = ?1 AND protocol = ?2
           AND (host_ip = ?3 OR host_ip = ?4 OR (?3 = ?4 AND (instr(host_ip, ':') > 0) = (instr(?3, ':') > 0)))
         LIMIT 1",
    )?;
    let all = if host_ip.is_ipv4() { "0.0.0.0" } else { "::" };
    Ok(statement
        .query_row(params![port, protocol.word(), host_ip.to_string(), all], |row| row.get(0))
        .optional()?)
}

impl Tables {
    /// The ports that an endpoint publishes.
    pub fn ports_of(&self, endpoint: &str) -> Result<Vec<PortRow>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT protocol, host_ip, host_port, target, target_port FROM endpoint_ports WHERE endpoint = ?1
             ORDER BY rowid",
        )?;
        let rows = statement.query_map([endpoint], read)?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Every published port.
    pub fn ports(&self) -> Result<Vec<PortRow>> {
        let mut statement = self.connection().prepare(
            "SELECT protocol, host_ip, host_port, target, target_port FROM endpoint_ports ORDER BY rowid",
        )?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}
