//! Ports: `-p 8080:80`, `-p 127.0.0.1:8000-8010:80-90/udp`, `-p [::1]::53`, `--expose 80-90/tcp`.

use super::wrong;
use std::net::IpAddr;
use teu_api::Failure;
use teu_api::container::{PortProtocol, PublishedPort};

/// Ports published by one flag are at most as many as there are.
type Range = (u16, u16);

/// Reads one `-p` into the ports it publishes. A free host port is 0.
pub fn publish(text: &str) -> Result<Vec<PublishedPort>, Failure> {
    if text.contains('=') {
        return publish_long(text);
    }
    let (rest, protocol) = match text.rsplit_once('/') {
        Some((rest, name)) => (rest, protocol(name)?),
        None => (text, PortProtocol::Tcp),
    };
    let (rest, container) = rest.rsplit_once(':').unwrap_or(("", rest));
    if container.is_empty() {
        return Err(wrong(
            format!("no port specified: {text}<empty>"),
            "write it as [[IP:]HOSTPORT:]PORT[/PROTOCOL]",
        ));
    }
    let (host_ip, host) = match rest.rsplit_once(':') {
        Some((ip, host)) => (address(ip)?, host),
        None if rest.starts_with('[') => (address(rest)?, ""),
        None if rest.contains('.') => (address(rest)?, ""),
        None => (String::new(), rest),
    };
    pair(text, &host_ip, host, container, protocol)
}

/// Reads the long form, `target=80,published=8080,protocol=tcp`.
fn publish_long(text: &str) -> Result<Vec<PublishedPort>, Failure> {
    let (mut target, mut published, mut way) = (String::new(), String::new(), PortProtocol::Tcp);
    for field in super::csv::fields(text)? {
        let (key, value) = field.split_once('=').ok_or_else(|| {
            wrong(format!("invalid field {field:?} in port {text:?}"), "write it as KEY=VALUE")
        })?;
        match key.to_ascii_lowercase().as_str() {
            "target" => value.clone_into(&mut target),
            "published" => value.clone_into(&mut published),
            "protocol" => way = protocol(value)?,
            "mode" => {}
            _ => {
                return Err(wrong(
                    format!("unknown field {key:?} in port {text:?}"),
                    "known are target, published and protocol",
                ));
            }
        }
    }
    if target.is_empty() {
        return Err(wrong(format!("no target in port {text:?}"), "write it as target=80,published=8080"));
    }
    pair(text, "", &published, &target, way)
}

fn pair(
    text: &str,
    host_ip: &str,
    host: &str,
    container: &str,
    protocol: PortProtocol,
) -> Result<Vec<PublishedPort>, Failure> {
    let inside = range(container)
        .ok_or_else(|| wrong(format!("invalid containerPort: {container}"), "ports are 1 to 65535"))?;
    if inside.0 == 0 {
        return Err(wrong(format!("invalid containerPort: {container}"), "ports are 1 to 65535"));
    }
    let count = u32::from(inside.1 - inside.0) + 1;
    let outside = if host.is_empty() {
        None
    } else {
        Some(range(host).ok_or_else(|| wrong(format!("invalid hostPort: {host}"), "ports are 0 to 65535"))?)
    };
    if let Some((first, last)) = outside {
        let host_count = u32::from(last - first) + 1;
        if host_count != count && count != 1 {
            return Err(wrong(
                format!("invalid ranges specified for container and host Ports: {container} and {host}"),
                format!("make both ranges equally long in {text}"),
            ));
        }
    }
    // One port inside and a range outside: any free one of the range.
    let last = outside.map(|(_, last)| last).filter(|_| count == 1).unwrap_or(0);
    Ok((0..count)
        .map(|offset| PublishedPort {
            host_ip: host_ip.to_owned(),
            host_port: outside.map_or(0, |(first, _)| if first == 0 { 0 } else { first + offset as u16 }),
            host_port_end: outside.map_or(0, |(first, _)| if last > first && first > 0 { last } else { 0 }),
            container_port: inside.0 + offset as u16,
            protocol,
        })
        .collect())
}

