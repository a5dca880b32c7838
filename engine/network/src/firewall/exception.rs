//! Other firewalls of this host. A packet must be accepted by every table's chain, so that a policy of `DROP` on what
//! passes, as Docker and ufw set it with iptables, would silently cut off every container of ours, whatever our own
//! table says.
//!
//! Theirs is left alone as long as it lets packets pass. Where its policy drops them, each bridge gets an exception,
//! made by iptables itself, marked with a comment, and removed with its network: in `DOCKER-USER`, the chain that
//! Docker keeps for others' rules, or at the end of `FORWARD`, after every rule that the host's owner wrote. What the
//! exception lets pass is still judged by our table. Policies of other tables are their owner's word: those stand, and
//! are told (`obstacle.rs`).

use super::Firewall;
use super::{firewalld, program};
use crate::error::{NetworkError, Result};
use crate::netlink::chain::{self, Policy};
use std::fs;

const TABLE: &str = "filter";
const FORWARD: &str = "FORWARD";
const USER: &str = "DOCKER-USER";

/// One of iptables' filters: of an address family, kept by nftables or by the older part of the kernel.
#[derive(Clone, Copy)]
struct Filter {
    /// `NFPROTO_IPV4` or `NFPROTO_IPV6`.
    family: u8,
    /// The program's name, before its variant.
    program: &'static str,
    /// Names the older part's tables of this network namespace.
    names: &'static str,
}

const IPV4: Filter =
    Filter { family: 2, program: "iptables", names: "/proc/thread-self/net/ip_tables_names" };
const IPV6: Filter =
    Filter { family: 10, program: "ip6tables", names: "/proc/thread-self/net/ip6_tables_names" };

/// Which part of the kernel keeps a filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Keeper {
    Nftables,
    Legacy,
}

/// What a filter says about a bridge.
struct Standing {
    /// Whether its policy drops what passes.
    drops: bool,
    /// Whether it has an exception for the bridge.
    excepts: bool,
    /// Its rules, where they had to be read.
    rules: Option<Vec<String>>,
}

/// A filter that drops a bridge's packets, and its rules where they had to be read.
type Blocking = (Filter, Keeper, Option<Vec<String>>);

impl Firewall {
    /// Whether this host's other rules let a bridge's packets pass.
    pub(crate) fn lets_through(&self, interface: &str, ipv6: bool) -> Result<bool> {
        Ok(!self.is_in_no_zone(interface)? && self.blocking(interface, ipv6)?.is_empty())
    }

    /// Makes the exceptions that a bridge needs in this host's other rules; none where it needs none.
    pub(crate) fn let_through(&self, interface: &str, ipv6: bool) -> Result<()> {
        if self.is_in_no_zone(interface)? {
            firewalld::trust(interface)?;
        }
        for (filter, keeper, rules) in self.blocking(interface, ipv6)? {
            let rules = rules.map_or_else(|| filter.rules(keeper, interface), Ok)?;
            let has_user = rules.iter().any(|rule| rule == &format!("-N {USER}"));
            filter.restore(keeper, interface, &exceptions(interface, has_user))?;
        }
        Ok(())
    }

    /// Removes a bridge's exceptions.
    pub(crate) fn withdraw_exceptions(&self, interface: &str) -> Result<()> {
        self.trust_no_more(interface)?;
        for filter in [IPV4, IPV6] {
            for keeper in [Keeper::Nftables, Keeper::Legacy] {
                if let Some(standing) = self.standing(&filter, keeper, interface)?
                    && standing.excepts
                {
                    let rules = standing.rules.map_or_else(|| filter.rules(keeper, interface), Ok)?;
                    filter.restore(keeper, interface, &removals(&rules, interface))?;
                }
            }
        }
        Ok(())
    }

    /// The filters whose policy drops a bridge's packets and that have no exception for it, with their rules where
    /// they had to be read.
    fn blocking(&self, interface: &str, ipv6: bool) -> Result<Vec<Blocking>> {
        let mut blocking = Vec::new();
        let filters = if ipv6 { vec![IPV4, IPV6] } else { vec![IPV4] };
        for filter in filters {
            for keeper in [Keeper::Nftables, Keeper::Legacy] {
                if let Some(standing) = self.standing(&filter, keeper, interface)?
                    && standing.drops
                    && !standing.excepts
                {
                    blocking.push((filter, keeper, standing.rules));
                }
            }
        }
        Ok(blocking)
    }

