//! `network create`, and the default network that is there on first use.

use super::{DEFAULT_NETWORK, Networks, Settings, pools, random_hexadecimal, route_socket, settings};
use crate::address::Cidr;
use crate::endpoint::probe_sharing;
use crate::error::{NetworkError, Result};
use crate::netlink::{link, route};
use crate::tables::{self, NetworkRow};
use rusqlite::Connection;
use std::time::{SystemTime, UNIX_EPOCH};
use teu_api::network::{NetworkDriver, NetworkSnapshot, NetworkSpec, Subnet};

/// The default network's bridge.
const DEFAULT_INTERFACE: &str = "teu0";

impl Networks {
    /// Makes a network: its row first, so that what follows can be found and removed whenever it is cut short.
    pub fn create(&self, spec: &NetworkSpec) -> Result<NetworkSnapshot> {
        settings::check_name(spec)?;
        if spec.name == DEFAULT_NETWORK {
            return Err(NetworkError::NameTaken(spec.name.clone()));
        }
        Settings::of_spec(spec)?;
        let id = random_hexadecimal(64)?;
        let interface = interface_for(spec, &id)?;
        let routes = host_routes()?;
        let row = self.tables.immediately(|transaction| {
            let row = complete(transaction, spec, id, interface, &routes)?;
            tables::insert_network(transaction, &row)?;
            Ok(row)
        })?;
        if row.spec.driver == NetworkDriver::Bridge {
            self.bring_up(&row).map_err(|error| error.with(self.take_down(&row).err()))?;
        }
        self.snapshot(row)
    }

    /// The default network, made when it is not there yet.
    pub(crate) fn default_network(&self) -> Result<NetworkRow> {
        if let Some(row) = tables::network_by_name(self.tables.connection(), DEFAULT_NETWORK)? {
            return Ok(row);
        }
        let spec = NetworkSpec { name: DEFAULT_NETWORK.to_owned(), ..NetworkSpec::default() };
        let id = random_hexadecimal(64)?;
        let mut socket = route_socket()?;
        // Another state root on this host may have the name.
        let taken = link::find(&mut socket, DEFAULT_INTERFACE)
            .map_err(NetworkError::kernel("look for the default bridge"))?;
        let interface = if taken.is_some() { bridge_name(&id) } else { DEFAULT_INTERFACE.to_owned() };
        let routes = host_routes()?;
        self.tables.immediately(|transaction| {
            if let Some(row) = tables::network_by_name(transaction, DEFAULT_NETWORK)? {
                return Ok(row);
            }
            let row = complete(transaction, &spec, id, interface, &routes)?;
            tables::insert_network(transaction, &row)?;
            Ok(row)
        })
    }
}

fn interface_for(spec: &NetworkSpec, id: &str) -> Result<String> {
    let mut socket = route_socket()?;
    if spec.driver != NetworkDriver::Bridge {
        let parent = spec.options.get("parent").cloned().unwrap_or_default();
        probe_sharing(&mut socket, spec, &parent)?;
        return Ok(parent);
    }
    let Some(name) = spec.options.get("com.docker.network.bridge.name") else {
        return Ok(bridge_name(id));
    };
    match link::find(&mut socket, name).map_err(NetworkError::kernel(format!("look for interface {name}")))? {
        None => Ok(name.clone()),
        Some(_) => Err(NetworkError::invalid(
            format!("network {}: this host has an interface {name} already", spec.name),
            "choose another com.docker.network.bridge.name",
        )),
    }
}

pub(super) fn host_routes() -> Result<Vec<route::Destination>> {
    route::destinations(&mut route_socket()?).map_err(NetworkError::kernel("read this host's routes"))
}

pub(super) fn bridge_name(id: &str) -> String {
    format!("teu-{}", id.get(..8).unwrap_or(id))
}

/// Gives a network the ranges it lacks, and refuses those that others have.
pub(super) fn complete(
    connection: &Connection,
    spec: &NetworkSpec,
    id: String,
    interface: String,
    routes: &[route::Destination],
) -> Result<NetworkRow> {
    let mut spec = spec.clone();
    let others = tables::all_networks(connection)?;
    if others.iter().any(|other| other.spec.name == spec.name) {
        return Err(NetworkError::NameTaken(spec.name));
    }
    if let Some(other) =
        others.iter().find(|other| other.interface == interface && spec.driver == NetworkDriver::Bridge)
    {
        return Err(NetworkError::invalid(
            format!("network {}: interface {interface} is network {}'s", spec.name, other.spec.name),
            "choose another com.docker.network.bridge.name",
        ));
    }
    let mut taken: Vec<(Cidr, String)> = Vec::new();
    for other in &others {
        for subnet in &other.spec.subnets {
            taken.push((Cidr::parse(&subnet.subnet)?, format!("network {}", other.spec.name)));
        }
    }
    // A range behind a gateway may be divided by a user who says so; one that is on a wire here may not. A macvlan
    // network is meant to lie on such a wire.
    for subnet in &spec.subnets {
        let range = Cidr::parse(&subnet.subnet)?;
        let wires = routes.iter().filter(|route| route.on_link && spec.driver == NetworkDriver::Bridge);
        let wires = wires.map(|route| (route.range, format!("this host's route to {}", route.range)));
        if let Some((_, with)) = taken.iter().cloned().chain(wires).find(|(other, _)| other.overlaps(&range))
        {
            return Err(NetworkError::Overlap { subnet: range.to_string(), with });
        }
    }
    let all: Vec<Cidr> =
        taken.iter().map(|(range, _)| *range).chain(routes.iter().map(|route| route.range)).collect();
    let has = |ipv4: bool| {
        spec.subnets
            .iter()
            .any(|subnet| Cidr::parse(&subnet.subnet).is_ok_and(|range| range.is_ipv4() == ipv4))
    };
    let (has_ipv4, has_ipv6) = (has(true), has(false));
    spec.ipv6 |= has_ipv6;
    if !has_ipv4 {
        let range = pools::free_ipv4(&all).ok_or(NetworkError::PoolsExhausted)?;
        spec.subnets.insert(0, Subnet { subnet: range.to_string(), ..Subnet::default() });
    }
    if spec.ipv6 && !has_ipv6 {
        let range = pools::free_ipv6(&id, &all).ok_or(NetworkError::PoolsExhausted)?;
        spec.subnets.push(Subnet { subnet: range.to_string(), ..Subnet::default() });
    }
    let settings = Settings::of_spec(&spec)?;
    for subnet in &mut spec.subnets {
        let range = Cidr::parse(&subnet.subnet)?;
        subnet.subnet = range.to_string();
        let gateway = if range.is_ipv4() { settings.gateway4 } else { settings.gateway6 };
        subnet.gateway = gateway.map(|gateway| gateway.to_string()).unwrap_or_default();
    }
    let created_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as i64;
    Ok(NetworkRow { id, interface, spec, created_at })
}
