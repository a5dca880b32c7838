//! What a network's row means: its ranges as addresses, its options by Docker's names. Pure.

use crate::address::{Cidr, next};
use crate::error::{NetworkError, Result};
use crate::firewall::BridgeKind;
use crate::tables::{NetworkRow, Pool};
use std::net::IpAddr;
use teu_api::id::is_valid_network_name;
use teu_api::network::{NetworkDriver, NetworkSpec, Subnet};

/// The longest name of an interface.
const INTERFACE: usize = 15;

/// A network's ranges and options, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Its ranges with what is kept from containers.
    pub pools: Vec<Pool>,
    /// The IPv4 range's gateway.
    pub gateway4: Option<IpAddr>,
    /// The IPv6 range's gateway.
    pub gateway6: Option<IpAddr>,
    /// Bytes that fit in one packet; `None` for the kernel's default.
    pub mtu: Option<u32>,
    /// Whether containers reach each other.
    pub reach_each_other: bool,
    /// How the firewall treats it.
    pub kind: BridgeKind,
    /// The address that ports are published on when none is named.
    pub binding: Option<IpAddr>,
    /// What interfaces in containers are called, before their number.
    pub prefix: String,
}

impl Settings {
    /// Reads a network's row.
    pub(crate) fn of(row: &NetworkRow) -> Result<Self> {
        Self::of_spec(&row.spec)
    }

    /// Reads and checks a network as asked for.
    pub(crate) fn of_spec(spec: &NetworkSpec) -> Result<Self> {
        let mut settings = Self {
            pools: Vec::new(),
            gateway4: None,
            gateway6: None,
            mtu: None,
            reach_each_other: flag(spec, "com.docker.network.bridge.enable_icc", true)?,
            kind: BridgeKind::default(),
            binding: None,
            prefix: "eth".to_owned(),
        };
        for subnet in &spec.subnets {
            let (pool, gateway) = read_subnet(spec, subnet)?;
            let slot = if pool.range.is_ipv4() { &mut settings.gateway4 } else { &mut settings.gateway6 };
            if slot.is_some() {
                return Err(NetworkError::invalid(
                    format!("network {}: two subnets of one address family", spec.name),
                    "give one IPv4 subnet and one IPv6 subnet",
                ));
            }
            *slot = Some(gateway);
            settings.pools.push(pool);
        }
        if let Some(text) =
            spec.options.get("com.docker.network.driver.mtu").or_else(|| spec.options.get("mtu"))
        {
            let mtu = text.parse().ok().filter(|mtu| (68..=65535).contains(mtu));
            settings.mtu =
                Some(mtu.ok_or_else(|| wrong_option(spec, "com.docker.network.driver.mtu", text))?);
        }
        if let Some(text) = spec.options.get("com.docker.network.bridge.host_binding_ipv4") {
            let address = text
                .parse()
                .map_err(|_| wrong_option(spec, "com.docker.network.bridge.host_binding_ipv4", text))?;
            settings.binding = Some(address);
        }
        if let Some(prefix) = spec.options.get("com.docker.network.container_iface_prefix") {
            let fits = is_interface_name(prefix) && prefix.len() <= INTERFACE - 3;
            if !fits {
                return Err(wrong_option(spec, "com.docker.network.container_iface_prefix", prefix));
            }
            settings.prefix.clone_from(prefix);
        }
        let routed = spec
            .options
            .get("com.docker.network.bridge.gateway_mode_ipv4")
            .is_some_and(|mode| mode == "routed");
        let translated = flag(spec, "com.docker.network.bridge.enable_ip_masquerade", true)?;
        settings.kind = BridgeKind {
            internal: spec.internal,
            translated: translated && !spec.internal && !routed,
            routed: routed && !spec.internal,
        };
        Ok(settings)
    }

    /// The range of a family.
    pub(crate) fn range(&self, ipv4: bool) -> Option<Cidr> {
        self.pools.iter().map(|pool| pool.range).find(|range| range.is_ipv4() == ipv4)
    }
}

/// Checks what a name and a driver's options say by themselves.
pub(crate) fn check_name(spec: &NetworkSpec) -> Result<()> {
    if !is_valid_network_name(&spec.name) {
        return Err(NetworkError::invalid(
            format!("invalid network name {:?}: only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", spec.name),
            "choose another name",
        ));
    }
    if matches!(spec.name.as_str(), "host" | "none" | "default" | "container") {
        return Err(NetworkError::NameTaken(spec.name.clone()));
    }
    if let Some(name) =
        spec.options.get("com.docker.network.bridge.name").filter(|name| !is_interface_name(name))
    {
        return Err(wrong_option(spec, "com.docker.network.bridge.name", name));
    }
    let needs_parent = spec.driver != NetworkDriver::Bridge;
    if needs_parent && !spec.options.contains_key("parent") {
        return Err(NetworkError::invalid(
            format!(
                "network {}: driver {} needs one of the host's interfaces",
                spec.name,
                spec.driver.as_str()
            ),
            "name it with --opt parent=eth0",
        ));
    }
    Ok(())
}