/// Reads `--expose 80[-90][/tcp]` into `80/tcp` and so on.
pub fn expose(text: &str) -> Result<Vec<String>, Failure> {
    let bad =
        || wrong(format!("invalid port format for --expose: {text}"), "write it as PORT[-PORT][/PROTOCOL]");
    let (ports, name) = text.split_once('/').unwrap_or((text, "tcp"));
    let way = protocol(name)?.word();
    let (first, last) = range(ports).filter(|(first, _)| *first > 0).ok_or_else(bad)?;
    Ok((first..=last).map(|port| format!("{port}/{way}")).collect())
}

/// Reads `80` or `80-90`.
fn range(text: &str) -> Option<Range> {
    let number = |part: &str| {
        (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    match text.split_once('-') {
        Some((first, last)) => Some((number(first)?, number(last)?)).filter(|(first, last)| first <= last),
        None => number(text).map(|port| (port, port)),
    }
}

/// Reads a protocol's name.
pub fn protocol(name: &str) -> Result<PortProtocol, Failure> {
    match name.to_ascii_lowercase().as_str() {
        "tcp" => Ok(PortProtocol::Tcp),
        "udp" => Ok(PortProtocol::Udp),
        "sctp" => Ok(PortProtocol::Sctp),
        _ => Err(wrong(format!("invalid proto: {name}"), "known are tcp, udp and sctp")),
    }
}

/// Reads an address, an IPv6 one with or without brackets.
fn address(text: &str) -> Result<String, Failure> {
    let inner = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    if inner.is_empty() {
        return Ok(String::new());
    }
    inner.parse::<IpAddr>().map(|address| address.to_string()).map_err(|_| {
        wrong(
            format!("invalid IP address: {inner}"),
            "write it as IP:HOSTPORT:PORT, an IPv6 address in brackets",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        publish(text)
            .unwrap()
            .into_iter()
            .map(|port| {
                let end =
                    if port.host_port_end > 0 { format!("-{}", port.host_port_end) } else { String::new() };
                format!(
                    "{}:{}{end}:{}/{}",
                    port.host_ip,
                    port.host_port,
                    port.container_port,
                    port.protocol.word()
                )
            })
            .collect()
    }

    #[test]
    fn every_form_is_read() {
        for (text, wanted) in [
            ("80", vec![":0:80/tcp"]),
            ("8080:80", vec![":8080:80/tcp"]),
            ("8080:80/udp", vec![":8080:80/udp"]),
            ("127.0.0.1:8080:80", vec!["127.0.0.1:8080:80/tcp"]),
            ("127.0.0.1::80", vec!["127.0.0.1:0:80/tcp"]),
            ("127.0.0.1:80", vec!["127.0.0.1:0:80/tcp"]),
            ("[::1]:8080:80", vec!["::1:8080:80/tcp"]),
            ("[::1]::80", vec!["::1:0:80/tcp"]),
            ("::1:8080:80", vec!["::1:8080:80/tcp"]),
            ("8000-8001:90-91", vec![":8000:90/tcp", ":8001:91/tcp"]),
            ("90-91", vec![":0:90/tcp", ":0:91/tcp"]),
            ("8000-8005:80", vec![":8000-8005:80/tcp"]),
            ("target=80,published=8080,protocol=udp", vec![":8080:80/udp"]),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }

    #[test]
    fn bad_ports_are_refused() {
        for bad in [
            "",
            ":",
            "8080:",
            "x:80",
            "80:x",
            "70000",
            "0",
            "90-80",
            "1-2:3-6",
            "80/icmp",
            "1.2.3:80:80",
            "a:b:c:d",
            "-1:80",
            "published=1",
        ] {
            assert!(publish(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn exposed_ranges_are_spread() {
        assert_eq!(expose("80-81/udp").unwrap(), ["80/udp", "81/udp"]);
        assert!(expose("0").is_err() && expose("80:80").is_err() && expose("81-80").is_err());
    }
}
