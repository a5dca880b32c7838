//! Interfaces: bridges, veth pairs, macvlan and ipvlan interfaces.

use super::socket::Socket;
use super::wire::{self, ACK, CREATE, EXCLUSIVE, Message};
use nix::errno::Errno;
use std::os::fd::{AsRawFd as _, BorrowedFd};

const NEWLINK: u16 = 16;
const DELLINK: u16 = 17;
const GETLINK: u16 = 18;
const SETLINK: u16 = 19;

const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_LINK: u16 = 5;
const IFLA_MASTER: u16 = 10;
const IFLA_LINKINFO: u16 = 18;
const IFLA_IFALIAS: u16 = 20;
const IFLA_AF_SPEC: u16 = 26;
const IFLA_NET_NS_FD: u16 = 28;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const IFLA_INFO_SLAVE_KIND: u16 = 4;
const IFLA_INFO_SLAVE_DATA: u16 = 5;
const IFLA_BRPORT_MODE: u16 = 4;
const VETH_INFO_PEER: u16 = 1;
const IFLA_MACVLAN_MODE: u16 = 1;
const IFLA_IPVLAN_MODE: u16 = 1;
const IFLA_BRPORT_ISOLATED: u16 = 33;
const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;
const IN6_ADDR_GEN_MODE_NONE: u8 = 1;
const AF_INET6: u16 = 10;
const IFF_UP: u32 = 1;

/// A hardware address.
pub type Mac = [u8; 6];

/// An interface as the kernel knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Its number in its network namespace.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its driver, `bridge` or `veth`; empty for hardware.
    pub kind: String,
    /// The bridge it is a port of; 0 for none.
    pub master: u32,
    /// Whether it is up.
    pub up: bool,
    /// What it was noted to be for; empty for nothing.
    pub alias: String,
}

/// What a veth pair is made of.
pub struct Veth<'a> {
    /// The host's end.
    pub host_name: &'a str,
    /// The bridge's number.
    pub bridge: u32,
    /// The container's end.
    pub peer_name: &'a str,
    /// Where the container's end comes to be.
    pub peer_namespace: BorrowedFd<'a>,
    /// The hardware address of the container's end.
    pub peer_mac: Mac,
    /// Bytes that fit in one packet; `None` for the kernel's default.
    pub mtu: Option<u32>,
}

/// A kind of interface that shares another one.
#[derive(Clone, Copy)]
pub enum Sharing {
    /// macvlan with its mode (1 private, 2 vepa, 4 bridge, 8 passthru).
    Macvlan(u32),
    /// ipvlan with its mode (0 l2, 1 l3, 2 l3s).
    Ipvlan(u16),
}

fn info(index: u32, flags: u32, change: u32) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[4..8].copy_from_slice(&index.to_ne_bytes());
    bytes[8..12].copy_from_slice(&flags.to_ne_bytes());
    bytes[12..16].copy_from_slice(&change.to_ne_bytes());
    bytes
}

