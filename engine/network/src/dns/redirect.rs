//! Questions to 127.0.0.11 port 53 are led to the ports that the server really has. It does not take port 53 itself:
//! a container may be a name server that wants it on all of its addresses.

use crate::netlink::Socket;
use crate::netlink::rules::{self, Redirect};
use nix::errno::Errno;
use std::net::Ipv4Addr;

/// The protocol's number of UDP and of TCP.
const UDP: u8 = 17;
const TCP: u8 = 6;
/// The port of the DNS.
pub(super) const PORT: u16 = 53;

/// Adds the redirections to the calling thread's network namespace.
pub(super) fn redirect(address: Ipv4Addr, udp: u16, tcp: u16) -> Result<(), Errno> {
    let mut socket = Socket::netfilter()?;
    let redirects = [(UDP, udp), (TCP, tcp)];
    let redirects = redirects.map(|(protocol, to)| Redirect { address, protocol, from: PORT, to });
    rules::redirect_output(&mut socket, "teu_names", &redirects)
}
