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

impl Firewall {
    /// Whether firewalld is there and has a bridge in no zone.
    pub(super) fn is_in_no_zone(&self, interface: &str) -> Result<bool> {
        Ok(self.is_firewalld_here()? && !self.is_in_a_zone(interface)?)
    }

    /// Takes a bridge out of it.
    pub(super) fn trust_no_more(&self, interface: &str) -> Result<()> {
        if self.is_firewalld_here()? && self.is_in_a_zone(interface)? {
            // Its owner may have put it into another zone: that is not ours to undo.
            let _ = command(&[], "--remove-interface", interface);
            let _ = command(&[PERMANENT], "--remove-interface", interface);
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

fn command(flags: &[&str], change: &str, interface: &str) -> Result<()> {
    let words = [format!("--zone={ZONE}"), format!("{change}={interface}")];
    let arguments: Vec<&str> = flags.iter().copied().chain(words.iter().map(String::as_str)).collect();
    program::run(&["firewall-cmd"], &arguments, "").map(drop).map_err(|failure| NetworkError::Unsupported {
        message: format!("cannot let {interface} through firewalld, which refuses what passes: {failure}"),
        hint: format!("start firewalld, or run firewall-cmd --zone={ZONE} --change-interface={interface}"),
    })
}