/// The interface of a name; `None` when there is none.
pub fn find(socket: &mut Socket, name: &str) -> Result<Option<Link>, Errno> {
    let mut message = Message::new(GETLINK, ACK, &info(0, 0, 0));
    message.put_text(IFLA_IFNAME, name);
    let mut found = None;
    match socket.ask(message, |received| found = parse(received.body)) {
        Ok(()) => Ok(found),
        Err(Errno::ENODEV) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// All interfaces.
pub fn list(socket: &mut Socket) -> Result<Vec<Link>, Errno> {
    let mut links = Vec::new();
    socket.dump(
        |flags| Message::new(GETLINK, flags, &info(0, 0, 0)),
        |received| links.extend(parse(received.body)),
    )?;
    Ok(links)
}

fn parse(body: &[u8]) -> Option<Link> {
    let mut link = Link {
        index: wire::u32_at(body, 4)?,
        name: String::new(),
        kind: String::new(),
        master: 0,
        up: wire::u32_at(body, 8)? & IFF_UP != 0,
        alias: String::new(),
    };
    for (kind, payload) in wire::attributes(body.get(16..)?) {
        match kind {
            IFLA_IFNAME => link.name = wire::text(payload),
            IFLA_IFALIAS => link.alias = wire::text(payload),
            IFLA_MASTER => link.master = wire::u32_at(payload, 0)?,
            IFLA_LINKINFO => {
                for (_, payload) in wire::attributes(payload).filter(|(kind, _)| *kind == IFLA_INFO_KIND) {
                    link.kind = wire::text(payload);
                }
            }
            _ => {}
        }
    }
    Some(link)
}

/// Makes a bridge. Its hardware address is set, since a bridge without one of its own takes the lowest of its ports'
/// and so changes it whenever containers come and go.
pub fn create_bridge(socket: &mut Socket, name: &str, mac: Mac, mtu: Option<u32>) -> Result<(), Errno> {
    socket.change(|flags| {
        let mut message = Message::new(NEWLINK, flags | CREATE | EXCLUSIVE, &info(0, 0, 0));
        message.put_text(IFLA_IFNAME, name).put(IFLA_ADDRESS, &mac);
        if let Some(mtu) = mtu {
            message.put_u32(IFLA_MTU, mtu);
        }
        message.nest(IFLA_LINKINFO, |info| {
            info.put(IFLA_INFO_KIND, b"bridge");
        });
        message
    })
}

/// Makes a veth pair with its far end in another network namespace, up at once, and its near end a port of a bridge.
pub fn create_veth(socket: &mut Socket, veth: &Veth<'_>) -> Result<(), Errno> {
    socket.change(|flags| {
        let mut message = Message::new(NEWLINK, flags | CREATE | EXCLUSIVE, &info(0, 0, 0));
        message.put_text(IFLA_IFNAME, veth.host_name).put_u32(IFLA_MASTER, veth.bridge);
        if let Some(mtu) = veth.mtu {
            message.put_u32(IFLA_MTU, mtu);
        }
        message.nest(IFLA_LINKINFO, |link| {
            link.put(IFLA_INFO_KIND, b"veth").nest(IFLA_INFO_DATA, |data| {
                data.nest(VETH_INFO_PEER, |peer| {
                    peer.fixed(&info(0, 0, 0));
                    peer.put_text(IFLA_IFNAME, veth.peer_name)
                        .put(IFLA_ADDRESS, &veth.peer_mac)
                        .put_u32(IFLA_NET_NS_FD, veth.peer_namespace.as_raw_fd() as u32);
                    if let Some(mtu) = veth.mtu {
                        peer.put_u32(IFLA_MTU, mtu);
                    }
                });
            });
        });
        message
    })
}

/// Makes an interface that shares another, directly in another network namespace.
pub fn create_sharing(
    socket: &mut Socket,
    parent: u32,
    name: &str,
    namespace: BorrowedFd<'_>,
    mac: Option<Mac>,
    mtu: Option<u32>,
    sharing: Sharing,
) -> Result<(), Errno> {
    socket.change(|flags| {
        let mut message = Message::new(NEWLINK, flags | CREATE | EXCLUSIVE, &info(0, 0, 0));
        message
            .put_text(IFLA_IFNAME, name)
            .put_u32(IFLA_LINK, parent)
            .put_u32(IFLA_NET_NS_FD, namespace.as_raw_fd() as u32);
        if let Some(mac) = mac {
            message.put(IFLA_ADDRESS, &mac);
        }
        if let Some(mtu) = mtu {
            message.put_u32(IFLA_MTU, mtu);
        }
        message.nest(IFLA_LINKINFO, |link| match sharing {
            Sharing::Macvlan(mode) => {
                link.put(IFLA_INFO_KIND, b"macvlan").nest(IFLA_INFO_DATA, |data| {
                    data.put_u32(IFLA_MACVLAN_MODE, mode);
                });
            }
            Sharing::Ipvlan(mode) => {
                link.put(IFLA_INFO_KIND, b"ipvlan").nest(IFLA_INFO_DATA, |data| {
                    data.put(IFLA_IPVLAN_MODE, &mode.to_ne_bytes());
                });
            }
        });
        message
    })
}

/// Brings an interface up. With `quiet` the kernel gives it no link-local IPv6 address.
pub fn set_up(socket: &mut Socket, index: u32, quiet: bool) -> Result<(), Errno> {
    socket.change(|flags| {
        let mut message = Message::new(SETLINK, flags, &info(index, IFF_UP, IFF_UP));
        if quiet {
            without_link_local(&mut message);
        }
        message
    })
}

/// Brings a port of a bridge up, in one message.
///
/// Frames may leave by the port they came from: where the kernel shows bridged packets to the firewall (`br_netfilter`,
/// which other container engines load), a container that asks for its own published port is answered within the
/// bridge. An isolated port reaches no other isolated one, only the bridge itself. The port gets no link-local IPv6
/// address: on the host's end of a pair that would only cost multicast traffic.
pub fn set_port_up(socket: &mut Socket, index: u32, isolated: bool) -> Result<(), Errno> {
    socket.change(|flags| {
        let mut message = Message::new(NEWLINK, flags, &info(index, IFF_UP, IFF_UP));
        message.nest(IFLA_LINKINFO, |link| {
            link.put(IFLA_INFO_SLAVE_KIND, b"bridge").nest(IFLA_INFO_SLAVE_DATA, |port| {
                port.put(IFLA_BRPORT_MODE, &[1]).put(IFLA_BRPORT_ISOLATED, &[u8::from(isolated)]);
            });
        });
        without_link_local(&mut message);
        message
    })
}

fn without_link_local(message: &mut Message) {
    message.nest(IFLA_AF_SPEC, |families| {
        families.nest(AF_INET6, |inet6| {
            inet6.put(IFLA_INET6_ADDR_GEN_MODE, &[IN6_ADDR_GEN_MODE_NONE]);
        });
    });
}

/// Notes on an interface what it is for.
pub fn set_alias(socket: &mut Socket, index: u32, alias: &str) -> Result<(), Errno> {
    socket.change(|flags| {
        let mut message = Message::new(SETLINK, flags, &info(index, 0, 0));
        message.put(IFLA_IFALIAS, alias.as_bytes());
        message
    })
}

/// Removes an interface by name; one that is gone already is no failure.
pub fn remove(socket: &mut Socket, name: &str) -> Result<(), Errno> {
    let result = socket.change(|flags| {
        let mut message = Message::new(DELLINK, flags, &info(0, 0, 0));
        message.put_text(IFLA_IFNAME, name);
        message
    });
    match result {
        Err(Errno::ENODEV) => Ok(()),
        other => other,
    }
}
