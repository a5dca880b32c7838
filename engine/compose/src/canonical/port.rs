//! `[HOST_IP:][PUBLISHED:]TARGET[/PROTOCOL]`, with ranges.

use crate::yaml::{Node, Span};
use std::net::IpAddr;

/// The ports that a short port stands for, in the order of their names as text, as Docker lists them.
pub(crate) fn parse(text: &str, span: Span) -> Result<Vec<Node>, String> {
    let bad = |why: String| format!("`{text}` is not a port: {why}");
    let (rest, protocol) = text.split_once('/').map_or((text, "tcp"), |(rest, protocol)| (rest, protocol));
    let protocol = protocol.to_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(bad(format!("there is no protocol `{protocol}`")));
    }
    let (host_ip, published, target) = split(rest);
    if target.is_empty() {
        return Err(bad("the container's port is missing".into()));
    }
    let host_ip = host_ip.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host_ip);
    if !host_ip.is_empty() && host_ip.parse::<IpAddr>().is_err() {
        return Err(bad(format!("`{host_ip}` is not an address")));
    }
    let (first, last) =
        range(target).ok_or_else(|| bad(format!("`{target}` is not a port or a range of ports")))?;
    let host = match published {
        "" => None,
        published => Some(
            range(published)
                .ok_or_else(|| bad(format!("`{published}` is not a port or a range of ports")))?,
        ),
    };
    if let Some((host_first, host_last)) = host
        && last - first != host_last - host_first
        && first != last
    {
        return Err(bad(format!("the ranges `{published}` and `{target}` differ in length")));
    }
    let mut ports: Vec<(String, Node)> = (first..=last)
        .map(|port| {
            let mut map = vec![("mode", Node::string("ingress", span))];
            if !host_ip.is_empty() {
                map.push(("host_ip", Node::string(host_ip, span)));
            }
            map.push(("target", Node::new(crate::yaml::Value::Int(port.into()), span)));
            let published = match host {
                None => None,
                // One port of the container, any of several of the host.
                Some((low, high)) if first == last && low != high => Some(format!("{low}-{high}")),
                Some((low, _)) => Some((u32::from(low) + u32::from(port - first)).to_string()),
            };
            if let Some(published) = published {
                map.push(("published", Node::string(published, span)));
            }
            map.push(("protocol", Node::string(protocol.as_str(), span)));
            (format!("{port}/{protocol}"), Node::map(map, span))
        })
        .collect();
    ports.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(ports.into_iter().map(|(_, node)| node).collect())
}

/// Host address, host port, container port; what is not there is empty.
fn split(text: &str) -> (&str, &str, &str) {
    let Some((rest, target)) = text.rsplit_once(':') else { return ("", "", text) };
    match rest.rsplit_once(':') {
        Some((host_ip, published)) if !rest.ends_with(']') => (host_ip, published, target),
        _ if rest.ends_with(']') => (rest, "", target),
        _ => ("", rest, target),
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let short = |node: &Node, key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
        parse(text, Span::default())
            .unwrap()
            .iter()
            .map(|node| {
                format!(
                    "{}|{}|{}/{}",
                    short(node, "host_ip"),
                    short(node, "published"),
                    short(node, "target"),
                    short(node, "protocol")
                )
            })
            .collect()
    }

    #[test]
    fn short_ports() {
        assert_eq!(read("80"), ["||80/tcp"]);
        assert_eq!(read("8080:80/udp"), ["|8080|80/udp"]);
        assert_eq!(read("127.0.0.1:8080:80"), ["127.0.0.1|8080|80/tcp"]);
        assert_eq!(read("127.0.0.1::80"), ["127.0.0.1||80/tcp"]);
        assert_eq!(read("[::1]:8080:80"), ["::1|8080|80/tcp"]);
        assert_eq!(read("3000-3001"), ["||3000/tcp", "||3001/tcp"]);
        assert_eq!(read("9-10:99-100"), ["|10|100/tcp", "|9|99/tcp"]);
        assert_eq!(read("8000-8010:80"), ["|8000-8010|80/tcp"]);
        for bad in ["", "x", "80:", "80/ftp", "1.2.3:80:80", "1-2:1-3", "70000", "9-8", "8080:80:90:100"] {
            assert!(parse(bad, Span::default()).is_err(), "{bad}");
        }
    }
}
