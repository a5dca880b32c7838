//! Rows of endpoints: which container is on which network at which address.

use super::{NetworkRow, Tables, journal};
use crate::address::{self, Cidr};
use crate::error::{NetworkError, Result};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An endpoint's row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointRow {
    /// Its id: 64 hexadecimal digits.
    pub id: String,
    /// The network's id.
    pub network: String,
    /// The container's id.
    pub container: String,
    /// The container's name.
    pub name: String,
    /// Further names on this network.
    pub aliases: Vec<String>,
    /// The interface on the host; empty for none.
    pub host_interface: String,
    /// The interface in the container.
    pub interface: String,
    /// The IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// The IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
    /// The hardware address.
    pub mac: String,
}

/// What a container asks of a network.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    /// The endpoint's id.
    pub id: String,
    /// The container's id.
    pub container: String,
    /// The container's name.
    pub name: String,
    /// Names to answer to, the container's own among them, in lower case.
    pub names: Vec<String>,
    /// The names that the user gave.
    pub aliases: Vec<String>,
    /// The interface on the host.
    pub host_interface: String,
    /// A fixed IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// A fixed IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
    /// A fixed hardware address.
    pub mac: Option<String>,
}

/// Where a range's addresses come from.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// The whole range.
    pub range: Cidr,
    /// The part that addresses are given from.
    pub from: Cidr,
    /// Addresses that are not given: the gateway and what the user reserved.
    pub reserved: Vec<IpAddr>,
}

const COLUMNS: &str = "id, network, container, name, aliases, host_interface, interface, ipv4, ipv6, mac";

fn read(row: &Row<'_>) -> rusqlite::Result<EndpointRow> {
    let aliases: String = row.get(4)?;
    let ipv4: Option<String> = row.get(7)?;
    let ipv6: Option<String> = row.get(8)?;
    Ok(EndpointRow {
        id: row.get(0)?,
        network: row.get(1)?,
        container: row.get(2)?,
        name: row.get(3)?,
        aliases: serde_json::from_str(&aliases).unwrap_or_default(),
        host_interface: row.get(5)?,
        interface: row.get(6)?,
        ipv4: ipv4.and_then(|text| text.parse().ok()),
        ipv6: ipv6.and_then(|text| text.parse().ok()),
        mac: row.get(9)?,
    })
}

fn select(connection: &Connection, condition: &str, value: &str) -> Result<Vec<EndpointRow>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM endpoints WHERE {condition} ORDER BY rowid"))?;
    let rows = statement.query_map([value], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The condition of endpoints whose containers have not ended.
pub(crate) const LIVE: &str = "ended = 0";
/// The condition of every endpoint, those included whose addresses wait for the kernel to remove their interfaces.
pub(crate) const EVERY: &str = "ended >= 0";

/// The endpoints on a network that meet a condition.
pub(crate) fn on_network(
    connection: &Connection,
    network: &str,
    condition: &str,
) -> Result<Vec<EndpointRow>> {
    select(connection, &format!("network = ?1 AND {condition}"), network)
}

/// Who holds an address on a network, by name.
fn holder(connection: &Connection, network: &str, column: &str, address: &str) -> Result<Option<String>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT name FROM endpoints WHERE network = ?1 AND {column} = ?2"))?;
    Ok(statement.query_row([network, address], |row| row.get(0)).optional()?)
}

/// Picks an address: the fixed one if it is free and fits, or the first free one after the last that was given, so
/// that an address is not given again at once.
fn pick(
    connection: &Connection,
    network: &NetworkRow,
    pools: &[Pool],
    fixed: Option<IpAddr>,
    ipv4: bool,
) -> Result<Option<IpAddr>> {
    let (column, last) = if ipv4 { ("ipv4", "last4") } else { ("ipv6", "last6") };
    let name = &network.spec.name;
    let mut fitting = pools.iter().filter(|pool| pool.range.is_ipv4() == ipv4).peekable();
    if let Some(address) = fixed {
        let pool = fitting.find(|pool| pool.range.contains(address)).ok_or_else(|| {
            NetworkError::invalid(
                format!("invalid address {address}: it does not belong to any of network {name}'s subnets"),
                "choose an address in a subnet that the network was made with",
            )
        })?;
        let (lowest, highest) = pool.range.usable();
        let usable = address::to_bits(lowest)..=address::to_bits(highest);
        let holder = if pool.reserved.contains(&address) {
            Some("the network itself".to_owned())
        } else if !usable.contains(&address::to_bits(address)) {
            Some("the network itself: it is its first or its broadcast address".to_owned())
        } else {
            holder(connection, &network.id, column, &address.to_string())?
        };
        return match holder {
            Some(holder) => Err(NetworkError::AddressTaken {
                address: address.to_string(),
                network: name.clone(),
                holder,
            }),
            None => Ok(Some(address)),
        };
    }
    if fitting.peek().is_none() {
        return Ok(None);
    }
    let last: String = connection.query_row(
        &format!("SELECT {last} FROM networks WHERE id = ?1"),
        [&network.id],
        |row| row.get(0),
    )?;
    let last: Option<IpAddr> = last.parse().ok();
    let mut ranges = Vec::new();
    for pool in fitting {
        let start = last.filter(|last| pool.from.contains(*last)).and_then(address::next);
        if let Some(address) = free(connection, &network.id, column, pool, start)? {
            return Ok(Some(address));
        }
        ranges.push(pool.from.to_string());
    }
    Err(NetworkError::AddressesExhausted { network: name.clone(), range: ranges.join(", ") })
}

