//! The firewall: one static table of nftables, loaded once, whose sets and maps change.

mod elements;

use crate::error::{NetworkError, Result};
use crate::netlink::Socket;
use crate::netlink::nft::{self, Change, Element};
use nix::errno::Errno;
use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

pub(crate) use elements::{BridgeKind, bridge, ports};

const TABLE: &str = "teu";
const RULES: &str = include_str!("table.nft");
/// Elements in one transaction: the kernel's answers to so many fit in a socket's default buffer.
const BATCH: usize = 64;

/// Whether the rules are loaded and know a bridge.
pub(crate) fn knows(interface: &str) -> Result<bool> {
    let mut socket = open()?;
    let probe = elements::member("bridges", interface);
    nft::contains(&mut socket, TABLE, &probe).map_err(NetworkError::kernel("read the firewall's sets"))
}

/// Loads the table, unless this edition of it is loaded.
pub(crate) fn load() -> Result<()> {
    let mut socket = open()?;
    if nft::has_set(&mut socket, TABLE, "edition_1")
        .map_err(NetworkError::kernel("read the firewall's table"))?
    {
        return Ok(());
    }
    let started = Command::new("nft")
        .args(["-f", "-"])
        .env("PATH", search_path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(NetworkError::Unsupported {
                message: "cannot load firewall rules: the program nft is not installed".to_owned(),
                hint: "install the package nftables, or use --network host or none".to_owned(),
            });
        }
        other => other.map_err(NetworkError::io("start nft"))?,
    };
    let written = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(RULES.as_bytes()));
    let output = child.wait_with_output().map_err(NetworkError::io("wait for nft"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(NetworkError::Unsupported {
            message: format!(
                "cannot load firewall rules: {}",
                reason.lines().next().unwrap_or("nft failed").trim()
            ),
            hint:
                "networks need nf_tables with nat and fib in the kernel; --network host and none do without"
                    .to_owned(),
        });
    }
    written.map_err(NetworkError::io("write rules to nft"))
}

/// `/usr/sbin` is where nft is, and not in every user's path.
fn search_path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin:/usr/local/sbin")
}

/// Adds elements. One that is there with another value, left over from a container that is no more, is replaced.
pub(crate) fn add(elements: &[Element]) -> Result<()> {
    if elements.is_empty() {
        return Ok(());
    }
    let mut socket = open()?;
    for batch in elements.chunks(BATCH) {
        match nft::change(&mut socket, TABLE, Change::Add, batch) {
            Err(Errno::EBUSY | Errno::EEXIST) => {
                remove_with(&mut socket, batch)?;
                nft::change(&mut socket, TABLE, Change::Add, batch)
            }
            other => other,
        }
        .map_err(NetworkError::kernel("add to the firewall's sets"))?;
    }
    Ok(())
}

/// Removes elements; those that are gone already are no failure.
pub(crate) fn remove(elements: &[Element]) -> Result<()> {
    if elements.is_empty() {
        return Ok(());
    }
    let mut socket = open()?;
    elements.chunks(BATCH).try_for_each(|batch| remove_with(&mut socket, batch))
}

fn remove_with(socket: &mut Socket, batch: &[Element]) -> Result<()> {
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

fn open() -> Result<Socket> {
    Socket::netfilter().map_err(NetworkError::kernel("open a netlink socket to the firewall"))
}
