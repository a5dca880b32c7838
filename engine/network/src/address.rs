//! Ranges of addresses: parsing, containment, overlap, stepping. Pure.

use crate::error::{NetworkError, Result};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses: a network address and a prefix length.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// The range that an address lies in. `None` when the prefix is longer than an address.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        if prefix > width(address) {
            return None;
        }
        let mask = mask(width(address), prefix);
        Some(Self { address: from_bits(to_bits(address) & mask, address.is_ipv4()), prefix })
    }

    /// Parses `172.18.0.0/16`. Bits after the prefix are cleared, as Docker does.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_with_address(text).map(|(range, _)| range)
    }

    /// Parses `172.18.0.5/16` into its range and the address as written.
    pub fn parse_with_address(text: &str) -> Result<(Self, IpAddr)> {
        let wrong = || {
            NetworkError::invalid(
                format!("invalid subnet {text:?}: it is not an address with a prefix length"),
                "write it as in 172.30.0.0/16 or fd00:1::/64",
            )
        };
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let canonical = !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix: u8 = if canonical { prefix.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
        Ok((Self::new(address, prefix).ok_or_else(wrong)?, address))
    }

    /// The first address: the network's own.
    pub fn first(&self) -> IpAddr {
        self.address
    }

    /// The last address; for IPv4 the broadcast address.
    pub fn last(&self) -> IpAddr {
        let host = !mask(width(self.address), self.prefix) & full(width(self.address));
        from_bits(to_bits(self.address) | host, self.is_ipv4())
    }

    /// The prefix length.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether it is an IPv4 range.
    pub fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.is_ipv4()
            && to_bits(address) & mask(width(address), self.prefix) == to_bits(self.address)
    }

    /// Whether a whole range lies in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.prefix >= self.prefix && self.contains(other.address)
    }

    /// Whether the two share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// The address so many steps after the first; `None` when that is outside.
    pub fn nth(&self, steps: u128) -> Option<IpAddr> {
        let address = from_bits(to_bits(self.address).checked_add(steps)?, self.is_ipv4());
        self.contains(address).then_some(address)
    }

    /// The `index`th range of a longer prefix within this one; `None` when there are not that many.
    pub fn subnet(&self, prefix: u8, index: u128) -> Option<Self> {
        if prefix < self.prefix || prefix > width(self.address) {
            return None;
        }
        let step = u32::from(width(self.address) - prefix);
        let offset = index.checked_shl(step).filter(|offset| offset >> step == index)?;
        let address = from_bits(to_bits(self.address).checked_add(offset)?, self.is_ipv4());
        self.contains(address).then_some(Self { address, prefix })
    }

    /// The first address, or the last, that may be given to a machine. IPv4 ranges of up to 30 bits lose the
    /// network's own address and the broadcast address; IPv6 ranges lose the routers' anycast address (RFC 4291, 2.6.1).
    pub fn usable(&self) -> (IpAddr, IpAddr) {
        let small = width(self.address) - self.prefix < 2;
        let (first, last) = (to_bits(self.first()), to_bits(self.last()));
        if small {
            return (self.first(), self.last());
        }
        let last = if self.is_ipv4() { last - 1 } else { last };
        (from_bits(first + 1, self.is_ipv4()), from_bits(last, self.is_ipv4()))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The address after this one, within the same family; `None` after the last there is.
pub fn next(address: IpAddr) -> Option<IpAddr> {
    let bits = to_bits(address);
    (bits != full(width(address))).then(|| from_bits(bits + 1, address.is_ipv4()))
}

/// The address as a number, for comparison within one family.
pub fn to_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// The address's bytes in network order.
pub fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn from_bits(bits: u128, ipv4: bool) -> IpAddr {
    if ipv4 { IpAddr::V4(Ipv4Addr::from(bits as u32)) } else { IpAddr::V6(Ipv6Addr::from(bits)) }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn full(width: u8) -> u128 {
    if width == 128 { u128::MAX } else { (1 << width) - 1 }
}

fn mask(width: u8, prefix: u8) -> u128 {
    let host = u32::from(width - prefix);
    if host == 128 { 0 } else { full(width) >> host << host }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn parses_and_prints_ranges() {
        assert_eq!(Cidr::parse("172.18.3.4/16").unwrap().to_string(), "172.18.0.0/16");
        assert_eq!(Cidr::parse("fd00:1::9/64").unwrap().to_string(), "fd00:1::/64");
        assert_eq!(Cidr::parse("0.0.0.0/0").unwrap().last(), ip("255.255.255.255"));
        assert_eq!(Cidr::parse("::/0").unwrap().prefix(), 0);
        for bad in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "x/8",
            "10.0.0.0/",
            "10.0.0.0/8/8",
        ] {
            assert!(Cidr::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn knows_what_it_holds() {
        let range = Cidr::parse("10.1.0.0/16").unwrap();
        assert!(range.contains(ip("10.1.255.255")) && !range.contains(ip("10.2.0.0")));
        assert!(!range.contains(ip("::a01:1")));
        let inner = Cidr::parse("10.1.4.0/24").unwrap();
        assert!(range.covers(&inner) && !inner.covers(&range));
        assert!(inner.overlaps(&range) && range.overlaps(&inner));
        assert!(!inner.overlaps(&Cidr::parse("10.1.5.0/24").unwrap()));
        assert!(Cidr::parse("0.0.0.0/0").unwrap().overlaps(&inner));
    }

    #[test]
    fn steps_and_splits() {
        let range = Cidr::parse("192.168.0.0/16").unwrap();
        assert_eq!(range.subnet(20, 15).unwrap().to_string(), "192.168.240.0/20");
        assert_eq!(range.subnet(20, 16), None);
        assert_eq!(range.nth(257), Some(ip("192.168.1.1")));
        assert_eq!(range.nth(65536), None);
        assert_eq!(Cidr::parse("10.0.0.0/30").unwrap().usable(), (ip("10.0.0.1"), ip("10.0.0.2")));
        assert_eq!(Cidr::parse("10.0.0.0/31").unwrap().usable(), (ip("10.0.0.0"), ip("10.0.0.1")));
        assert_eq!(Cidr::parse("fd00::/64").unwrap().usable().0, ip("fd00::1"));
        assert_eq!(next(ip("10.0.0.255")), Some(ip("10.0.1.0")));
        assert_eq!(next(ip("255.255.255.255")), None);
    }
}
