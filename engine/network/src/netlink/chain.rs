//! Reading chains of nftables' tables that are not ours: what others' rules do with what passes.

use super::nft::SUBSYSTEM;
use super::socket::Socket;
use super::wire::{self, ACK, DUMP, Message};
use nix::errno::Errno;

const GETCHAIN: u16 = SUBSYSTEM | 4;
const GETRULE: u16 = SUBSYSTEM | 7;
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_POLICY: u16 = 5;
const RULE_TABLE: u16 = 1;
const RULE_CHAIN: u16 = 2;
/// `NF_DROP`.
const DROP: u32 = 0;
/// Size of `struct nfgenmsg`.
const FIXED: usize = 4;

/// What becomes of packets that no rule of a chain decides about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// They go on, or the chain is no base chain.
    Accept,
    /// They are dropped.
    Drop,
}

/// A chain's policy; `None` where there is no such chain. `family` is one of `NFPROTO_*`.
pub fn policy(socket: &mut Socket, family: u8, table: &str, chain: &str) -> Result<Option<Policy>, Errno> {
    let mut message = Message::new(GETCHAIN, ACK, &[family, 0, 0, 0]);
    message.put_text(CHAIN_TABLE, table).put_text(CHAIN_NAME, chain);
    let mut found = None;
    match socket.ask(message, |received| {
        let attributes = wire::attributes(received.body.get(FIXED..).unwrap_or_default());
        let drops = attributes
            .filter(|(kind, _)| *kind == CHAIN_POLICY)
            .any(|(_, value)| value.try_into().is_ok_and(|value| u32::from_be_bytes(value) == DROP));
        found = Some(if drops { Policy::Drop } else { Policy::Accept });
    }) {
        Ok(()) => Ok(found),
        // Neither such a chain, nor nftables for that family.
        Err(Errno::ENOENT | Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Whether a rule of a chain carries a comment.
pub fn has_comment(
    socket: &mut Socket,
    family: u8,
    table: &str,
    chain: &str,
    comment: &str,
) -> Result<bool, Errno> {
    let mut message = Message::new(GETRULE, DUMP, &[family, 0, 0, 0]);
    message.put_text(RULE_TABLE, table).put_text(RULE_CHAIN, chain);
    let mut needle = comment.as_bytes().to_vec();
    needle.push(0);
    let mut found = false;
    match socket.ask(message, |received| {
        found |= received.body.windows(needle.len()).any(|part| part == needle);
    }) {
        Ok(()) => Ok(found),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}
