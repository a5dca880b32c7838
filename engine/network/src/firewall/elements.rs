//! What stands for a bridge or a published port in the table's sets and maps. Pure.

use crate::address::octets;
use crate::netlink::nft::Element;
use crate::tables::PortRow;
use std::net::IpAddr;
use teu_api::container::PortProtocol;

/// `IFNAMSIZ`: the width of an interface's name in a key.
const NAME: usize = 16;

/// How a bridge's packets are treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct BridgeKind {
    /// No way in or out.
    pub internal: bool,
    /// Containers share the host's address outside.
    pub translated: bool,
    /// Containers' own addresses may be reached from outside.
    pub routed: bool,
}

fn name(interface: &str) -> Vec<u8> {
    let mut bytes = interface.as_bytes().to_vec();
    bytes.resize(NAME, 0);
    bytes
}

/// An interface as an element of a set.
pub(crate) fn member(set: &'static str, interface: &str) -> Element {
    Element { set, key: name(interface), value: Vec::new() }
}

/// The elements that stand for a bridge.
pub(crate) fn bridge(interface: &str, kind: BridgeKind) -> Vec<Element> {
    let mut elements = Vec::with_capacity(4);
    elements.push(Element {
        set: "itself",
        key: [name(interface), name(interface)].concat(),
        value: Vec::new(),
    });
    for (wanted, set) in
        [(kind.internal, "cut_off"), (kind.translated, "translated"), (kind.routed, "routed")]
    {
        if wanted {
            elements.push(member(set, interface));
        }
    }
    // Last, since its presence says that all are there.
    elements.push(member("bridges", interface));
    elements
}

/// The elements that stand for published ports.
pub(crate) fn ports(rows: &[PortRow]) -> Vec<Element> {
    let mut elements = Vec::with_capacity(rows.len() + 2);
    for row in rows.iter().filter(|row| row.is_led()) {
        let set = if row.target.is_ipv4() { "self4" } else { "self6" };
        let itself = Element { set, key: octets(row.target).repeat(2), value: Vec::new() };
        if !elements.contains(&itself) {
            elements.push(itself);
        }
    }
    elements.extend(rows.iter().map(port));
    elements
}

fn port(row: &PortRow) -> Element {
    let everywhere = row.host_ip.is_unspecified();
    let set = match (row.host_ip, everywhere, row.is_led()) {
        (IpAddr::V4(_), false, _) => "ports4",
        (IpAddr::V4(_), true, _) => "any4",
        (IpAddr::V6(_), false, true) => "ports6",
        (IpAddr::V6(_), true, true) => "any6",
        (IpAddr::V6(_), false, false) => "relayed6",
        (IpAddr::V6(_), true, false) => "relayed",
    };
    let protocol: u8 = match row.protocol {
        PortProtocol::Tcp => 6,
        PortProtocol::Udp => 17,
        PortProtocol::Sctp => 132,
    };
    let mut key = if everywhere { Vec::new() } else { octets(row.host_ip) };
    key.extend_from_slice(&[protocol, 0, 0, 0]);
    key.extend_from_slice(&padded(row.host_port));
    let mut value = Vec::new();
    if row.is_led() {
        value = octets(row.target);
        value.extend_from_slice(&padded(row.target_port));
    }
    Element { set, key, value }
}

fn padded(port: u16) -> [u8; 4] {
    let [high, low] = port.to_be_bytes();
    [high, low, 0, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_become_concatenated_keys() {
        let mut row = PortRow {
            protocol: PortProtocol::Tcp,
            host_ip: "0.0.0.0".parse().unwrap(),
            host_port: 8080,
            target: "10.0.0.2".parse().unwrap(),
            target_port: 80,
        };
        let element = port(&row);
        assert_eq!((element.set, &element.key[..]), ("any4", &[6, 0, 0, 0, 0x1f, 0x90, 0, 0][..]));
        assert_eq!(element.value, [10, 0, 0, 2, 0, 80, 0, 0]);
        row.host_ip = "127.0.0.1".parse().unwrap();
        row.protocol = PortProtocol::Udp;
        let element = port(&row);
        assert_eq!(
            (element.set, &element.key[..]),
            ("ports4", &[127, 0, 0, 1, 17, 0, 0, 0, 0x1f, 0x90, 0, 0][..])
        );
    }

    #[test]
    fn what_is_relayed_is_led_nowhere() {
        let mut row = PortRow {
            protocol: PortProtocol::Tcp,
            host_ip: "::".parse().unwrap(),
            host_port: 8080,
            target: "10.0.0.2".parse().unwrap(),
            target_port: 80,
        };
        let elements = ports(std::slice::from_ref(&row));
        assert_eq!((elements.len(), elements[0].set, elements[0].value.len()), (1, "relayed", 0));
        row.host_ip = "::1".parse().unwrap();
        row.target = "fd00::2".parse().unwrap();
        assert_eq!(port(&row).set, "relayed6");
        row.host_ip = "fd99::1".parse().unwrap();
        assert_eq!(port(&row).set, "ports6");
    }

    #[test]
    fn a_bridge_is_paired_with_itself() {
        let elements = bridge("teu0", BridgeKind { internal: true, ..BridgeKind::default() });
        let sets: Vec<_> = elements.iter().map(|element| element.set).collect();
        assert_eq!(sets, ["itself", "cut_off", "bridges"]);
        assert_eq!(elements[0].key.len(), 32);
        assert_eq!(&elements[2].key[..5], b"teu0\0");
    }
}
