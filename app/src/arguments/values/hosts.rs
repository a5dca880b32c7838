//! Addresses and names: `--add-host`, `--dns`, `--ip`, `--mac-address`, `--hostname`.

use super::wrong;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use teu_api::Failure;

/// Reads `HOST:IP` or `HOST=IP` into `HOST:IP`; `host-gateway` stands for the host's address.
pub fn extra_host(text: &str) -> Result<String, Failure> {
    let bad = || wrong(format!("bad format for add-host: {text:?}"), "write it as HOST:IP or HOST=IP");
    let (name, address) = text.split_once('=').or_else(|| text.split_once(':')).ok_or_else(bad)?;
    if name.is_empty() || name.contains(char::is_whitespace) || name.contains(char::is_control) {
        return Err(bad());
    }
    let address = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
    if address != "host-gateway" && address.parse::<IpAddr>().is_err() {
        return Err(wrong(
            format!("invalid IP address in add-host: {address:?}"),
            "write it as HOST:IP or HOST:host-gateway",
        ));
    }
    Ok(format!("{name}:{address}"))
}

/// Reads `CONTAINER[:NAME]` into `CONTAINER:NAME`.
pub fn link(text: &str) -> Result<String, Failure> {
    let (container, name) = text.split_once(':').unwrap_or((text, text));
    let container = container.trim_start_matches('/');
    let name = name.trim_start_matches('/');
    if !teu_api::id::is_valid_name(container) || host_name(name).is_err() {
        return Err(wrong(
            format!("bad format for links: {text:?}"),
            "write it as CONTAINER or CONTAINER:NAME",
        ));
    }
    Ok(format!("{container}:{name}"))
}

/// Checks the address of a name server.
pub fn name_server(text: &str) -> Result<String, Failure> {
    text.parse::<IpAddr>()
        .map(|address| address.to_string())
        .map_err(|_| wrong(format!("{text} is not an ip address"), "give --dns an address like 1.1.1.1"))
}

/// Checks a search domain; `.` clears the list.
pub fn search_domain(text: &str) -> Result<String, Failure> {
    let valid = text == "."
        || (!text.is_empty()
            && text.len() <= 255
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            && text.trim_end_matches('.').split('.').all(|label| !label.is_empty() && label.len() <= 63));
    if valid {
        Ok(text.to_owned())
    } else {
        Err(wrong(format!("{text} is not a valid domain"), "write it like example.com"))
    }
}

/// Checks a fixed IPv4 address.
pub fn ipv4(text: &str) -> Result<String, Failure> {
    text.parse::<Ipv4Addr>()
        .map(|address| address.to_string())
        .map_err(|_| wrong(format!("invalid IPv4 address: {text}"), "write it like 172.18.0.5"))
}

/// Checks a fixed IPv6 address.
pub fn ipv6(text: &str) -> Result<String, Failure> {
    text.parse::<Ipv6Addr>()
        .map(|address| address.to_string())
        .map_err(|_| wrong(format!("invalid IPv6 address: {text}"), "write it like fd00::5"))
}

/// Checks a hardware address: six bytes, with colons or dashes; comes back with colons, in lower case.
pub fn mac(text: &str) -> Result<String, Failure> {
    let normal = text.replace('-', ":").to_ascii_lowercase();
    let parts: Vec<&str> = normal.split(':').collect();
    let valid = parts.len() == 6
        && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if valid {
        Ok(normal)
    } else {
        Err(wrong(format!("{text} is not a valid mac address"), "write it like 02:42:ac:11:00:02"))
    }
}

/// Checks a host name: at most 64 bytes (the kernel's bound), letters, digits, dots, dashes and underscores.
pub fn host_name(text: &str) -> Result<String, Failure> {
    let valid = text.len() <= 64
        && text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
    if valid {
        Ok(text.to_owned())
    } else {
        Err(wrong(format!("invalid hostname format: {text}"), "letters, digits, dots and dashes, 64 at most"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_hosts_take_both_signs() {
        assert_eq!(extra_host("web:10.0.0.1").unwrap(), "web:10.0.0.1");
        assert_eq!(extra_host("web=::1").unwrap(), "web:::1");
        assert_eq!(extra_host("web:[::1]").unwrap(), "web:::1");
        assert_eq!(extra_host("host.internal:host-gateway").unwrap(), "host.internal:host-gateway");
        for bad in ["web", ":1.1.1.1", "web:1.1.1", "we b:1.1.1.1", "web:"] {
            assert!(extra_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn links_have_a_name() {
        assert_eq!(link("mysql").unwrap(), "mysql:mysql");
        assert_eq!(link("/shop-db-1:mysql").unwrap(), "shop-db-1:mysql");
        for bad in ["", ":db", "db:", "a b:c", "mysql:a:b", "mysql:a b"] {
            assert!(link(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_and_names_are_checked() {
        assert_eq!(mac("02-42-AC-11-00-02").unwrap(), "02:42:ac:11:00:02");
        assert!(mac("02:42").is_err() && mac("zz:42:ac:11:00:02").is_err());
        assert!(ipv4("::1").is_err() && ipv6("1.1.1.1").is_err() && name_server("dns").is_err());
        assert!(host_name("web-1.example").is_ok() && host_name("a_b").is_ok());
        for bad in ["", "-a", "a b", "a..b", &"x".repeat(65)] {
            assert!(host_name(bad).is_err(), "{bad}");
        }
        assert!(
            search_domain("example.com").is_ok()
                && search_domain(".").is_ok()
                && search_domain("a b").is_err()
        );
    }
}
