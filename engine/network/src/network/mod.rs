//! What can be done to networks, one action a file.

mod bridge;
mod create;
mod list;
mod pools;
mod remove;
mod settings;

pub(crate) use settings::{Settings, is_interface_name};

use crate::error::{NetworkError, Result};
use crate::firewall::Firewall;
use crate::netlink::Socket;
use crate::tables::Tables;
use std::path::Path;

/// The network that containers are on when they ask for none.
pub const DEFAULT_NETWORK: &str = "bridge";

/// The networks of one state root, on the network namespace of the calling thread: the host's.
///
/// After ports were taken back, dropping it may take some ten milliseconds, which the kernel needs to free them.
pub struct Networks {
    pub(crate) tables: Tables,
    pub(crate) firewall: Firewall,
}

impl Networks {
    /// Opens the networks whose tables are in the database at a path. The tables are made where they are missing.
    pub fn open(database: &Path) -> Result<Self> {
        Ok(Self { tables: Tables::open(database)?, firewall: Firewall::default() })
    }

    /// The tables, for reading.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }
}

/// A socket that speaks of the host's links.
pub(crate) fn route_socket() -> Result<Socket> {
    Socket::route().map_err(NetworkError::kernel("open a netlink socket"))
}

/// So many random hexadecimal digits.
pub(crate) fn random_hexadecimal(digits: usize) -> Result<String> {
    use std::fmt::Write as _;
    let mut bytes = vec![0; digits.div_ceil(2)];
    let mut filled = 0;
    while filled < bytes.len() {
        filled +=
            rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()).map_err(
                |error| NetworkError::Io { action: "get random bytes".to_owned(), source: error.into() },
            )?;
    }
    let mut text = String::with_capacity(digits + 1);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.truncate(digits);
    Ok(text)
}
