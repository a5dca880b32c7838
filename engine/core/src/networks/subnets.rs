//! Ranges as `network create` is told them: each gateway, part and reserved address goes to the range that holds it.

use std::net::IpAddr;
use teu_api::Failure;
use teu_api::network::Subnet;
use teu_network::Cidr;

/// Joins `--subnet`, `--gateway`, `--ip-range` and `--aux-address NAME=IP`.
pub fn subnets(
    ranges: &[String],
    gateways: &[String],
    parts: &[String],
    reserved: &[String],
) -> Result<Vec<Subnet>, Failure> {
    let mut subnets = Vec::with_capacity(ranges.len());
    for range in ranges {
        let parsed = Cidr::parse(range)?;
        subnets.push((parsed, Subnet { subnet: range.clone(), ..Subnet::default() }));
    }
    for gateway in gateways {
        let address = address(gateway)?;
        let subnet = holder(&mut subnets, &format!("gateway {gateway}"), |range| range.contains(address))?;
        if !subnet.gateway.is_empty() {
            return Err(Failure::usage(format!(
                "cannot configure multiple gateways ({}, {gateway}) for the same subnet ({})",
                subnet.gateway, subnet.subnet
            ))
            .hint("give one --gateway for each --subnet"));
        }
        subnet.gateway.clone_from(gateway);
    }
    for part in parts {
        let inner = Cidr::parse(part)?;
        let subnet = holder(&mut subnets, &format!("ip-range {part}"), |range| range.covers(&inner))?;
        subnet.ip_range.clone_from(part);
    }
    for pair in reserved {
        let (name, text) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!("invalid --aux-address {pair:?}")).hint("write it as NAME=IP")
        })?;
        let address = address(text)?;
        let subnet = holder(&mut subnets, &format!("aux-address {text}"), |range| range.contains(address))?;
        subnet.reserved.insert(name.to_owned(), text.to_owned());
    }
    Ok(subnets.into_iter().map(|(_, subnet)| subnet).collect())
}

fn address(text: &str) -> Result<IpAddr, Failure> {
    text.parse()
        .map_err(|_| Failure::usage(format!("invalid IP address: {text}")).hint("write it as 172.30.0.1"))
}

fn holder<'a>(
    subnets: &'a mut [(Cidr, Subnet)],
    what: &str,
    holds: impl Fn(&Cidr) -> bool,
) -> Result<&'a mut Subnet, Failure> {
    subnets.iter_mut().find(|(range, _)| holds(range)).map(|(_, subnet)| subnet).ok_or_else(|| {
        Failure::usage(format!("no matching subnet for {what}")).hint("give the --subnet that it is in")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn addresses_go_to_the_range_that_holds_them() {
        let read = subnets(
            &owned(&["172.30.0.0/16", "fd00:1::/64"]),
            &owned(&["fd00:1::9", "172.30.0.9"]),
            &owned(&["172.30.5.0/24"]),
            &owned(&["router=172.30.0.2"]),
        )
        .unwrap();
        assert_eq!((read[0].gateway.as_str(), read[1].gateway.as_str()), ("172.30.0.9", "fd00:1::9"));
        assert_eq!(read[0].ip_range, "172.30.5.0/24");
        assert_eq!(read[0].reserved["router"], "172.30.0.2");
    }

    #[test]
    fn what_no_range_holds_is_refused() {
        let range = owned(&["172.30.0.0/16"]);
        assert!(subnets(&range, &owned(&["10.0.0.1"]), &[], &[]).is_err());
        assert!(subnets(&range, &owned(&["172.30.0.1", "172.30.0.2"]), &[], &[]).is_err());
        assert!(subnets(&range, &[], &owned(&["172.0.0.0/8"]), &[]).is_err());
        assert!(subnets(&range, &[], &[], &owned(&["172.30.0.1"])).is_err());
        assert!(subnets(&owned(&["172.30"]), &[], &[], &[]).is_err());
    }
}
