//! What a container asks of a network, checked. Pure.

use crate::error::{NetworkError, Result};
use crate::netlink::link::Mac;
use std::net::{Ipv4Addr, Ipv6Addr};
use teu_api::ContainerId;
use teu_api::container::{NetworkAttachment, PublishedPort};

/// A place on a network, as asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointRequest {
    /// The container.
    pub container: ContainerId,
    /// Its name.
    pub name: String,
    /// The network's name or id; empty for the default one.
    pub network: String,
    /// Names that the container answers to there, besides its own and its short id.
    pub aliases: Vec<String>,
    /// A fixed IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// A fixed IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
    /// A fixed hardware address.
    pub mac: Option<Mac>,
    /// Ports to publish. Only one of a container's networks is asked to publish them.
    pub ports: Vec<PublishedPort>,
}

impl EndpointRequest {
    /// Reads what the user wrote.
    pub fn new(
        container: &ContainerId,
        name: &str,
        attachment: &NetworkAttachment,
        ports: &[PublishedPort],
    ) -> Result<Self> {
        Ok(Self {
            container: container.clone(),
            name: name.to_owned(),
            network: attachment.network.clone(),
            aliases: attachment.aliases.clone(),
            ipv4: address(&attachment.ipv4, "IPv4")?,
            ipv6: address(&attachment.ipv6, "IPv6")?,
            mac: if attachment.mac.is_empty() { None } else { Some(parse_mac(&attachment.mac)?) },
            ports: ports.to_vec(),
        })
    }

    /// Every name that is answered, in lower case: names in the DNS have no case (RFC 4343).
    pub(crate) fn names(&self) -> Vec<String> {
        let own = [self.name.as_str(), self.container.short()];
        let mut names: Vec<String> = own
            .into_iter()
            .chain(self.aliases.iter().map(String::as_str))
            .map(str::to_ascii_lowercase)
            .collect();
        names.retain(|name| !name.is_empty());
        names
    }
}

fn address<T: std::str::FromStr>(text: &str, family: &str) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| {
        NetworkError::invalid(
            format!("invalid {family} address {text:?}"),
            "write it as in 172.30.0.5 or fd00::5",
        )
    };
    text.parse().map(Some).map_err(wrong)
}

/// Parses `02:42:ac:11:00:02`, with colons or dashes.
pub(crate) fn parse_mac(text: &str) -> Result<Mac> {
    let wrong =
        || NetworkError::invalid(format!("invalid MAC address {text:?}"), "write it as in 02:42:ac:11:00:02");
    let mut mac = [0; 6];
    let mut parts = text.split([':', '-']);
    for byte in &mut mac {
        let part = parts.next().filter(|part| part.len() == 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(part, 16).map_err(|_| wrong())?;
    }
    // The lowest bit of the first byte marks a group of machines, which no interface can be.
    if parts.next().is_some() || mac[0] & 1 == 1 || mac == [0; 6] {
        return Err(wrong());
    }
    Ok(mac)
}

/// Prints a hardware address.
pub(crate) fn print_mac(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_addresses_are_checked() {
        assert_eq!(print_mac(parse_mac("02:42:AC:11:00:02").unwrap()), "02:42:ac:11:00:02");
        for bad in [
            "",
            "02:42:ac:11:00",
            "02:42:ac:11:00:02:03",
            "03:42:ac:11:00:02",
            "zz:42:ac:11:00:02",
            "00:00:00:00:00:00",
            "2:42:ac:11:0:2",
        ] {
            assert!(parse_mac(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_in_lower_case() {
        let id = ContainerId::from_bytes([0xab; 32]);
        let attachment = NetworkAttachment { aliases: vec!["MySQL".into()], ..NetworkAttachment::default() };
        let request = EndpointRequest::new(&id, "Db", &attachment, &[]).unwrap();
        assert_eq!(request.names(), ["db", "abababababab", "mysql"]);
        let bad = NetworkAttachment { ipv4: "1.2.3".into(), ..NetworkAttachment::default() };
        assert!(EndpointRequest::new(&id, "db", &bad, &[]).is_err());
    }
}
