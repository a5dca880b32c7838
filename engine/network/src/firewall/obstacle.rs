//! Tables of this host's owner that drop what passes. A packet must be accepted by every table, so that no rule of ours
//! can let it through, and their owner's word stands: it is told, so that nobody looks for the fault in a container.

use crate::error::{NetworkError, Result};
use crate::netlink::Socket;
use crate::netlink::chain::{self, Forwarding};

/// `NFPROTO_INET`, `NFPROTO_IPV4`, `NFPROTO_IPV6`.
const FAMILIES: [(u8, &str); 3] = [(1, "inet"), (2, "ip"), (10, "ip6")];
const IPV6: u8 = 10;

/// What every bridge's name begins with.
const BRIDGES: &str = "teu";

/// One line for each chain that drops what containers send and get by its policy, and that has no rule for bridges of
/// ours. With `ipv6`, for chains that see nothing but IPv6 as well. Cheap where there is none.
pub fn obstacles(ipv6: bool) -> Result<Vec<String>> {
    let mut socket =
        Socket::netfilter().map_err(NetworkError::kernel("open a netlink socket to the firewall"))?;
    let failed = || NetworkError::kernel("read this host's other firewall rules");
    let mut lines = Vec::new();
    for found in chain::dropping_forward(&mut socket).map_err(failed())? {
        let Some((_, family)) = FAMILIES.iter().find(|(number, _)| *number == found.family) else { continue };
        if (found.family == IPV6 && !ipv6) || gets_exceptions(&found) {
            continue;
        }
        if !chain::mentions(&mut socket, found.family, &found.table, BRIDGES).map_err(failed())? {
            lines.push(describe(&found, family));
        }
    }
    Ok(lines)
}

/// Chains that iptables keeps: each bridge gets its exception there.
fn gets_exceptions(found: &Forwarding) -> bool {
    found.table == "filter" && found.chain == "FORWARD"
}

fn describe(found: &Forwarding, family: &str) -> String {
    let Forwarding { table, chain, .. } = found;
    format!(
        "the firewall table {family} {table} drops what containers send and get (policy drop of its chain {chain}); let them through with: \
         nft 'insert rule {family} {table} {chain} iifname \"{BRIDGES}*\" accept; insert rule {family} {table} {chain} oifname \"{BRIDGES}*\" accept'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iptables_own_chains_are_no_obstacle() {
        let chain = |table: &str, chain: &str| Forwarding {
            family: 2,
            table: table.to_owned(),
            chain: chain.to_owned(),
        };
        assert!(gets_exceptions(&chain("filter", "FORWARD")));
        assert!(!gets_exceptions(&chain("filter", "forward")));
        assert!(
            describe(&chain("filter", "forward"), "ip").contains("insert rule ip filter forward iifname")
        );
    }
}
