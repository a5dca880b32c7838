//! Flows that the kernel remembers. A datagram goes where the first one of its flow went: an asker that was there
//! before a port was published, or has stayed since it led to another container, would never reach the new one.

use super::socket::Socket;
use super::wire::{self, ACK, DUMP, Message};
use nix::errno::Errno;

const SUBSYSTEM: u16 = 1 << 8;
const GET: u16 = SUBSYSTEM | 1;
const DELETE: u16 = SUBSYSTEM | 2;
const CTA_TUPLE_ORIG: u16 = 1;
const CTA_TUPLE_PROTO: u16 = 2;
const CTA_PROTO_NUM: u16 = 1;
const CTA_PROTO_DST_PORT: u16 = 3;
const CTA_ZONE: u16 = 18;
const NESTED: u16 = 0x8000;
const UDP: u8 = 17;
/// Size of `struct nfgenmsg`.
const FIXED: usize = 4;

/// A flow, as far as it takes to name it.
struct Flow {
    family: u8,
    tuple: Vec<u8>,
    zone: Option<Vec<u8>>,
}

/// Forgets the UDP flows to any of these ports. A kernel that cannot tell its flows is left to forget them itself.
pub fn forget_udp(socket: &mut Socket, ports: &[u16]) -> Result<(), Errno> {
    let mut flows = Vec::new();
    let message = Message::new(GET, DUMP, &[0; FIXED]);
    match socket
        .ask(message, |received| flows.extend(parse(received.body).filter(|(port, _)| ports.contains(port))))
    {
        Err(Errno::EOPNOTSUPP | Errno::EINVAL | Errno::EPROTONOSUPPORT) => return Ok(()),
        other => other?,
    }
    for (_, flow) in flows {
        let mut message = Message::new(DELETE, ACK, &[flow.family, 0, 0, 0]);
        message.put(CTA_TUPLE_ORIG | NESTED, &flow.tuple);
        if let Some(zone) = &flow.zone {
            message.put(CTA_ZONE, zone);
        }
        match socket.ask(message, |_| ()) {
            // It has ended meanwhile.
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// A UDP flow's destination port and name.
fn parse(body: &[u8]) -> Option<(u16, Flow)> {
    let attributes = || wire::attributes(body.get(FIXED..).unwrap_or_default());
    let (_, tuple) = attributes().find(|(kind, _)| *kind == CTA_TUPLE_ORIG)?;
    let (_, protocol) = wire::attributes(tuple).find(|(kind, _)| *kind == CTA_TUPLE_PROTO)?;
    let (_, number) = wire::attributes(protocol).find(|(kind, _)| *kind == CTA_PROTO_NUM)?;
    if number.first() != Some(&UDP) {
        return None;
    }
    let (_, port) = wire::attributes(protocol).find(|(kind, _)| *kind == CTA_PROTO_DST_PORT)?;
    let port = u16::from_be_bytes([*port.first()?, *port.get(1)?]);
    let zone = attributes().find(|(kind, _)| *kind == CTA_ZONE).map(|(_, zone)| zone.to_vec());
    Some((port, Flow { family: *body.first()?, tuple: tuple.to_vec(), zone }))
}