/// The first free address of a pool from `start` on, and round to the beginning.
fn free(
    connection: &Connection,
    network: &str,
    column: &str,
    pool: &Pool,
    start: Option<IpAddr>,
) -> Result<Option<IpAddr>> {
    let (mut first, mut last) = pool.from.usable();
    // A part in the middle of the range has neither a network's own address nor a broadcast address.
    let (lowest, highest) = pool.range.usable();
    if pool.from.first() != pool.range.first() {
        first = pool.from.first();
    }
    if pool.from.last() != pool.range.last() {
        last = pool.from.last();
    }
    let low = address::to_bits(first).max(address::to_bits(lowest));
    let high = address::to_bits(last).min(address::to_bits(highest));
    let within = |address: &IpAddr| (low..=high).contains(&address::to_bits(*address));
    let begin = start.filter(within).unwrap_or(first);
    let mut candidate = begin;
    loop {
        if !pool.reserved.contains(&candidate)
            && holder(connection, network, column, &candidate.to_string())?.is_none()
        {
            return Ok(Some(candidate));
        }
        candidate = address::next(candidate).filter(within).unwrap_or(first);
        if candidate == begin {
            return Ok(None);
        }
    }
}

/// Removes what an endpoint answers to and publishes.
fn clear(connection: &Connection, endpoint: &str) -> Result<()> {
    connection.prepare_cached("DELETE FROM endpoint_names WHERE endpoint = ?1")?.execute([endpoint])?;
    connection.prepare_cached("DELETE FROM endpoint_ports WHERE endpoint = ?1")?.execute([endpoint])?;
    Ok(())
}

/// The hardware address asked for, if nobody has it there, or one that is derived: two that are equal would take each
/// other's packets.
fn choose_mac(
    connection: &Connection,
    network: &NetworkRow,
    lease: &Lease,
    ipv4: Option<Ipv4Addr>,
) -> Result<String> {
    let holder = |mac: &str| -> Result<Option<String>> {
        let mut statement = connection
            .prepare_cached("SELECT name FROM endpoints WHERE network = ?1 AND mac = ?2 AND ended = 0")?;
        Ok(statement.query_row([network.id.as_str(), mac], |row| row.get(0)).optional()?)
    };
    let Some(mac) = &lease.mac else {
        let mac = derived_mac(ipv4, &lease.id);
        return Ok(if holder(&mac)?.is_some() { derived_mac(None, &lease.id) } else { mac });
    };
    match holder(mac)? {
        Some(holder) => {
            Err(NetworkError::MacTaken { mac: mac.clone(), network: network.spec.name.clone(), holder })
        }
        None => Ok(mac.clone()),
    }
}

