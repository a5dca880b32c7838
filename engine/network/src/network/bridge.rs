//! A bridge network's interface and its elements in the firewall: brought up when missing, be it after a restart of
//! the host, after someone emptied the rules, or after a process was killed half-way.

use super::create::{bridge_name, complete, host_routes};
use super::{DEFAULT_NETWORK, Networks, Settings, route_socket};
use crate::address::to_bits;
use crate::error::{NetworkError, Result};
use crate::firewall;
use crate::netlink::link::{self, Link, Mac};
use crate::netlink::{Socket, route};
use crate::sysctl;
use crate::tables::{self, NetworkRow};
use nix::errno::Errno;
use rusqlite::Connection;
use std::net::IpAddr;
use teu_api::network::{NetworkDriver, NetworkSpec};

impl Networks {
    /// A network with its bridge, brought up where it is not. The usual case costs two messages to the kernel.
    pub(crate) fn ensure_up(&self, row: NetworkRow) -> Result<(NetworkRow, Link)> {
        let mut socket = route_socket()?;
        match find(&mut socket, &row)? {
            Found::Ours(link) if link.up && self.passes(&row)? => Ok((row, link)),
            _ => self.bring_up(&row),
        }
    }

    /// Brings a network up: interface, addresses, kernel parameters, firewall. Each step can be done again.
    pub(crate) fn bring_up(&self, row: &NetworkRow) -> Result<(NetworkRow, Link)> {
        // The database's write lock keeps processes that do the same at the same time apart.
        self.tables.immediately(|transaction| {
            let current = tables::network_by_name(transaction, &row.spec.name)?;
            let mut row = current
                .filter(|current| current.id == row.id)
                .ok_or_else(|| NetworkError::NotFound(row.spec.name.clone()))?;
            let mut socket = route_socket()?;
            if let Found::Ours(link) = find(&mut socket, &row)? {
                // Another process has done it while this one waited.
                if link.up && self.passes(&row)? {
                    return Ok((row, link));
                }
            }
            if row.spec.name == DEFAULT_NETWORK {
                Self::evade(transaction, &mut socket, &mut row)?;
            }
            let settings = Settings::of(&row)?;
            let link = make_link(&mut socket, &row, &settings)?;
            sysctl::forward_ipv4()?;
            let name = &row.interface;
            // So that what the host sends to 127.0.0.1 may leave by the bridge; containers are kept from the converse
            // by the firewall's guard.
            sysctl::set(&format!("ipv4/conf/{name}/route_localnet"), "1")?;
            if settings.gateway6.is_some() {
                sysctl::forward_ipv6()?;
            }
            sysctl::set_if_present(&format!("ipv6/conf/{name}/accept_ra"), "0")?;
            self.firewall.load()?;
            self.restore_firewall(&row)?;
            self.firewall.let_through(name, row.spec.ipv6)?;
            Ok((row, link))
        })
    }

    /// Whether our firewall knows a bridge and others let it through: either may have been changed since it came up.
    fn passes(&self, row: &NetworkRow) -> Result<bool> {
        Ok(self.firewall.knows(&row.interface)?
            && self.firewall.lets_through(&row.interface, row.spec.ipv6)?)
    }

    /// The default network chose its name and range by itself. While no container is on it, it gives way to what has
    /// come to the host since, such as the default network of another state root.
    fn evade(connection: &Connection, socket: &mut Socket, row: &mut NetworkRow) -> Result<()> {
        let found = find(socket, row)?;
        if matches!(found, Found::Ours(_))
            || !tables::endpoints_on(connection, &row.id, tables::EVERY)?.is_empty()
        {
            return Ok(());
        }
        let settings = Settings::of(row)?;
        let routes = host_routes()?;
        let overlaps =
            settings.pools.iter().any(|pool| routes.iter().any(|route| route.range.overlaps(&pool.range)));
        if !overlaps && matches!(found, Found::Nothing) {
            return Ok(());
        }
        let interface =
            if matches!(found, Found::Nothing) { row.interface.clone() } else { bridge_name(&row.id) };
        tables::forget_network(connection, &row.id)?;
        let spec = NetworkSpec { name: row.spec.name.clone(), ..NetworkSpec::default() };
        *row = complete(connection, &spec, row.id.clone(), interface, &routes)?;
        tables::insert_network(connection, row)
    }

    /// Adds everything of this state root that the firewall may have lost: all bridges that are up, and all ports.
    fn restore_firewall(&self, row: &NetworkRow) -> Result<()> {
        let mut socket = route_socket()?;
        let up: Vec<Link> =
            link::list(&mut socket).map_err(NetworkError::kernel("list this host's interfaces"))?;
        let mut elements = Vec::new();
        for network in self.tables.networks()? {
            let present = network.id == row.id || up.iter().any(|link| link.alias == network.id);
            if present && network.spec.driver == NetworkDriver::Bridge {
                elements.extend(firewall::bridge(&network.interface, Settings::of(&network)?.kind));
            }
        }
        elements.splice(0..0, firewall::ports(&self.tables.ports()?));
        self.firewall.add(&elements)
    }

