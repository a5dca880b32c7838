//! Ports are published: each is held by a socket, noted in a row, and redirected by the firewall.

use super::{holder, reserve};
use crate::error::{NetworkError, Result};
use crate::firewall;
use crate::network::{Networks, Settings};
use crate::relay::Door;
use crate::tables::{self, EndpointRow, PortRow};
use rustix::io::Errno;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use teu_api::container::{PortProtocol, PublishedPort};

/// How many free ports are tried until one suits all address families and no stopped process's row has it.
const ATTEMPTS: usize = 64;

impl Networks {
    /// Publishes ports of an endpoint; returns what holds them.
    pub(crate) fn publish(
        &self,
        endpoint: &EndpointRow,
        settings: &Settings,
        ports: &[PublishedPort],
    ) -> Result<Vec<Door>> {
        if ports.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows: Vec<PortRow> = Vec::new();
        let mut doors = Vec::new();
        for port in ports {
            let wanted = targets(endpoint, settings, port)?;
            // Docker takes the same port twice for once.
            let fixed = port.host_port != 0 && port.host_port_end == 0;
            let repeated = fixed && wanted.iter().any(|wanted| rows.contains(wanted));
            if !repeated {
                let (held, chosen) = self.hold(port, &wanted)?;
                doors.extend(held);
                rows.extend(chosen);
            }
        }
        self.tables.immediately(|transaction| {
            for row in &rows {
                if let Some(name) =
                    tables::port_holder(transaction, row.protocol, row.host_ip, row.host_port)?
                {
                    return Err(taken(row, format!("container {name}")));
                }
                tables::insert_port(transaction, &endpoint.id, row)?;
            }
            Ok(())
        })?;
        self.firewall.add(&firewall::ports(&rows))?;
        self.firewall.forget_flows(&rows)?;
        Ok(doors)
    }

    /// Takes the ports of an endpoint back.
    pub(crate) fn unpublish(&self, endpoint: &EndpointRow) -> Result<()> {
        let rows = self.tables.ports_of(&endpoint.id)?;
        if rows.is_empty() {
            return Ok(());
        }
        // In one transaction: a process that restores the firewall from the rows meanwhile would bring them back.
        self.tables.immediately(|transaction| {
            self.firewall.remove(&firewall::ports(&rows))?;
            tables::delete_ports(transaction, &endpoint.id)
        })?;
        self.firewall.forget_flows(&rows)
    }

