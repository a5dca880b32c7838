//! The firewall: one static table of nftables, loaded once, whose sets and maps change.

mod elements;
mod exception;
mod firewalld;
mod obstacle;
mod program;

use crate::error::{NetworkError, Result};
use crate::netlink::Socket;
use crate::netlink::flows;
use crate::netlink::nft::{self, Change, Element};
use crate::tables::PortRow;
use nix::errno::Errno;
use std::cell::RefCell;
use teu_api::container::PortProtocol;

pub(crate) use elements::{BridgeKind, bridge, ports};
pub use obstacle::obstacles;

const TABLE: &str = "teu";
/// The set whose presence says that this edition of the rules is loaded.
const EDITION: &str = "edition_3";
const RULES: &str = include_str!("table.nft");
/// Elements in one transaction: the kernel's answers to so many fit in a socket's default buffer.
const BATCH: usize = 64;

/// The firewall of the calling thread's network namespace.
///
/// Its socket is opened when it is needed and kept: the kernel makes whoever closes one wait until what was removed by
/// it is freed, some ten milliseconds. So drop this when nobody waits.
#[derive(Default)]
pub(crate) struct Firewall {
    socket: RefCell<Option<Socket>>,
}

impl Firewall {
    /// Whether the rules are loaded and know a bridge.
    pub(crate) fn knows(&self, interface: &str) -> Result<bool> {
        let probe = elements::member("bridges", interface);
        self.with(|socket| {
            nft::contains(socket, TABLE, &probe).map_err(NetworkError::kernel("read the firewall's sets"))
        })
    }

    /// Loads the table, unless this edition of it is loaded.
    pub(crate) fn load(&self) -> Result<()> {
        let loaded = self.with(|socket| {
            nft::has_set(socket, TABLE, EDITION).map_err(NetworkError::kernel("read the firewall's table"))
        })?;
        if loaded { Ok(()) } else { run_nft() }
    }

    /// Adds elements. One that is there with another value, left over from a container that is no more, is replaced.
    pub(crate) fn add(&self, elements: &[Element]) -> Result<()> {
        elements.chunks(BATCH).try_for_each(|batch| {
            self.with(|socket| {
                match nft::change(socket, TABLE, Change::Add, batch) {
                    Err(Errno::EBUSY | Errno::EEXIST) => {
                        remove_batch(socket, batch)?;
                        nft::change(socket, TABLE, Change::Add, batch)
                    }
                    other => other,
                }
                .map_err(NetworkError::kernel("add to the firewall's sets"))
            })
        })
    }

    /// Removes elements; those that are gone already are no failure.
    pub(crate) fn remove(&self, elements: &[Element]) -> Result<()> {
        elements.chunks(BATCH).try_for_each(|batch| self.with(|socket| remove_batch(socket, batch)))
    }

    /// Ports lead elsewhere from now on: flows of datagrams that began before do not keep to the old way.
    pub(crate) fn forget_flows(&self, rows: &[PortRow]) -> Result<()> {
        let udp = rows.iter().filter(|row| row.protocol == PortProtocol::Udp);
        let ports: Vec<u16> = udp.map(|row| row.host_port).collect();
        if ports.is_empty() {
            return Ok(());
        }
        self.with(|socket| {
            flows::forget_udp(socket, &ports).map_err(NetworkError::kernel("forget flows to published ports"))
        })
    }

    /// Lends the socket. One that something failed on is not used again: an answer may still be under way.
    fn with<T>(&self, work: impl FnOnce(&mut Socket) -> Result<T>) -> Result<T> {
        let mut socket = match self.socket.take() {
            Some(socket) => socket,
            None => {
                Socket::netfilter().map_err(NetworkError::kernel("open a netlink socket to the firewall"))?
            }
        };
        let value = work(&mut socket)?;
        self.socket.replace(Some(socket));
        Ok(value)
    }
}

/// Loads the rules.
fn run_nft() -> Result<()> {
    program::run(&["nft"], &["-f", "-"], RULES).map(drop).map_err(|failure| NetworkError::Unsupported {
        message: format!("cannot load firewall rules: {failure}"),
        hint: "networks need the package nftables, and nf_tables with nat and fib in the kernel; --network host and none do without"
            .to_owned(),
    })
}

fn remove_batch(socket: &mut Socket, batch: &[Element]) -> Result<()> {
    let failed = NetworkError::kernel("remove from the firewall's sets");
    match nft::change(socket, TABLE, Change::Remove, batch) {
        Ok(()) => Ok(()),
        // A batch is all or nothing: one that is gone keeps the others from going.
        Err(Errno::ENOENT) => {
            for element in batch {
                match nft::change(socket, TABLE, Change::Remove, std::slice::from_ref(element)) {
                    Ok(()) | Err(Errno::ENOENT) => {}
                    Err(errno) => return Err(failed(errno)),
                }
            }
            Ok(())
        }
        Err(errno) => Err(failed(errno)),
    }
}