    /// Removes a network's interface, its elements and its row, in this order: whatever is left when this is cut
    /// short can still be found by the row.
    pub(crate) fn take_down(&self, row: &NetworkRow) -> Result<()> {
        self.tables.immediately(|transaction| {
            let endpoints = tables::endpoints_on(transaction, &row.id, tables::LIVE)?;
            if !endpoints.is_empty() {
                let containers = endpoints.into_iter().map(|endpoint| endpoint.name).collect();
                return Err(NetworkError::InUse { network: row.spec.name.clone(), containers });
            }
            let mut socket = route_socket()?;
            for ended in tables::endpoints_on(transaction, &row.id, tables::EVERY)? {
                if !ended.host_interface.is_empty() {
                    link::remove(&mut socket, &ended.host_interface).map_err(NetworkError::kernel(
                        format!("remove interface {}", ended.host_interface),
                    ))?;
                }
                transaction.execute("DELETE FROM endpoints WHERE id = ?1", [&ended.id])?;
            }
            if row.spec.driver == NetworkDriver::Bridge {
                self.firewall.withdraw_exceptions(&row.interface)?;
                if let Ok(Found::Ours(_)) = find(&mut socket, row) {
                    link::remove(&mut socket, &row.interface)
                        .map_err(NetworkError::kernel(format!("remove bridge {}", row.interface)))?;
                }
                self.firewall.remove(&firewall::bridge(&row.interface, Settings::of(row)?.kind))?;
            }
            tables::delete_network(transaction, row)?;
            Ok(())
        })
    }
}

fn make_link(socket: &mut Socket, row: &NetworkRow, settings: &Settings) -> Result<Link> {
    let name = &row.interface;
    let failed = |what: &str| NetworkError::kernel(format!("{what} bridge {name}"));
    let link = match find(socket, row)? {
        Found::Ours(link) => link,
        Found::Foreign => {
            return Err(NetworkError::Unsupported {
                message: format!("network {}: this host has another interface {name}", row.spec.name),
                hint: "remove or rename that interface".to_owned(),
            });
        }
        Found::Nothing => {
            link::create_bridge(socket, name, bridge_mac(settings), settings.mtu).map_err(failed("make"))?;
            match find(socket, row)? {
                Found::Ours(link) => link,
                _ => return Err(failed("find")(Errno::ENODEV)),
            }
        }
    };
    link::set_alias(socket, link.index, &row.id).map_err(failed("mark"))?;
    for (gateway, ipv4) in [(settings.gateway4, true), (settings.gateway6, false)] {
        if let (Some(gateway), Some(range)) = (gateway, settings.range(ipv4)) {
            route::add_address(socket, link.index, gateway, &range).map_err(failed("give an address to"))?;
        }
    }
    link::set_up(socket, link.index, settings.gateway6.is_none()).map_err(failed("bring up"))?;
    Ok(link)
}

/// What is found under the name of a network's bridge.
enum Found {
    Nothing,
    Ours(Link),
    Foreign,
}

/// A bridge is known by the network's id, which is noted on it before it is brought up. One without a note that is
/// down was made by a process that was killed then.
fn find(socket: &mut Socket, row: &NetworkRow) -> Result<Found> {
    let name = &row.interface;
    let found = link::find(socket, name).map_err(NetworkError::kernel(format!("look for bridge {name}")))?;
    Ok(match found {
        None => Found::Nothing,
        Some(link) if link.kind != "bridge" => Found::Foreign,
        Some(link) if link.alias == row.id || (link.alias.is_empty() && !link.up) => Found::Ours(link),
        Some(_) => Found::Foreign,
    })
}

/// Locally administered, then the gateway's address, like its containers'.
fn bridge_mac(settings: &Settings) -> Mac {
    let gateway =
        settings.gateway4.or(settings.gateway6).unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    let [a, b, c, d] = (to_bits(gateway) as u32).to_be_bytes();
    [0x02, 0x42, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Cidr;
    use teu_api::network::Subnet;

    #[test]
    fn hardware_addresses_follow_the_gateway() {
        let subnet = Subnet { subnet: "172.18.0.0/16".into(), ..Subnet::default() };
        let spec = NetworkSpec { name: "net".into(), subnets: vec![subnet], ..NetworkSpec::default() };
        let settings = Settings::of_spec(&spec).unwrap();
        assert_eq!(bridge_mac(&settings), [0x02, 0x42, 172, 18, 0, 1]);
        assert_eq!(settings.range(true), Some(Cidr::parse("172.18.0.0/16").unwrap()));
    }
}
