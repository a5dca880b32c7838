//! Elements of nftables' sets and maps, added and removed without starting a program.

use super::socket::{Socket, error_of, is_error};
use super::wire::{ACK, CREATE, Message};
use nix::errno::Errno;

const NFPROTO_INET: u8 = 1;
/// nftables' part of netfilter's message types.
pub(super) const SUBSYSTEM: u16 = 10 << 8;
const GETSET: u16 = SUBSYSTEM | 0xa;
const NEWSETELEM: u16 = SUBSYSTEM | 0xc;
const GETSETELEM: u16 = SUBSYSTEM | 0xd;
const DELSETELEM: u16 = SUBSYSTEM | 0xe;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const BATCH_FIXED: [u8; 4] = [0, 0, 0, 10];
const NFTA_SET_TABLE: u16 = 1;
const NFTA_SET_NAME: u16 = 2;
const ELEM_LIST_TABLE: u16 = 1;
const ELEM_LIST_SET: u16 = 2;
const ELEM_LIST_ELEMENTS: u16 = 3;
const LIST_ELEM: u16 = 1;
const ELEM_KEY: u16 = 1;
const ELEM_DATA: u16 = 2;
const DATA_VALUE: u16 = 1;

/// One element: a key, and what a map maps it to. Parts of a concatenation are padded to four bytes each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Element {
    /// The set or map.
    pub set: &'static str,
    /// The key's bytes.
    pub key: Vec<u8>,
    /// The value's bytes; empty for an element of a set.
    pub value: Vec<u8>,
}

/// What to do with elements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Add; one that is there with the same value is no failure.
    Add,
    /// Remove.
    Remove,
}

/// Changes elements of a table, all or none.
pub fn change(socket: &mut Socket, table: &str, change: Change, elements: &[Element]) -> Result<(), Errno> {
    if elements.is_empty() {
        return Ok(());
    }
    let messages = elements.iter().map(|element| {
        let (kind, flags) = match change {
            Change::Add => (NEWSETELEM, CREATE),
            Change::Remove => (DELSETELEM, 0),
        };
        let mut message = Message::new(kind, flags, &[NFPROTO_INET, 0, 0, 0]);
        message.put_text(ELEM_LIST_TABLE, table).put_text(ELEM_LIST_SET, element.set);
        message.nest(ELEM_LIST_ELEMENTS, |list| {
            list.nest(LIST_ELEM, |item| {
                item.nest(ELEM_KEY, |key| {
                    key.put(DATA_VALUE, &element.key);
                });
                if change == Change::Add && !element.value.is_empty() {
                    item.nest(ELEM_DATA, |value| {
                        value.put(DATA_VALUE, &element.value);
                    });
                }
            });
        });
        message
    });
    transact(socket, messages.collect())
}

/// Sends messages as one transaction: all are carried out, or none.
pub(super) fn transact(socket: &mut Socket, messages: Vec<Message>) -> Result<(), Errno> {
    let first = socket.next_sequence();
    let mut datagram = Message::new(BATCH_BEGIN, 0, &BATCH_FIXED).finish(first);
    let mut last = first;
    for mut message in messages {
        message.acknowledged();
        last = socket.next_sequence();
        datagram.extend(message.finish(last));
    }
    let end = socket.next_sequence();
    datagram.extend(Message::new(BATCH_END, 0, &BATCH_FIXED).finish(end));
    socket.send(&datagram)?;
    // The kernel answers the whole batch before the send returns; a batch it could not begin is answered under the
    // number of its beginning.
    let mut failure = Ok(());
    let mut answered = false;
    while !answered {
        socket.receive(true, |received| {
            if !is_error(&received) || received.sequence < first || received.sequence > end {
                return;
            }
            let result = error_of(&received);
            answered |= received.sequence == last || result.is_err();
            if failure.is_ok() {
                failure = result;
            }
        })?;
    }
    while socket.receive(false, |_| ()).is_ok() {}
    failure
}

/// Whether a table has a set or map of a name.
pub fn has_set(socket: &mut Socket, table: &str, set: &str) -> Result<bool, Errno> {
    let mut message = Message::new(GETSET, ACK, &[NFPROTO_INET, 0, 0, 0]);
    message.put_text(NFTA_SET_TABLE, table).put_text(NFTA_SET_NAME, set);
    match socket.ask(message, |_| ()) {
        Ok(()) => Ok(true),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Whether a set or map of a table has an element with the key.
pub fn contains(socket: &mut Socket, table: &str, element: &Element) -> Result<bool, Errno> {
    let mut message = Message::new(GETSETELEM, ACK, &[NFPROTO_INET, 0, 0, 0]);
    message.put_text(ELEM_LIST_TABLE, table).put_text(ELEM_LIST_SET, element.set);
    message.nest(ELEM_LIST_ELEMENTS, |list| {
        list.nest(LIST_ELEM, |item| {
            item.nest(ELEM_KEY, |key| {
                key.put(DATA_VALUE, &element.key);
            });
        });
    });
    match socket.ask(message, |_| ()) {
        Ok(()) => Ok(true),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}
