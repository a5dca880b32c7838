//! firewalld refuses to pass on what comes from an interface that is in none of its zones. Each bridge is put into its
//! zone `trusted`, by firewalld itself, for as long as the network is there: what it stands for in firewalld's own table
//! is firewalld's to write. It forgets what is not in its settings when it is loaded anew, so the bridge goes there, too.

use super::Firewall;
use super::program;
use crate::error::{NetworkError, Result};
use crate::netlink::chain;

const INET: u8 = 1;
const TABLE: &str = "firewalld";
/// The chain that judges what passes, and the one that tells zones by their interfaces.
const FORWARD: &str = "filter_FORWARD";
const ZONES: &str = "filter_FORWARD_ZONES";
const ZONE: &str = "trusted";
const PERMANENT: &str = "--permanent";
/// Where firewalld keeps the zone's settings.
const SETTINGS: &str = "/etc/firewalld/zones/trusted.xml";

impl Firewall {
    /// Whether firewalld is there and has a bridge in no zone.
    pub(super) fn is_in_no_zone(&self, interface: &str) -> Result<bool> {
        Ok(self.is_firewalld_here()? && !self.is_in_a_zone(interface)?)
    }

    /// Takes a bridge out of it.
    pub(super) fn trust_no_more(&self, interface: &str) -> Result<()> {
        // What outlives us first. Its owner may have put it into another zone: that is not ours to undo.
        let is_here = self.is_firewalld_here()?;
        if is_settled(&std::fs::read_to_string(SETTINGS).unwrap_or_default(), interface) {
            let _ = if is_here {
                command(&[PERMANENT], "--remove-interface", interface)
            } else {
                change(&["firewall-offline-cmd"], &[], "--remove-interface", interface)
            };
        }
        if is_here && self.is_in_a_zone(interface)? {
            let _ = command(&[], "--remove-interface", interface);
        }
        Ok(())
    }

    fn is_firewalld_here(&self) -> Result<bool> {
        self.with(|socket| {
            chain::policy(socket, INET, TABLE, FORWARD)
                .map(|policy| policy.is_some())
                .map_err(NetworkError::kernel("look for firewalld's rules"))
        })
    }

    fn is_in_a_zone(&self, interface: &str) -> Result<bool> {
        self.with(|socket| {
            chain::names_interface(socket, INET, TABLE, ZONES, interface)
                .map_err(NetworkError::kernel("read firewalld's rules"))
        })
    }
}

/// Puts a bridge into the zone whose packets pass.
pub(super) fn trust(interface: &str) -> Result<()> {
    command(&[], "--change-interface", interface)?;
    // Settings that cannot be written cost the bridge its place when firewalld is loaded anew, and the next container
    // gives it back.
    let _ = command(&[PERMANENT], "--change-interface", interface);
    Ok(())
}

/// Whether the zone's settings name an interface.
fn is_settled(settings: &str, interface: &str) -> bool {
    settings.contains(&format!("<interface name=\"{interface}\"/>"))
}

fn command(flags: &[&str], what: &str, interface: &str) -> Result<()> {
    change(&["firewall-cmd"], flags, what, interface)
}

fn change(programs: &[&str], flags: &[&str], what: &str, interface: &str) -> Result<()> {
    let words = [format!("--zone={ZONE}"), format!("{what}={interface}")];
    let arguments: Vec<&str> = flags.iter().copied().chain(words.iter().map(String::as_str)).collect();
    program::run(programs, &arguments, "").map(drop).map_err(|failure| NetworkError::Unsupported {
        message: format!("cannot let {interface} through firewalld, which refuses what passes: {failure}"),
        hint: format!("start firewalld, or run firewall-cmd --zone={ZONE} --change-interface={interface}"),
    })
}

#[cfg(test)]
mod tests {
    use super::is_settled;

    #[test]
    fn the_zones_settings_name_whole_interfaces() {
        let settings =
            "<zone target=\"ACCEPT\">\n  <short>Trusted</short>\n  <interface name=\"br-12\"/>\n</zone>";
        assert!(is_settled(settings, "br-12"));
        assert!(
            !is_settled(settings, "br-1") && !is_settled(settings, "Trusted") && !is_settled("", "br-12")
        );
    }
}
