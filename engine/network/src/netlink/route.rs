//! Addresses of interfaces, and routes.

use super::socket::Socket;
use super::wire::{self, CREATE, EXCLUSIVE, Message};
use crate::address::{Cidr, octets};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const NEWADDR: u16 = 20;
const NEWROUTE: u16 = 24;
const GETROUTE: u16 = 26;

const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_BROADCAST: u16 = 4;
/// No duplicate address detection: addresses are leased from the database, and the detection would keep the address
/// unusable for a second.
const IFA_F_NODAD: u8 = 0x02;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RT_TABLE_MAIN: u8 = 254;
const RTPROT_BOOT: u8 = 3;
const RT_SCOPE_UNIVERSE: u8 = 0;
const RT_SCOPE_LINK: u8 = 253;
const RTN_UNICAST: u8 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

fn family(address: IpAddr) -> u8 {
    if address.is_ipv4() { AF_INET } else { AF_INET6 }
}

/// Gives an interface an address; one that it has already is no failure.
pub fn add_address(socket: &mut Socket, index: u32, address: IpAddr, range: &Cidr) -> Result<(), Errno> {
    let result = socket.change(|flags| {
        let mut fixed = [family(address), range.prefix(), IFA_F_NODAD, RT_SCOPE_UNIVERSE, 0, 0, 0, 0];
        fixed[4..].copy_from_slice(&index.to_ne_bytes());
        let mut message = Message::new(NEWADDR, flags | CREATE | EXCLUSIVE, &fixed);
        message.put(IFA_LOCAL, &octets(address)).put(IFA_ADDRESS, &octets(address));
        if address.is_ipv4() && range.prefix() < 31 {
            message.put(IFA_BROADCAST, &octets(range.last()));
        }
        message
    });
    match result {
        Err(Errno::EEXIST) => Ok(()),
        other => other,
    }
}

/// Adds the default route of a family through a gateway, or straight out of the interface where there is none.
/// Returns whether it was added: a default route that is there already stays.
pub fn add_default(
    socket: &mut Socket,
    index: u32,
    gateway: Option<IpAddr>,
    ipv4: bool,
) -> Result<bool, Errno> {
    let result = socket.change(|flags| {
        let family = if ipv4 { AF_INET } else { AF_INET6 };
        let scope = if gateway.is_some() { RT_SCOPE_UNIVERSE } else { RT_SCOPE_LINK };
        let fixed = [family, 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, scope, RTN_UNICAST, 0, 0, 0, 0];
        let mut message = Message::new(NEWROUTE, flags | CREATE | EXCLUSIVE, &fixed);
        if let Some(gateway) = gateway {
            message.put(RTA_GATEWAY, &octets(gateway));
        }
        message.put_u32(RTA_OIF, index);
        message
    });
    match result {
        Ok(()) => Ok(true),
        Err(Errno::EEXIST) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// A range that the host has a route to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Destination {
    /// The range.
    pub range: Cidr,
    /// Whether it is on a wire of this host rather than behind a gateway.
    pub on_link: bool,
}

/// The ranges that the host has routes to: what a new network must not overlap. Default routes are left out.
pub fn destinations(socket: &mut Socket) -> Result<Vec<Destination>, Errno> {
    let mut ranges = Vec::new();
    for family in [AF_INET, AF_INET6] {
        let fixed = [family, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let result = socket.dump(
            |flags| Message::new(GETROUTE, flags, &fixed),
            |received| ranges.extend(destination(received.body)),
        );
        match result {
            // A kernel without IPv6 has no such routes.
            Err(Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT) => {}
            other => other?,
        }
    }
    Ok(ranges)
}

fn destination(body: &[u8]) -> Option<Destination> {
    let (prefix, table, kind) = (*body.get(1)?, *body.get(4)?, *body.get(7)?);
    if table != RT_TABLE_MAIN || kind != RTN_UNICAST || prefix == 0 {
        return None;
    }
    let attributes = || wire::attributes(body.get(12..).unwrap_or_default());
    let (_, bytes) = attributes().find(|(kind, _)| *kind == RTA_DST)?;
    let on_link = !attributes().any(|(kind, _)| kind == RTA_GATEWAY);
    let address = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        16 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
        _ => return None,
    };
    // Every IPv6 interface has the link-local range.
    let link_local = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
    Cidr::new(address, prefix).filter(|_| !link_local).map(|range| Destination { range, on_link })
}