fn read_subnet(spec: &NetworkSpec, subnet: &Subnet) -> Result<(Pool, IpAddr)> {
    let range = Cidr::parse(&subnet.subnet)?;
    let longest = if range.is_ipv4() { 30 } else { 126 };
    if range.prefix() > longest || range.prefix() == 0 {
        return Err(NetworkError::invalid(
            format!("invalid subnet {range}: its prefix must be between 1 and {longest}"),
            "it must hold a gateway and at least one container",
        ));
    }
    if !holds_machines(&range) {
        return Err(NetworkError::invalid(
            format!("invalid subnet {range}: no machine can have an address in it"),
            "choose a private range, as 172.30.0.0/16 or fd00:1::/64",
        ));
    }
    let inside = |what: &str, text: &str| {
        let address: Option<IpAddr> = text.parse().ok().filter(|address| range.contains(*address));
        address.ok_or_else(|| {
            NetworkError::invalid(
                format!("network {}: {what} {text:?} is not an address of subnet {range}", spec.name),
                format!("choose an address between {} and {}", range.usable().0, range.usable().1),
            )
        })
    };
    let gateway = match subnet.gateway.as_str() {
        // The first address of the part that is given away, as Docker chooses.
        "" if subnet.ip_range.is_empty() => range.usable().0,
        "" => {
            let from = Cidr::parse(&subnet.ip_range)?;
            if from.first() == range.first() {
                next(from.first()).unwrap_or(from.first())
            } else {
                from.first()
            }
        }
        text => inside("gateway", text)?,
    };
    if gateway == range.first() || (range.is_ipv4() && gateway == range.last()) {
        return Err(NetworkError::invalid(
            format!("network {}: gateway {gateway} is the network's own or its broadcast address", spec.name),
            format!("choose an address between {} and {}", range.usable().0, range.usable().1),
        ));
    }
    let from = if subnet.ip_range.is_empty() { range } else { Cidr::parse(&subnet.ip_range)? };
    if !range.covers(&from) {
        return Err(NetworkError::invalid(
            format!("network {}: ip-range {from} does not lie in subnet {range}", spec.name),
            "choose a part of the subnet",
        ));
    }
    let mut reserved = vec![gateway];
    for address in subnet.reserved.values() {
        reserved.push(inside("reserved address", address)?);
    }
    Ok((Pool { range, from, reserved }, gateway))
}

/// Whether a range is one of machines on a network: neither loopback nor groups nor what means no machine, and of IPv6
/// not the addresses that each interface gives itself.
fn holds_machines(range: &Cidr) -> bool {
    let others = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/8", "fe80::/10", "ff00::/8"];
    !others.iter().filter_map(|other| Cidr::parse(other).ok()).any(|other| other.overlaps(range))
}

fn flag(spec: &NetworkSpec, option: &str, otherwise: bool) -> Result<bool> {
    match spec.options.get(option).map(String::as_str) {
        None | Some("") => Ok(otherwise),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(other) => Err(wrong_option(spec, option, other)),
    }
}

fn wrong_option(spec: &NetworkSpec, option: &str, value: &str) -> NetworkError {
    NetworkError::invalid(
        format!("network {}: option {option} cannot be {value:?}", spec.name),
        "correct the option",
    )
}

/// Whether a text may name an interface.
pub(crate) fn is_interface_name(text: &str) -> bool {
    (1..=INTERFACE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !matches!(text, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(subnet: &str, gateway: &str, ip_range: &str) -> NetworkSpec {
        let subnet = Subnet {
            subnet: subnet.into(),
            gateway: gateway.into(),
            ip_range: ip_range.into(),
            ..Subnet::default()
        };
        NetworkSpec { name: "net".into(), subnets: vec![subnet], ..NetworkSpec::default() }
    }

    #[test]
    fn reads_subnets() {
        let settings = Settings::of_spec(&spec("10.5.0.0/16", "", "")).unwrap();
        assert_eq!(settings.gateway4, Some("10.5.0.1".parse().unwrap()));
        let settings = Settings::of_spec(&spec("10.5.0.0/16", "", "10.5.9.0/24")).unwrap();
        assert_eq!(settings.gateway4, Some("10.5.9.0".parse().unwrap()));
        let settings = Settings::of_spec(&spec("fd00:5::/64", "fd00:5::99", "")).unwrap();
        assert_eq!((settings.gateway4, settings.gateway6), (None, Some("fd00:5::99".parse().unwrap())));
    }

    #[test]
    fn refuses_what_cannot_be() {
        for (subnet, gateway, range) in [
            ("10.5.0.0/31", "", ""),
            ("10.5.0.0/33", "", ""),
            ("0.0.0.0/0", "", ""),
            ("10.5.0.0/24", "10.6.0.1", ""),
            ("10.5.0.0/24", "10.5.0.0", ""),
            ("10.5.0.0/24", "10.5.0.255", ""),
            ("10.5.0.0/24", "fd00::1", ""),
            ("10.5.0.0/24", "", "10.5.0.0/16"),
            ("10.5.0.0/24", "", "rubbish"),
            ("127.0.0.0/24", "", ""),
            ("0.0.0.0/8", "", ""),
            ("224.0.0.0/24", "", ""),
            ("::/64", "", ""),
            ("fe80::/64", "", ""),
            ("ff02::/64", "", ""),
        ] {
            assert!(Settings::of_spec(&spec(subnet, gateway, range)).is_err(), "{subnet} {gateway} {range}");
        }
        let mut twice = spec("10.5.0.0/24", "", "");
        twice.subnets.push(spec("10.6.0.0/24", "", "").subnets.remove(0));
        assert!(Settings::of_spec(&twice).is_err());
    }

    #[test]
    fn names_and_options_are_checked() {
        let mut good = spec("10.5.0.0/24", "", "");
        check_name(&good).unwrap();
        good.options.insert("com.docker.network.bridge.name".into(), "a/b".into());
        assert!(check_name(&good).is_err());
        for bad in ["", "host", "none", "-x", "a b", "default"] {
            assert!(
                check_name(&NetworkSpec { name: bad.into(), ..NetworkSpec::default() }).is_err(),
                "{bad}"
            );
        }
        let macvlan =
            NetworkSpec { name: "lan".into(), driver: NetworkDriver::Macvlan, ..NetworkSpec::default() };
        assert!(check_name(&macvlan).unwrap_err().to_string().contains("needs one of the host's interfaces"));
    }
}
