//! `teu port`.

use super::{Outcome, say};
use crate::arguments::PortArguments;
use crate::arguments::values::port::protocol;
use std::net::IpAddr;
use teu_api::Failure;
use teu_api::container::PublishedPort;
use teu_core::Engine;

/// Prints where a container's ports are published.
pub fn run(engine: &Engine, arguments: &PortArguments) -> Outcome {
    let record = engine.find(&arguments.container)?;
    let mut ports: Vec<PublishedPort> =
        engine.endpoints(&record)?.into_iter().flat_map(|endpoint| endpoint.ports).collect();
    ports.sort_by_key(|port| (port.container_port, port.protocol.word()));
    let Some(wanted) = &arguments.port else {
        for port in &ports {
            say(&format!("{}/{} -> {}", port.container_port, port.protocol.word(), host(port)))?;
        }
        return Ok(0);
    };
    let (number, name) = wanted.split_once('/').unwrap_or((wanted, "tcp"));
    let number: u16 = number
        .parse()
        .map_err(|_| Failure::usage(format!("invalid port {wanted:?}")).hint("write it as 80 or 80/tcp"))?;
    let protocol = protocol(name)?;
    ports.retain(|port| port.container_port == number && port.protocol == protocol);
    if ports.is_empty() {
        return Err(Failure::not_found(format!(
            "no public port '{number}/{name}' published for {}",
            arguments.container
        ))
        .hint("publish ports with -p when the container is made"));
    }
    for port in &ports {
        say(&host(port))?;
    }
    Ok(0)
}

fn host(port: &PublishedPort) -> String {
    match port.host_ip.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]:{}", port.host_port),
        _ => format!("{}:{}", port.host_ip, port.host_port),
    }
}
