//! A container comes to a network: a lease, a pair of interfaces, addresses, routes, ports.

use super::request::{parse_mac, print_mac};
use super::{EndpointRequest, make_sharing};
use crate::error::{NetworkError, Result};
use crate::namespace::within;
use crate::netlink::link::{self, Link, Mac, Veth};
use crate::netlink::{Socket, route};
use crate::network::{Networks, Settings, random_hexadecimal, route_socket};
use crate::relay::Door;
use crate::sysctl;
use crate::tables::{EndpointRow, Lease, NetworkRow};
use nix::errno::Errno;
use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use teu_api::network::{EndpointSnapshot, NetworkDriver};

/// Interfaces that one container may have.
const INTERFACES: u32 = 256;
/// The loopback interface is the first of every network namespace.
const LOOPBACK: u32 = 1;

/// A place on a network, taken.
#[derive(Debug)]
pub struct Endpoint {
    /// What it is.
    pub snapshot: EndpointSnapshot,
    /// Sockets that hold the published ports of this host, so that no other program takes them. Keep them open for as
    /// long as the container runs.
    pub doors: Vec<Door>,
}

/// Brings the loopback interface of a network namespace up.
pub fn loopback_up(namespace: BorrowedFd<'_>) -> Result<()> {
    let mut socket = socket_within(namespace)?;
    link::set_up(&mut socket, LOOPBACK, false)
        .map_err(NetworkError::kernel("bring up the loopback interface"))
}

impl Networks {
    /// Gives a network namespace a place on a network. When this fails nothing of it is left.
    pub fn attach(&self, namespace: BorrowedFd<'_>, request: &EndpointRequest) -> Result<Endpoint> {
        let network = self.row(&request.network)?;
        let (network, bridge) = match network.spec.driver {
            NetworkDriver::Bridge => {
                self.ensure_up(network).map(|(network, bridge)| (network, Some(bridge)))?
            }
            NetworkDriver::Macvlan | NetworkDriver::Ipvlan => (network, None),
        };
        let settings = Settings::of(&network)?;
        let id = random_hexadecimal(64)?;
        let lease = Lease {
            host_interface: bridge.as_ref().map(|_| format!("tv{}", &id[..12])).unwrap_or_default(),
            id,
            container: request.container.as_str().to_owned(),
            name: request.name.clone(),
            names: request.names(),
            aliases: request.aliases.clone(),
            ipv4: request.ipv4,
            ipv6: request.ipv6,
            mac: request.mac.map(print_mac),
        };
        self.sweep_some()?;
        let row = match self.tables.lease(&network, &settings.pools, &lease) {
            Err(NetworkError::AddressesExhausted { .. } | NetworkError::AddressTaken { .. }) => {
                self.sweep(u32::MAX)?;
                self.take_back(&network, lease.ipv4, lease.ipv6)?;
                self.tables.lease(&network, &settings.pools, &lease)?
            }
            other => other?,
        };
        self.furnish(namespace, request, &network, &settings, bridge.as_ref(), &row)
            .map_err(|error| error.with(self.detach_endpoint(&row).err()))
    }

    fn furnish(
        &self,
        namespace: BorrowedFd<'_>,
        request: &EndpointRequest,
        network: &NetworkRow,
        settings: &Settings,
        bridge: Option<&Link>,
        row: &EndpointRow,
    ) -> Result<Endpoint> {
        let mut host = route_socket()?;
        let mut inside = socket_within(namespace)?;
        let mac = parse_mac(&row.mac)?;
        let interface = match bridge {
            Some(bridge) => {
                make_pair(&mut host, namespace, bridge, settings, row, mac, request.interface.as_deref())?
            }
            None => free_name(&settings.prefix, request.interface.as_deref(), |name| {
                make_sharing(&mut host, network, name, namespace, mac, settings.mtu)
            })?,
        };
        adjust(namespace, request, &interface)?;
        configure(&mut inside, network, settings, row, &interface)?;
        if let Some(bridge) = bridge {
            settle(&mut host, &row.host_interface)?;
            settle(&mut inside, &interface)?;
            settle(&mut host, &bridge.name)?;
        }
        let doors =
            if network.publishes() { self.publish(row, settings, &request.ports)? } else { Vec::new() };
        self.tables.set_interface(&row.id, &interface)?;
        let row = EndpointRow { interface, ..row.clone() };
        Ok(Endpoint { snapshot: self.endpoint_snapshot(network, settings, row)?, doors })
    }
}

/// A socket that speaks of the links in another network namespace.
pub(crate) fn socket_within(namespace: BorrowedFd<'_>) -> Result<Socket> {
    within(namespace, || Socket::route().map_err(NetworkError::kernel("open a netlink socket")))
}

