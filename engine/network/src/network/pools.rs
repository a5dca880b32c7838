//! Free ranges for networks that name none: Docker's pools. Pure.

use crate::address::Cidr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Docker's pools as (first address, prefix of the pool, prefix of a network).
const POOLS: [(Ipv4Addr, u8, u8); 6] = [
    (Ipv4Addr::new(172, 17, 0, 0), 16, 16),
    (Ipv4Addr::new(172, 18, 0, 0), 15, 16),
    (Ipv4Addr::new(172, 20, 0, 0), 14, 16),
    (Ipv4Addr::new(172, 24, 0, 0), 14, 16),
    (Ipv4Addr::new(172, 28, 0, 0), 14, 16),
    (Ipv4Addr::new(192, 168, 0, 0), 16, 20),
];

/// The first IPv4 range of the pools that overlaps nothing that is taken.
pub(crate) fn free_ipv4(taken: &[Cidr]) -> Option<Cidr> {
    POOLS
        .iter()
        .filter_map(|(first, prefix, size)| Some((Cidr::new(IpAddr::V4(*first), *prefix)?, *size)))
        .flat_map(|(pool, size)| (0..).map_while(move |index| pool.subnet(size, index)))
        .find(|range| !taken.iter().any(|other| other.overlaps(range)))
}

/// A unique local IPv6 range (RFC 4193) made from a network's random id.
pub(crate) fn free_ipv6(id: &str, taken: &[Cidr]) -> Option<Cidr> {
    (0..16).find_map(|shift| {
        let digits = id.get(shift..shift + 10)?;
        let global = u128::from_str_radix(digits, 16).ok()?;
        let address = Ipv6Addr::from((0xfd << 120) | (global << 80));
        Cidr::new(IpAddr::V6(address), 64).filter(|range| !taken.iter().any(|other| other.overlaps(range)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_are_docker_s_and_end() {
        let mut taken = Vec::new();
        let mut texts = Vec::new();
        while let Some(range) = free_ipv4(&taken) {
            texts.push(range.to_string());
            taken.push(range);
        }
        assert_eq!(texts.len(), 15 + 16);
        assert_eq!(
            (texts[0].as_str(), texts[14].as_str(), texts[15].as_str()),
            ("172.17.0.0/16", "172.31.0.0/16", "192.168.0.0/20")
        );
    }

    #[test]
    fn host_routes_are_avoided() {
        let route = Cidr::parse("172.16.0.0/12").unwrap();
        let lan = Cidr::parse("192.168.1.0/24").unwrap();
        assert_eq!(free_ipv4(&[route, lan]).unwrap().to_string(), "192.168.16.0/20");
    }

    #[test]
    fn ipv6_ranges_are_unique_local() {
        let range = free_ipv6("0123456789abcdef0123456789", &[]).unwrap();
        assert_eq!(range.to_string(), "fd01:2345:6789::/64");
        assert_ne!(free_ipv6("0123456789abcdef0123456789", &[range]).unwrap(), range);
    }
}
