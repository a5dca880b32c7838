//! Whether the host's ports that a stack publishes can all be had: told before anything is begun.

use crate::engine::Engine;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
use teu_api::Failure;
use teu_api::container::{PortProtocol, PublishedPort};
use teu_compose::{ComposeError, Project, container_request, labels};

impl Engine {
    /// Checks the ports of services, each with so many containers; where `counts` has none, as many as its file says.
    pub fn check_stack_ports(
        &self,
        project: &Project,
        services: &[&str],
        counts: &BTreeMap<String, u32>,
    ) -> Result<(), Failure> {
        let mut claimed: Vec<(&str, PublishedPort)> = Vec::new();
        let mut ranges: Vec<(&str, PublishedPort)> = Vec::new();
        let clash = |service: &str, message: String, hint: &str| {
            let error = ComposeError::new(message).at(format!("services.{service}.ports")).hint(hint);
            Failure::from(project.located(error))
        };
        for name in services {
            let Some(service) = project.services.get(*name).filter(|service| !service.ports.is_empty())
            else {
                continue;
            };
            for number in 1..=counts.get(*name).copied().unwrap_or_else(|| service.replicas()) {
                let request = container_request(project, name, number, false)?;
                for port in request.spec.host.ports.into_iter().filter(|port| port.host_port != 0) {
                    if port.host_port_end > port.host_port {
                        ranges.push((name, port));
                        continue;
                    }
                    match claimed.iter().find(|(_, other)| overlap(&port, other)) {
                        None => claimed.push((name, port)),
                        Some((holder, _)) if holder == name => {
                            let message =
                                format!("its containers cannot all have the host's port {}", shown(&port));
                            return Err(clash(
                                name,
                                message,
                                "publish as many ports as there are containers, as in 8080-8081:80, or leave the host's port out",
                            ));
                        }
                        Some((holder, _)) => {
                            let message =
                                format!("the host's port {} is that of service {holder}", shown(&port));
                            return Err(clash(name, message, "publish on another port"));
                        }
                    }
                }
            }
        }
        if claimed.is_empty() && ranges.is_empty() {
            return Ok(());
        }
        let (mut held, mut of_others): (Vec<PublishedPort>, Vec<PublishedPort>) = Default::default();
        for container in self.live_containers()? {
            let label = |key: &str| container.labels.get(key).map_or("", String::as_str);
            let own = label(labels::PROJECT) == project.name && services.contains(&label(labels::SERVICE));
            for (service, port) in claimed.iter().filter(|_| !own) {
                if container.ports.iter().any(|other| overlap(port, other)) {
                    let message =
                        format!("the host's port {} is that of container {}", shown(port), container.name);
                    return Err(clash(service, message, "publish on another port, or stop its holder"));
                }
            }
            if !own {
                of_others.extend(container.ports.clone());
            }
            held.extend(container.ports);
        }
        for (service, port) in &claimed {
            if !held.iter().any(|other| overlap(port, other)) && is_taken(port) {
                let message = format!("the host's port {} is that of another program", shown(port));
                return Err(clash(service, message, "publish on another port, or stop its holder"));
            }
        }
        // The range that ends first chooses first: so all get a port of theirs if they can.
        ranges.sort_by_key(|(_, range)| range.host_port_end);
        let mut chosen: Vec<PublishedPort> =
            claimed.into_iter().map(|(_, port)| port).chain(of_others).collect();
        for (service, range) in &ranges {
            let free = (range.host_port..=range.host_port_end)
                .map(|host_port| PublishedPort { host_port, host_port_end: 0, ..range.clone() })
                .find(|port| {
                    !chosen.iter().any(|other| overlap(port, other))
                        && (held.iter().any(|other| overlap(port, other)) || !is_taken(port))
                });
            let Some(port) = free else {
                let message = format!(
                    "of the host's ports {}-{} none is left for each of its containers",
                    range.host_port,
                    shown(&PublishedPort {
                        host_port: range.host_port_end,
                        host_ip: String::new(),
                        ..range.clone()
                    })
                );
                return Err(clash(service, message, "publish on a wider range, or on other ports"));
            };
            chosen.push(port);
        }
        Ok(())
    }
}

/// Whether both cannot be had at the same time.
fn overlap(one: &PublishedPort, other: &PublishedPort) -> bool {
    let everywhere = |address: &str| matches!(address, "" | "0.0.0.0" | "::");
    one.host_port == other.host_port
        && one.protocol == other.protocol
        && (one.host_ip == other.host_ip || everywhere(&one.host_ip) || everywhere(&other.host_ip))
}

/// Whether some program listens there.
fn is_taken(port: &PublishedPort) -> bool {
    let address = port.host_ip.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let bound = match port.protocol {
        PortProtocol::Tcp => TcpListener::bind((address, port.host_port)).map(drop),
        PortProtocol::Udp => UdpSocket::bind((address, port.host_port)).map(drop),
        PortProtocol::Sctp => return false,
    };
    bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
}

fn shown(port: &PublishedPort) -> String {
    let protocol = port.protocol.word();
    if port.host_ip.is_empty() {
        format!("{}/{protocol}", port.host_port)
    } else {
        format!("{}:{}/{protocol}", port.host_ip, port.host_port)
    }
}