/// Docker's form: a locally administered prefix, then the IPv4 address. An address that is given again keeps its
/// hardware address, so neighbours' tables stay right.
fn derived_mac(ipv4: Option<Ipv4Addr>, id: &str) -> String {
    let bytes = match ipv4 {
        Some(address) => address.octets(),
        None => {
            let digits = u32::from_str_radix(id.get(..8).unwrap_or_default(), 16).unwrap_or_default();
            digits.to_be_bytes()
        }
    };
    let [a, b, c, d] = bytes;
    format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

impl Tables {
    /// Leases a place on a network. A container that has one there already is refused.
    pub(crate) fn lease(&self, network: &NetworkRow, pools: &[Pool], lease: &Lease) -> Result<EndpointRow> {
        self.immediately(|transaction| {
            // The network may have been removed since it was read.
            let current = super::networks::by_name(transaction, &network.spec.name)?;
            if current.is_none_or(|current| current.id != network.id) {
                return Err(NetworkError::NotFound(network.spec.name.clone()));
            }
            let taken = transaction
                .prepare_cached("SELECT 1 FROM endpoints WHERE network = ?1 AND container = ?2")?
                .exists([&network.id, &lease.container])?;
            if taken {
                return Err(NetworkError::AlreadyConnected {
                    container: lease.name.clone(),
                    network: network.spec.name.clone(),
                });
            }
            let ipv4 = match pick(transaction, network, pools, lease.ipv4.map(IpAddr::V4), true)? {
                Some(IpAddr::V4(address)) => Some(address),
                _ => None,
            };
            let ipv6 = match pick(transaction, network, pools, lease.ipv6.map(IpAddr::V6), false)? {
                Some(IpAddr::V6(address)) => Some(address),
                _ => None,
            };
            let mac = choose_mac(transaction, network, lease, ipv4)?;
            let row = EndpointRow {
                id: lease.id.clone(),
                network: network.id.clone(),
                container: lease.container.clone(),
                name: lease.name.clone(),
                aliases: lease.aliases.clone(),
                host_interface: lease.host_interface.clone(),
                interface: String::new(),
                ipv4,
                ipv6,
                mac,
            };
            let aliases = serde_json::Value::from(row.aliases.clone()).to_string();
            transaction
                .prepare_cached(
                    "INSERT INTO endpoints (id, network, container, name, aliases, host_interface, ipv4, ipv6, mac)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    row.id,
                    row.network,
                    row.container,
                    row.name,
                    aliases,
                    row.host_interface,
                    row.ipv4.map(|address| address.to_string()),
                    row.ipv6.map(|address| address.to_string()),
                    row.mac
                ])?;
            for (column, fixed, address) in [
                ("last4", lease.ipv4.is_some(), ipv4.map(IpAddr::V4)),
                ("last6", lease.ipv6.is_some(), ipv6.map(IpAddr::V6)),
            ] {
                if let Some(address) = address.filter(|_| !fixed) {
                    transaction.execute(
                        &format!("UPDATE networks SET {column} = ?1 WHERE id = ?2"),
                        [address.to_string(), network.id.clone()],
                    )?;
                }
            }
            super::names::insert(transaction, &row.network, &row.id, &lease.names)?;
            journal::endpoint(transaction, "connect", &row.network, &row.container)?;
            Ok(row)
        })
    }

    /// Notes which interface the endpoint became in its container.
    pub(crate) fn set_interface(&self, endpoint: &str, interface: &str) -> Result<()> {
        self.connection()
            .prepare_cached("UPDATE endpoints SET interface = ?2 WHERE id = ?1")?
            .execute([endpoint, interface])?;
        Ok(())
    }

    /// Gives a place back: its row, names and ports.
    pub(crate) fn release(&self, endpoint: &EndpointRow) -> Result<()> {
        self.immediately(|transaction| {
            clear(transaction, &endpoint.id)?;
            let ended: Option<bool> = transaction
                .prepare_cached("DELETE FROM endpoints WHERE id = ?1 RETURNING ended")?
                .query_row([&endpoint.id], |row| row.get(0))
                .optional()?;
            if ended == Some(false) {
                journal::endpoint(transaction, "disconnect", &endpoint.network, &endpoint.container)?;
            }
            Ok(())
        })
    }

    /// The places of a container, the first taken first.
    pub fn endpoints_of(&self, container: &str) -> Result<Vec<EndpointRow>> {
        select(self.connection(), "container = ?1 AND ended = 0", container)
    }

    /// The places on a network, the first taken first.
    pub fn endpoints_on(&self, network: &str) -> Result<Vec<EndpointRow>> {
        on_network(self.connection(), network, LIVE)
    }

    /// Every place that is taken.
    pub fn endpoints(&self) -> Result<Vec<EndpointRow>> {
        select(self.connection(), "ended = 0 AND ?1 = ''", "")
    }

    /// Notes that the container of a place has ended: its names and ports are free at once, its address when the
    /// kernel has removed its interface. The row stands for the address alone from now on, so that the container may
    /// come back to the network before.
    pub(crate) fn end(&self, endpoint: &EndpointRow) -> Result<()> {
        self.immediately(|transaction| {
            clear(transaction, &endpoint.id)?;
            let ended = transaction
                .prepare_cached("UPDATE endpoints SET ended = 1, container = id WHERE id = ?1 AND ended = 0")?
                .execute([&endpoint.id])?;
            if ended > 0 {
                journal::endpoint(transaction, "disconnect", &endpoint.network, &endpoint.container)?;
            }
            Ok(())
        })
    }

    /// Places of ended containers whose addresses wait, at most so many, the oldest first.
    pub(crate) fn ended(&self, most: u32) -> Result<Vec<EndpointRow>> {
        let mut statement = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM endpoints WHERE ended = 1 ORDER BY rowid LIMIT ?1"
        ))?;
        let rows = statement.query_map([most], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Carries a container's new name over to its places.
    pub fn rename(&self, container: &str, name: &str) -> Result<()> {
        self.immediately(|transaction| {
            for endpoint in select(transaction, "container = ?1 AND ended = 0", container)? {
                let aliased = endpoint.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(&endpoint.name));
                if !aliased {
                    transaction.execute(
                        "DELETE FROM endpoint_names WHERE endpoint = ?1 AND name = ?2",
                        [&endpoint.id, &endpoint.name.to_ascii_lowercase()],
                    )?;
                }
                super::names::insert(
                    transaction,
                    &endpoint.network,
                    &endpoint.id,
                    &[name.to_ascii_lowercase()],
                )?;
                transaction
                    .execute("UPDATE endpoints SET name = ?2 WHERE id = ?1", [endpoint.id.as_str(), name])?;
            }
            Ok(())
        })
    }
}
