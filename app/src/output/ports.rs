//! The PORTS column: `0.0.0.0:8080->80/tcp, 90-92/udp`.

use std::net::IpAddr;
use teu_api::container::PublishedPort;

/// One shown port; an empty address means that it is only exposed.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shown<'a> {
    inside: u16,
    address: &'a str,
    outside: u16,
    protocol: &'static str,
}

/// A run of ports that follow each other.
struct Run<'a> {
    address: &'a str,
    protocol: &'static str,
    first: u16,
    last: u16,
}

/// Writes published ports, runs of equal inner and outer ports as ranges, in Docker's order.
pub fn ports(published: &[PublishedPort]) -> String {
    let mut shown = Vec::with_capacity(published.len() * 2);
    for port in published {
        let protocol = port.protocol.word();
        // An empty address means all of them, of both families.
        let addresses: &[&str] = match port.host_ip.as_str() {
            _ if port.host_port == 0 => &[""],
            "" => &["0.0.0.0", "::"],
            address => &[address],
        };
        for address in addresses {
            shown.push(Shown { inside: port.container_port, address, outside: port.host_port, protocol });
        }
    }
    shown.sort_by(|a, b| {
        (a.inside, a.address, a.outside, a.protocol).cmp(&(b.inside, b.address, b.outside, b.protocol))
    });
    shown.dedup();

    let mut done = Vec::new();
    let mut open: Vec<Run<'_>> = Vec::new();
    let mut single = Vec::new();
    for port in &shown {
        if !port.address.is_empty() && port.outside != port.inside {
            single.push(format!(
                "{}->{}/{}",
                joined(port.address, &port.outside.to_string()),
                port.inside,
                port.protocol
            ));
            continue;
        }
        match open.iter_mut().find(|run| run.address == port.address && run.protocol == port.protocol) {
            None => open.push(Run {
                address: port.address,
                protocol: port.protocol,
                first: port.inside,
                last: port.inside,
            }),
            Some(run) if run.last.checked_add(1) == Some(port.inside) => run.last = port.inside,
            Some(run) => {
                done.push(written(run));
                run.first = port.inside;
                run.last = port.inside;
            }
        }
    }
    done.extend(open.iter().map(written));
    done.extend(single);
    done.join(", ")
}

fn written(run: &Run<'_>) -> String {
    let range =
        if run.first == run.last { run.first.to_string() } else { format!("{}-{}", run.first, run.last) };
    if run.address.is_empty() {
        format!("{range}/{}", run.protocol)
    } else {
        format!("{}->{range}/{}", joined(run.address, &range), run.protocol)
    }
}

/// Address and port, an IPv6 address in brackets.
fn joined(address: &str, port: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]:{port}"),
        _ => format!("{address}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::values::port::publish;

    fn shown(flags: &[&str]) -> String {
        ports(&flags.iter().flat_map(|flag| publish(flag).unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn ports_are_written_as_docker_does() {
        assert_eq!(shown(&["8080:80"]), "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp");
        assert_eq!(shown(&["127.0.0.1:8080:80/udp"]), "127.0.0.1:8080->80/udp");
        assert_eq!(shown(&["127.0.0.1:80-82:80-82"]), "127.0.0.1:80-82->80-82/tcp");
        assert_eq!(shown(&["80", "81", "90"]), "80-81/tcp, 90/tcp");
        assert_eq!(shown(&["[::1]:80:80", "127.0.0.1:7:9"]), "[::1]:80->80/tcp, 127.0.0.1:7->9/tcp");
        assert_eq!(shown(&["65534-65535"]), "65534-65535/tcp");
        assert_eq!(shown(&[]), "");
    }
}