/// Sets the kernel parameters that were asked for an interface.
fn adjust(namespace: BorrowedFd<'_>, request: &EndpointRequest, interface: &str) -> Result<()> {
    if request.sysctls.is_empty() {
        return Ok(());
    }
    within(namespace, || {
        let mut settings = request.sysctls.iter();
        settings.try_for_each(|(name, value)| sysctl::set(&name.replace("IFNAME", interface), value))
    })
}

/// Tries the name that was asked for, or `eth0`, `eth1`, … until one is free in the container.
fn free_name(
    prefix: &str,
    wanted: Option<&str>,
    mut make: impl FnMut(&str) -> std::result::Result<(), Errno>,
) -> Result<String> {
    match wanted {
        Some(name) => make(name)
            .map(|()| name.to_owned())
            .map_err(NetworkError::kernel(format!("make interface {name} in the container"))),
        None => first_free(prefix, make),
    }
}

fn first_free(prefix: &str, mut make: impl FnMut(&str) -> std::result::Result<(), Errno>) -> Result<String> {
    for number in 0..INTERFACES {
        let name = format!("{prefix}{number}");
        match make(&name) {
            Ok(()) => return Ok(name),
            Err(Errno::EEXIST) => {}
            Err(errno) => {
                return Err(NetworkError::kernel(format!("make interface {name} in the container"))(errno));
            }
        }
    }
    Err(NetworkError::kernel("find a free name for an interface in the container")(Errno::EEXIST))
}

fn make_pair(
    host: &mut Socket,
    namespace: BorrowedFd<'_>,
    bridge: &Link,
    settings: &Settings,
    row: &EndpointRow,
    mac: Mac,
    wanted: Option<&str>,
) -> Result<String> {
    let name = &row.host_interface;
    let interface = free_name(&settings.prefix, wanted, |peer_name| {
        link::create_veth(
            host,
            &Veth {
                host_name: name,
                bridge: bridge.index,
                peer_name,
                peer_namespace: namespace,
                peer_mac: mac,
                mtu: settings.mtu,
            },
        )
    })?;
    let failed = |what: &str| NetworkError::kernel(format!("{what} interface {name}"));
    let near =
        link::find(host, name).map_err(failed("find"))?.ok_or_else(|| failed("find")(Errno::ENODEV))?;
    link::set_port_up(host, near.index, !settings.reach_each_other).map_err(failed("bring up"))?;
    Ok(interface)
}

/// The kernel notes some time later that an interface has its other end, and what is sent before is lost: a container
/// that connects at once would wait a second for the next try. Whoever asks for the interface's state makes it take note
/// first (since Linux 6.8).
fn settle(socket: &mut Socket, name: &str) -> Result<()> {
    link::find(socket, name).map(drop).map_err(NetworkError::kernel(format!("ask for interface {name}")))
}

/// Gives the container's end its addresses and routes.
fn configure(
    inside: &mut Socket,
    network: &NetworkRow,
    settings: &Settings,
    row: &EndpointRow,
    interface: &str,
) -> Result<()> {
    let failed = |what: &str| NetworkError::kernel(format!("{what} interface {interface} in the container"));
    let link = link::find(inside, interface)
        .map_err(failed("find"))?
        .ok_or_else(|| failed("find")(Errno::ENODEV))?;
    let addresses = [row.ipv4.map(IpAddr::V4), row.ipv6.map(IpAddr::V6)];
    for address in addresses.into_iter().flatten() {
        if let Some(range) = settings.range(address.is_ipv4()) {
            route::add_address(inside, link.index, address, &range).map_err(failed("give an address to"))?;
        }
    }
    link::set_up(inside, link.index, row.ipv6.is_none()).map_err(failed("bring up"))?;
    add_default_routes(inside, network, settings, row, link.index)
}

/// Default routes through a network's gateways; those that another network has given stay.
pub(crate) fn add_default_routes(
    inside: &mut Socket,
    network: &NetworkRow,
    settings: &Settings,
    row: &EndpointRow,
    index: u32,
) -> Result<()> {
    if network.spec.internal {
        return Ok(());
    }
    for (gateway, has) in [(settings.gateway4, row.ipv4.is_some()), (settings.gateway6, row.ipv6.is_some())] {
        if let Some(gateway) = gateway.filter(|_| has) {
            route::add_default(inside, index, Some(gateway), gateway.is_ipv4())
                .map_err(NetworkError::kernel(format!("add a default route through {gateway}")))?;
        }
    }
    Ok(())
}
