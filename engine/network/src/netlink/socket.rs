//! A netlink socket. It belongs to the network namespace of the thread that made it, for good.

use super::wire::{self, ACK, DUMP, Message};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};
use std::os::fd::{AsRawFd as _, OwnedFd};

/// `NLMSG_ERROR`: an answer with an error number, 0 for success.
const ERROR: u16 = 2;
/// `NLMSG_DONE`: the end of a dump.
const DONE: u16 = 3;
/// The kernel never sends a datagram larger than this when it is given a buffer of this size.
const BUFFER: usize = 64 * 1024;

/// A socket to one of the kernel's netlink families.
pub struct Socket {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Socket {
    /// A socket for links, addresses and routes of this thread's network namespace.
    pub fn route() -> Result<Self, Errno> {
        Self::open(SockProtocol::NetlinkRoute)
    }

    /// A socket for nftables of this thread's network namespace.
    pub fn netfilter() -> Result<Self, Errno> {
        Self::open(SockProtocol::NetlinkNetFilter)
    }

    fn open(protocol: SockProtocol) -> Result<Self, Errno> {
        let fd = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
        Ok(Self { fd, sequence: 0, buffer: vec![0; BUFFER] })
    }

    /// The number the next message goes under.
    pub(super) fn next_sequence(&mut self) -> u32 {
        self.sequence += 1;
        self.sequence
    }

    /// Sends finished messages in one datagram.
    pub(super) fn send(&self, bytes: &[u8]) -> Result<(), Errno> {
        sendto(self.fd.as_raw_fd(), bytes, &NetlinkAddr::new(0, 0), MsgFlags::empty()).map(drop)
    }

    /// Receives one datagram and gives each of its messages to `take`. With `wait` unset it fails with `EAGAIN`
    /// when there is none.
    pub(super) fn receive(
        &mut self,
        wait: bool,
        mut take: impl FnMut(wire::Received<'_>),
    ) -> Result<(), Errno> {
        let flags = if wait { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT };
        let length = loop {
            match recv(self.fd.as_raw_fd(), &mut self.buffer, flags) {
                Err(Errno::EINTR) => {}
                other => break other?,
            }
        };
        wire::messages(&self.buffer[..length]).for_each(&mut take);
        Ok(())
    }

    /// Asks for a change and waits for the kernel's verdict.
    pub(super) fn change(&mut self, build: impl FnOnce(u16) -> Message) -> Result<(), Errno> {
        self.ask(build(ACK), |_| ())
    }

    /// Asks for all objects of a kind; `take` gets each answer's kind and body.
    pub(super) fn dump(
        &mut self,
        build: impl FnOnce(u16) -> Message,
        take: impl FnMut(&wire::Received<'_>),
    ) -> Result<(), Errno> {
        self.ask(build(DUMP), take)
    }

    /// Sends a message that is answered by an acknowledgement or the end of a dump; `take` gets what comes before.
    pub(super) fn ask(
        &mut self,
        message: Message,
        mut take: impl FnMut(&wire::Received<'_>),
    ) -> Result<(), Errno> {
        let sequence = self.next_sequence();
        self.send(&message.finish(sequence))?;
        let mut verdict = None;
        while verdict.is_none() {
            self.receive(true, |received| {
                if received.sequence != sequence {
                    return;
                }
                match received.kind {
                    ERROR => verdict = Some(error_of(&received)),
                    DONE => verdict = Some(Ok(())),
                    _ => take(&received),
                }
            })?;
        }
        verdict.unwrap_or(Ok(()))
    }
}

/// The result that an error message carries.
pub(super) fn error_of(received: &wire::Received<'_>) -> Result<(), Errno> {
    match wire::u32_at(received.body, 0).map(|code| code as i32) {
        Some(0) | None => Ok(()),
        Some(code) => Err(Errno::from_raw(code.wrapping_neg())),
    }
}

/// Whether a message is a verdict.
pub(super) fn is_error(received: &wire::Received<'_>) -> bool {
    received.kind == ERROR
}