    /// Holds one port on all the addresses wanted; port 0 becomes a free one, and a range one of its free ones, the
    /// same on all.
    fn hold(&self, port: &PublishedPort, wanted: &[PortRow]) -> Result<(Vec<Door>, Vec<PortRow>)> {
        let mut last = None;
        let choices: Vec<u16> = match port.host_port {
            0 => vec![0; ATTEMPTS],
            first => (first..=port.host_port_end.max(first)).collect(),
        };
        for host_port in choices {
            let wanted: Vec<PortRow> =
                wanted.iter().map(|row| PortRow { host_port, ..row.clone() }).collect();
            match self.try_hold(&wanted, port.host_ip.is_empty()) {
                Ok(held) => return Ok(held),
                Err(error @ NetworkError::PortTaken { .. }) => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(NetworkError::PortTaken { holder, .. }) if port.host_port_end > port.host_port => {
                let range = format!("{}-{}/{}", port.host_port, port.host_port_end, port.protocol.word());
                Err(NetworkError::PortsTaken { range, last: holder })
            }
            other => Err(other.unwrap_or_else(|| NetworkError::invalid("no port to publish", "name one"))),
        }
    }

    fn try_hold(&self, wanted: &[PortRow], everywhere: bool) -> Result<(Vec<Door>, Vec<PortRow>)> {
        let mut rows: Vec<PortRow> = Vec::with_capacity(wanted.len());
        let mut doors = Vec::with_capacity(wanted.len());
        for row in wanted {
            let mut row = row.clone();
            if row.host_port == 0 {
                row.host_port = rows.first().map_or(0, |first| first.host_port);
            }
            // A row tells the container's name; its socket would only tell the supervisor's.
            if let Some(name) =
                tables::port_holder(self.tables.connection(), row.protocol, row.host_ip, row.host_port)?
            {
                return Err(taken(&row, format!("container {name}")));
            }
            let (socket, number) = match reserve::reserve(row.protocol, row.host_ip, row.host_port) {
                // All addresses of a host without IPv6 are its IPv4 addresses.
                Err(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) if everywhere && row.host_ip.is_ipv6() => {
                    continue;
                }
                other => other.map_err(|errno| refused(&row, errno))?,
            };
            row.host_port = number;
            if let Some(name) =
                tables::port_holder(self.tables.connection(), row.protocol, row.host_ip, number)?
            {
                return Err(taken(&row, format!("container {name}")));
            }
            doors.push(Door::new(socket, row.protocol, row.relay_target()));
            rows.push(row);
        }
        Ok((doors, rows))
    }
}

/// Where a port leads: one row for each address family of the host that it can be published on.
fn targets(endpoint: &EndpointRow, settings: &Settings, port: &PublishedPort) -> Result<Vec<PortRow>> {
    let text = port.host_ip.trim_start_matches('[').trim_end_matches(']');
    let wrong = || {
        NetworkError::invalid(
            format!("invalid host address {:?} of a published port", port.host_ip),
            "write it as in -p 127.0.0.1:8080:80",
        )
    };
    let hosts: Vec<IpAddr> = match (text, settings.binding) {
        ("", Some(binding)) => vec![binding],
        ("", None) => vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)],
        (text, _) => vec![text.parse().map_err(|_| wrong())?],
    };
    let mut rows = Vec::new();
    for host_ip in hosts {
        let (ipv4, ipv6) = (endpoint.ipv4.map(IpAddr::V4), endpoint.ipv6.map(IpAddr::V6));
        let (same, other) = if host_ip.is_ipv4() { (ipv4, ipv6) } else { (ipv6, ipv4) };
        // Only a relay leads from one family to the other.
        let other = other.filter(|_| port.protocol != PortProtocol::Sctp);
        if let Some(target) = same.or(other) {
            rows.push(PortRow {
                protocol: port.protocol,
                host_ip,
                host_port: port.host_port,
                target,
                target_port: port.container_port,
            });
        }
    }
    if rows.is_empty() {
        return Err(NetworkError::invalid(
            format!(
                "cannot publish port {}/{} on {}: the container has no address of that family",
                port.container_port,
                port.protocol.word(),
                port.host_ip
            ),
            "use a network made with --ipv6, or an IPv4 address of this host",
        ));
    }
    Ok(rows)
}

fn display(row: &PortRow) -> String {
    match row.host_ip {
        IpAddr::V4(address) => format!("{address}:{}/{}", row.host_port, row.protocol.word()),
        IpAddr::V6(address) => format!("[{address}]:{}/{}", row.host_port, row.protocol.word()),
    }
}

fn taken(row: &PortRow, holder: String) -> NetworkError {
    NetworkError::PortTaken { port: display(row), holder }
}

fn refused(row: &PortRow, errno: Errno) -> NetworkError {
    match errno {
        Errno::ADDRINUSE => {
            let program = holder::program(row.protocol, row.host_port);
            taken(
                row,
                program.map_or_else(
                    || "another program of this host".to_owned(),
                    |program| format!("program {program}"),
                ),
            )
        }
        Errno::ADDRNOTAVAIL => NetworkError::invalid(
            format!("cannot publish on {}: this host does not have that address", display(row)),
            "choose an address that ip address shows, or none for all",
        ),
        Errno::PROTONOSUPPORT | Errno::SOCKTNOSUPPORT => NetworkError::Unsupported {
            message: format!(
                "cannot publish on {}: this kernel has no {}",
                display(row),
                row.protocol.word()
            ),
            hint: "load its kernel module".to_owned(),
        },
        errno => NetworkError::io(format!("hold port {}", display(row)))(errno.into()),
    }
}