    /// How a bridge stands with a filter; `None` where it is not loaded. Nftables are asked by messages; the older part
    /// of the kernel by one program.
    fn standing(&self, filter: &Filter, keeper: Keeper, interface: &str) -> Result<Option<Standing>> {
        let comment = comment(interface);
        if keeper == Keeper::Legacy {
            if !filter.is_loaded() {
                return Ok(None);
            }
            let rules = filter.rules(keeper, interface)?;
            let dropped = format!("-P {FORWARD} DROP");
            return Ok(Some(Standing {
                drops: rules.contains(&dropped),
                excepts: rules.iter().any(|rule| is_marked(rule, &comment)),
                rules: Some(rules),
            }));
        }
        self.with(|socket| {
            let failed = || NetworkError::kernel("read this host's other firewall rules");
            let Some(policy) = chain::policy(socket, filter.family, TABLE, FORWARD).map_err(failed())? else {
                return Ok(None);
            };
            let mut excepts = false;
            for chain in [USER, FORWARD] {
                excepts = excepts
                    || chain::has_comment(socket, filter.family, TABLE, chain, &comment).map_err(failed())?;
            }
            Ok(Some(Standing { drops: policy == Policy::Drop, excepts, rules: None }))
        })
    }
}

impl Filter {
    /// Whether the older part of the kernel has the table.
    fn is_loaded(&self) -> bool {
        fs::read_to_string(self.names).is_ok_and(|names| names.lines().any(|name| name == TABLE))
    }

    /// The rules as iptables writes them.
    fn rules(&self, keeper: Keeper, interface: &str) -> Result<Vec<String>> {
        let text = self.run(keeper, "", &["-w", "-S"], "", interface)?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Carries out changes, all or none.
    fn restore(&self, keeper: Keeper, interface: &str, changes: &[String]) -> Result<()> {
        let script = format!("*{TABLE}\n{}\nCOMMIT\n", changes.join("\n"));
        self.run(keeper, "-restore", &["-w", "--noflush"], &script, interface).map(drop)
    }

    fn run(
        &self,
        keeper: Keeper,
        suffix: &str,
        arguments: &[&str],
        input: &str,
        interface: &str,
    ) -> Result<String> {
        let variant = match keeper {
            Keeper::Nftables => "nft",
            Keeper::Legacy => "legacy",
        };
        let names = [format!("{}-{variant}{suffix}", self.program), format!("{}{suffix}", self.program)];
        program::run(&names, arguments, input).map_err(|failure| NetworkError::Unsupported {
            message: format!(
                "cannot let {interface} through this host's other firewall, which drops what passes: {failure}"
            ),
            hint: format!(
                "set the policy of its FORWARD chain to ACCEPT, or accept what comes from and goes to {interface}"
            ),
        })
    }
}

/// How the rules of a bridge are told from others'.
fn comment(interface: &str) -> String {
    format!("teu:{interface}")
}

fn is_marked(rule: &str, comment: &str) -> bool {
    rule.split_ascii_whitespace().any(|word| word.trim_matches('"') == comment)
}

/// The changes that let a bridge through. About packets to Docker's own networks Docker's rules decide as before.
fn exceptions(interface: &str, has_user: bool) -> Vec<String> {
    let mark = format!("-m comment --comment {}", comment(interface));
    let to = |bridge: &str| format!("-i {interface} -o {bridge} {mark} -j RETURN");
    let mut rules = vec![to("docker0")];
    if has_user {
        rules.push(to("br-+"));
    }
    rules.push(format!("-i {interface} {mark} -j ACCEPT"));
    rules.push(format!("-o {interface} {mark} -j ACCEPT"));
    if has_user {
        // Its last rule returns: ours come before it, in this order.
        let numbered = rules.iter().zip(1..);
        numbered.map(|(rule, number)| format!("-I {USER} {number} {rule}")).collect()
    } else {
        rules.iter().map(|rule| format!("-A {FORWARD} {rule}")).collect()
    }
}

/// The changes that remove a bridge's rules among all of a filter.
fn removals(rules: &[String], interface: &str) -> Vec<String> {
    let comment = comment(interface);
    let marked = rules.iter().filter(|rule| is_marked(rule, &comment));
    marked.filter_map(|rule| rule.strip_prefix("-A ")).map(|rule| format!("-D {rule}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_go_where_others_rules_belong() {
        let rules = exceptions("teu0", true);
        assert_eq!(rules.len(), 4);
        assert_eq!(rules[0], "-I DOCKER-USER 1 -i teu0 -o docker0 -m comment --comment teu:teu0 -j RETURN");
        assert_eq!(rules[3], "-I DOCKER-USER 4 -o teu0 -m comment --comment teu:teu0 -j ACCEPT");
        let rules = exceptions("teu0", false);
        assert!(rules.iter().all(|rule| rule.starts_with("-A FORWARD ")), "{rules:?}");
    }

    #[test]
    fn only_marked_rules_are_removed() {
        let rules = [
            "-P FORWARD DROP",
            "-A FORWARD -i teu0 -j ACCEPT",
            "-A FORWARD -i teu0 -m comment --comment \"teu:teu0\" -j ACCEPT",
            "-A FORWARD -i teu01 -m comment --comment \"teu:teu01\" -j ACCEPT",
        ]
        .map(str::to_owned);
        assert_eq!(
            removals(&rules, "teu0"),
            ["-D FORWARD -i teu0 -m comment --comment \"teu:teu0\" -j ACCEPT"]
        );
    }
}
