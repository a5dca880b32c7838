//! Ports that an image says it serves. Pure.

use crate::error::{NetworkError, Result};
use teu_api::container::{PortProtocol, PublishedPort};

/// The ports of texts such as `80/tcp` or `8000-8010/udp`, each to be published on a free port.
pub(crate) fn exposed(texts: &[String]) -> Result<Vec<PublishedPort>> {
    let mut ports = Vec::new();
    for text in texts {
        let wrong = || {
            NetworkError::invalid(
                format!("invalid exposed port {text:?}"),
                "write it as in 80, 80/tcp or 8000-8010/udp",
            )
        };
        let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = match protocol {
            "tcp" => PortProtocol::Tcp,
            "udp" => PortProtocol::Udp,
            "sctp" => PortProtocol::Sctp,
            _ => return Err(wrong()),
        };
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port != 0).ok_or_else(wrong);
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(wrong());
        }
        for container_port in first..=last {
            ports.push(PublishedPort {
                host_ip: String::new(),
                host_port: 0,
                host_port_end: 0,
                container_port,
                protocol,
            });
        }
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_protocols_are_read() {
        let texts = ["80".to_owned(), "53/udp".to_owned(), "8000-8002/tcp".to_owned()];
        let ports: Vec<_> =
            exposed(&texts).unwrap().into_iter().map(|port| (port.container_port, port.protocol)).collect();
        let (tcp, udp) = (PortProtocol::Tcp, PortProtocol::Udp);
        assert_eq!(ports, [(80, tcp), (53, udp), (8000, tcp), (8001, tcp), (8002, tcp)]);
        for bad in ["", "0", "80/icmp", "9-8", "70000", "a", "80/tcp/udp", "-80"] {
            assert!(exposed(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
