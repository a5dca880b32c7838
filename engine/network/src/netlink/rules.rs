//! The one rule that is made where no program can be started in time: ports of a local address led to other ports.

use super::nft::{SUBSYSTEM, transact};
use super::socket::Socket;
use super::wire::{CREATE, Message};
use nix::errno::Errno;
use std::net::Ipv4Addr;

const NFPROTO_IPV4: u8 = 2;
const FIXED: [u8; 4] = [NFPROTO_IPV4, 0, 0, 0];
const NEWTABLE: u16 = SUBSYSTEM;
const NEWCHAIN: u16 = SUBSYSTEM | 3;
const NEWRULE: u16 = SUBSYSTEM | 6;
const APPEND: u16 = 0x800;
const HOOK_LOCAL_OUT: u32 = 3;
const PRIORITY_DSTNAT: i32 = -100;
const META_L4PROTO: u32 = 16;
const NETWORK_HEADER: u32 = 1;
const TRANSPORT_HEADER: u32 = 2;
const REGISTER_1: u32 = 1;
const REGISTER_2: u32 = 2;
const NAT_DNAT: u32 = 1;

/// One port of a local address that is led to another.
#[derive(Clone, Copy)]
pub struct Redirect {
    /// The address.
    pub address: Ipv4Addr,
    /// The protocol's number.
    pub protocol: u8,
    /// The port asked for.
    pub from: u16,
    /// The port that answers.
    pub to: u16,
}

/// Makes a table of its own in which ports are redirected for programs of this network namespace.
pub fn redirect_output(socket: &mut Socket, table: &str, redirects: &[Redirect]) -> Result<(), Errno> {
    let mut messages = Vec::with_capacity(2 + redirects.len());
    let mut message = Message::new(NEWTABLE, CREATE, &FIXED);
    message.put_text(1, table);
    messages.push(message);
    let mut message = Message::new(NEWCHAIN, CREATE, &FIXED);
    message.put_text(1, table).put_text(3, "output").put_text(7, "nat").nest(4, |hook| {
        number(hook, 1, HOOK_LOCAL_OUT);
        hook.put(2, &PRIORITY_DSTNAT.to_be_bytes());
    });
    messages.push(message);
    for redirect in redirects {
        let mut message = Message::new(NEWRULE, CREATE | APPEND, &FIXED);
        message.put_text(1, table).put_text(2, "output").nest(4, |list| rule(list, redirect));
        messages.push(message);
    }
    transact(socket, messages)
}

/// `ip daddr ADDRESS meta l4proto PROTOCOL th dport FROM dnat to ADDRESS:TO`.
fn rule(list: &mut Message, redirect: &Redirect) {
    payload(list, NETWORK_HEADER, 16, 4);
    equals(list, &redirect.address.octets());
    expression(list, "meta", |data| {
        number(data, 2, META_L4PROTO);
        number(data, 1, REGISTER_1);
    });
    equals(list, &[redirect.protocol]);
    payload(list, TRANSPORT_HEADER, 2, 2);
    equals(list, &redirect.from.to_be_bytes());
    immediate(list, REGISTER_1, &redirect.address.octets());
    immediate(list, REGISTER_2, &redirect.to.to_be_bytes());
    expression(list, "nat", |data| {
        number(data, 1, NAT_DNAT);
        number(data, 2, u32::from(NFPROTO_IPV4));
        number(data, 3, REGISTER_1);
        number(data, 5, REGISTER_2);
    });
}

fn number(message: &mut Message, kind: u16, value: u32) {
    message.put(kind, &value.to_be_bytes());
}

fn expression(list: &mut Message, name: &str, fill: impl FnOnce(&mut Message)) {
    list.nest(1, |expression| {
        expression.put_text(1, name).nest(2, fill);
    });
}

fn payload(list: &mut Message, base: u32, offset: u32, length: u32) {
    expression(list, "payload", |data| {
        number(data, 1, REGISTER_1);
        number(data, 2, base);
        number(data, 3, offset);
        number(data, 4, length);
    });
}

fn equals(list: &mut Message, value: &[u8]) {
    expression(list, "cmp", |data| {
        number(data, 1, REGISTER_1);
        number(data, 2, 0);
        data.nest(3, |bytes| {
            bytes.put(1, value);
        });
    });
}

fn immediate(list: &mut Message, register: u32, value: &[u8]) {
    expression(list, "immediate", |data| {
        number(data, 1, register);
        data.nest(2, |bytes| {
            bytes.put(1, value);
        });
    });
}
