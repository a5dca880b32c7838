//! Reading chains of nftables' tables that are not ours: what others' rules do with what passes.

use super::nft::SUBSYSTEM;
use super::socket::Socket;
use super::wire::{self, ACK, DUMP, Message};
use nix::errno::Errno;

const GETCHAIN: u16 = SUBSYSTEM | 4;
const GETRULE: u16 = SUBSYSTEM | 7;
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const HOOK_NUMBER: u16 = 1;
/// `NF_INET_FORWARD`.
const HOOK_FORWARD: u32 = 2;
/// `IFNAMSIZ`: rules compare an interface's whole name, with the NULs that follow it.
const NAME: usize = 16;
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

/// A chain through which what passes the host goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forwarding {
    /// One of `NFPROTO_*`.
    pub family: u8,
    /// Its table.
    pub table: String,
    /// Its name.
    pub chain: String,
}

/// The chains of all tables that drop what passes the host unless a rule of theirs accepts it.
pub fn dropping_forward(socket: &mut Socket) -> Result<Vec<Forwarding>, Errno> {
    let mut found = Vec::new();
    match socket.dump(
        |flags| Message::new(GETCHAIN, flags, &[0; FIXED]),
        |received| found.extend(parse_dropping(received.body)),
    ) {
        Ok(()) => Ok(found),
        // A kernel without nftables drops nothing by them.
        Err(Errno::ENOENT | Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT | Errno::EINVAL) => Ok(Vec::new()),
        Err(errno) => Err(errno),
    }
}

fn parse_dropping(body: &[u8]) -> Option<Forwarding> {
    let family = *body.first()?;
    let find = |wanted: u16| {
        wire::attributes(body.get(FIXED..).unwrap_or_default())
            .find(|(kind, _)| *kind == wanted)
            .map(|(_, value)| value)
    };
    let number = |value: &[u8]| value.try_into().ok().map(u32::from_be_bytes);
    let text = |value: &[u8]| {
        String::from_utf8_lossy(value.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
    };
    let hook = wire::attributes(find(CHAIN_HOOK)?).find(|(kind, _)| *kind == HOOK_NUMBER)?;
    let drops = number(hook.1) == Some(HOOK_FORWARD) && number(find(CHAIN_POLICY)?) == Some(DROP);
    drops.then_some(Forwarding { family, table: text(find(CHAIN_TABLE)?), chain: text(find(CHAIN_NAME)?) })
}

/// Whether a rule of a chain carries a comment.
pub fn has_comment(
    socket: &mut Socket,
    family: u8,
    table: &str,
    chain: &str,
    comment: &str,
) -> Result<bool, Errno> {
    let mut needle = comment.as_bytes().to_vec();
    needle.push(0);
    rules_hold(socket, family, table, Some(chain), &needle)
}

/// Whether a rule of a chain is about an interface of a name.
pub fn names_interface(
    socket: &mut Socket,
    family: u8,
    table: &str,
    chain: &str,
    interface: &str,
) -> Result<bool, Errno> {
    let mut needle = interface.as_bytes().to_vec();
    needle.resize(NAME, 0);
    rules_hold(socket, family, table, Some(chain), &needle)
}

/// Whether any rule of a table holds a text: the beginning of an interface's name, or a comment.
pub fn mentions(socket: &mut Socket, family: u8, table: &str, text: &str) -> Result<bool, Errno> {
    rules_hold(socket, family, table, None, text.as_bytes())
}

fn rules_hold(
    socket: &mut Socket,
    family: u8,
    table: &str,
    chain: Option<&str>,
    needle: &[u8],
) -> Result<bool, Errno> {
    let mut message = Message::new(GETRULE, DUMP, &[family, 0, 0, 0]);
    message.put_text(RULE_TABLE, table);
    if let Some(chain) = chain {
        message.put_text(RULE_CHAIN, chain);
    }
    let mut found = false;
    match socket.ask(message, |received| {
        found |= received.body.windows(needle.len()).any(|part| part == needle);
    }) {
        Ok(()) => Ok(found),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}
