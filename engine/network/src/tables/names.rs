//! Rows of names: what a container answers to on a network.

use super::Tables;
use crate::error::Result;
use crate::network::DEFAULT_NETWORK;
use rusqlite::{Connection, params};
use std::net::{Ipv4Addr, Ipv6Addr};

/// One container behind a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameRow {
    /// Its IPv4 address there.
    pub ipv4: Option<Ipv4Addr>,
    /// Its IPv6 address there.
    pub ipv6: Option<Ipv6Addr>,
}

/// Adds names of an endpoint.
pub(super) fn insert(connection: &Connection, network: &str, endpoint: &str, names: &[String]) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO endpoint_names (network, name, endpoint) VALUES (?1, ?2, ?3)",
    )?;
    for name in names {
        statement.execute(params![network, name, endpoint])?;
    }
    Ok(())
}

impl Tables {
    /// The containers behind a lower-case name, as seen from a container: those on the networks it is on itself.
    /// `NAME.NETWORK` names those of one network. On the default network nobody has a name but by a link.
    pub fn resolve(&self, container: &str, name: &str, is_linked: bool) -> Result<Vec<NameRow>> {
        let found = self.resolve_on(container, name, None, is_linked)?;
        if !found.is_empty() {
            return Ok(found);
        }
        match name.rsplit_once('.') {
            Some((name, network)) => self.resolve_on(container, name, Some(network), is_linked),
            None => Ok(found),
        }
    }

    fn resolve_on(
        &self,
        container: &str,
        name: &str,
        network: Option<&str>,
        is_linked: bool,
    ) -> Result<Vec<NameRow>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT DISTINCT there.ipv4, there.ipv6 FROM endpoints AS here
             JOIN networks ON networks.id = here.network
             JOIN endpoint_names AS names ON names.network = here.network AND names.name = ?2
             JOIN endpoints AS there ON there.id = names.endpoint
             WHERE here.container = ?1 AND (?3 IS NULL OR lower(networks.name) = ?3) AND (?4 OR networks.name <> ?5)
             ORDER BY there.rowid",
        )?;
        let rows =
            statement.query_map(params![container, name, network, is_linked, DEFAULT_NETWORK], |row| {
                let ipv4: Option<String> = row.get(0)?;
                let ipv6: Option<String> = row.get(1)?;
                Ok(NameRow {
                    ipv4: ipv4.and_then(|text| text.parse().ok()),
                    ipv6: ipv6.and_then(|text| text.parse().ok()),
                })
            })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The name of the container at an address, as seen from a container: `NAME.NETWORK`, as Docker answers.
    pub fn resolve_address(&self, container: &str, address: &str) -> Result<Option<String>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT there.name || '.' || networks.name FROM endpoints AS here
             JOIN networks ON networks.id = here.network
             JOIN endpoints AS there ON there.network = here.network AND (there.ipv4 = ?2 OR there.ipv6 = ?2) AND there.ended = 0
             WHERE here.container = ?1 AND networks.name <> ?3 LIMIT 1",
        )?;
        let mut rows = statement.query([container, address, DEFAULT_NETWORK])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }
}
