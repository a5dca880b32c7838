//! What a container asks of a network, checked. Pure.

use crate::error::{NetworkError, Result};
use crate::netlink::link::Mac;
use crate::network::is_interface_name;
use std::net::{Ipv4Addr, Ipv6Addr};
use teu_api::ContainerId;
use teu_api::container::{NetworkAttachment, PublishedPort};

/// Docker's names of the options of a place.
const INTERFACE: &str = "com.docker.network.endpoint.ifname";
const SYSCTLS: &str = "com.docker.network.endpoint.sysctls";

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
    /// The interface's name in the container; `None` for the first free one.
    pub interface: Option<String>,
    /// Kernel parameters of the interface, below `/proc/sys/net`, with `IFNAME` for its name.
    pub sysctls: Vec<(String, String)>,
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
        let (interface, sysctls) = read_options(attachment)?;
        Ok(Self {
            interface,
            sysctls,
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

/// What the options of a place say: its interface's name and kernel parameters.
type Options = (Option<String>, Vec<(String, String)>);

fn read_options(attachment: &NetworkAttachment) -> Result<Options> {
    let (mut interface, mut sysctls) = (None, Vec::new());
    for (option, value) in &attachment.driver_options {
        match option.as_str() {
            INTERFACE if is_interface_name(value) && value != "lo" => interface = Some(value.clone()),
            SYSCTLS => {
                for setting in value.split(',') {
                    sysctls.push(read_sysctl(setting)?);
                }
            }
            INTERFACE => {
                return Err(NetworkError::invalid(
                    format!("invalid interface name {value:?} in option {option}"),
                    "names have at most 15 letters, digits, dashes and dots",
                ));
            }
            _ => {
                return Err(NetworkError::invalid(
                    format!("unknown option {option:?} for a place on network {}", attachment.network),
                    format!("known are {INTERFACE} and {SYSCTLS}"),
                ));
            }
        }
    }
    Ok((interface, sysctls))
}

/// Reads `net.ipv4.conf.IFNAME.log_martians=1`.
fn read_sysctl(text: &str) -> Result<(String, String)> {
    let wrong = || {
        NetworkError::invalid(
            format!("invalid kernel parameter {text:?} of an interface"),
            "write it as in net.ipv4.conf.IFNAME.log_martians=1",
        )
    };
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    let parts: Vec<&str> = name.strip_prefix("net.").ok_or_else(wrong)?.split('.').collect();
    let is_plain = |part: &&str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    match parts.as_slice() {
        [family, kind, "IFNAME", parameter] if [family, kind, parameter].into_iter().all(is_plain) => {
            Ok((parts.join("/"), value.to_owned()))
        }
        _ => Err(wrong()),
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
    let wrong = || {
        NetworkError::invalid(
            format!("invalid MAC address {text:?}"),
            "write it as in 02:42:ac:11:00:02, the first byte an even one",
        )
    };
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
    fn options_name_the_interface_and_its_parameters() {
        let id = ContainerId::from_bytes([1; 32]);
        let read = |option: &str, value: &str| {
            let driver_options = [(option.to_owned(), value.to_owned())].into();
            let attachment = NetworkAttachment { driver_options, ..NetworkAttachment::default() };
            EndpointRequest::new(&id, "db", &attachment, &[])
        };
        assert_eq!(read(INTERFACE, "lan0").unwrap().interface.as_deref(), Some("lan0"));
        let sysctls = read(SYSCTLS, "net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.accept_ra=0");
        let wanted = [("ipv4/conf/IFNAME/log_martians", "1"), ("ipv6/conf/IFNAME/accept_ra", "0")];
        assert_eq!(sysctls.unwrap().sysctls, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for (option, value) in [
            (INTERFACE, "lo"),
            (INTERFACE, "a/b"),
            (INTERFACE, ""),
            (SYSCTLS, "net.ipv4.conf.all.forwarding=1"),
            (SYSCTLS, "net.ipv4.conf.IFNAME.a/../../x=1"),
            (SYSCTLS, "kernel.conf.IFNAME.x=1"),
            ("colour", "red"),
        ] {
            assert!(read(option, value).is_err(), "{option} {value}");
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
