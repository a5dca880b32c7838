//! Published ports that the firewall cannot lead to a container: it does not translate between IPv6 and IPv4, and the
//! kernel lets nothing leave the host that comes from `::1`. There the sockets that hold the ports take connections and
//! datagrams in, and what they carry is passed on by whoever polls: `localhost`, which is `::1` first for many programs,
//! reaches every published port.

mod datagrams;
mod pipe;

use crate::connection::{self, pause_after};
use crate::interest::Interest;
use datagrams::Datagrams;
use pipe::Pipe;
use rustix::net::listen;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::time::Instant;
use teu_api::container::PortProtocol;

/// Connections at a time; further ones wait in the kernel's queue. Each takes two of the supervisor's descriptors, of
/// which it has a thousand.
const MOST: usize = 256;
/// Connections or datagrams taken in one round, so that a flood leaves time for the supervisor's other work.
const ROUND: usize = 64;
/// Connections that may wait to be taken.
const QUEUE: i32 = 128;

/// A socket that holds a published port.
#[derive(Debug)]
pub struct Door {
    socket: OwnedFd,
    protocol: PortProtocol,
    /// Where what comes is passed on to; `None` where the firewall leads it away before it comes here.
    target: Option<SocketAddr>,
}

impl Door {
    /// A socket that holds a port, and where what comes to it goes.
    pub(crate) fn new(socket: OwnedFd, protocol: PortProtocol, target: Option<SocketAddr>) -> Self {
        Self { socket, protocol, target }
    }
}

/// The doors of a container that runs, and what passes through them. Poll `interests`, give each descriptor that is
/// ready to `ready`, and call `expire` when `next_deadline` has passed. Nothing happens by itself; a door whose traffic
/// the firewall leads is never polled.
#[derive(Default)]
pub struct Relay {
    held: Vec<OwnedFd>,
    open: Vec<(TcpListener, SocketAddr)>,
    pipes: Vec<Pipe>,
    datagrams: Datagrams,
    paused_until: Option<Instant>,
}

impl Relay {
    /// Holds more doors.
    pub fn extend(&mut self, doors: Vec<Door>) {
        for Door { socket, protocol, target } in doors {
            match (protocol, target) {
                // It listens already: this only makes room for those who wait.
                (PortProtocol::Tcp, Some(target)) if listen(&socket, QUEUE).is_ok() => {
                    self.open.push((socket.into(), target));
                }
                (PortProtocol::Udp, Some(target)) => self.datagrams.open(socket.into(), target),
                _ => self.held.push(socket),
            }
        }
    }

    /// Gives all ports back and ends what passes.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many ports are held.
    pub fn len(&self) -> usize {
        self.held.len() + self.open.len() + self.datagrams.len()
    }

    /// Whether no port is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The descriptors to poll.
    pub fn interests(&self) -> Vec<Interest<'_>> {
        let mut all = Vec::with_capacity(self.open.len() + 2 * self.pipes.len());
        if self.pipes.len() < MOST && self.paused_until.is_none() {
            all.extend(self.open.iter().map(|(listener, _)| Interest::reading(listener.as_fd())));
        }
        self.pipes.iter().for_each(|pipe| pipe.interests(&mut all));
        self.datagrams.interests(&mut all);
        all
    }

    /// When `expire` is to be called, unless something comes first; `None` while nothing waits.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.datagrams.next_deadline().into_iter().chain(self.paused_until).min()
    }

    /// Time has passed: askers that say nothing any more are forgotten.
    pub fn expire(&mut self, now: Instant) {
        self.datagrams.expire(now);
        self.paused_until = self.paused_until.filter(|until| *until > now);
    }

    /// A descriptor is ready. One that is none of the relay's, any more, is no failure.
    pub fn ready(&mut self, fd: RawFd, now: Instant) {
        if let Some((listener, target)) = self.open.iter().find(|(listener, _)| listener.as_raw_fd() == fd) {
            for _ in 0..ROUND.min(MOST.saturating_sub(self.pipes.len())) {
                match listener.accept() {
                    // One that cannot be passed on is closed.
                    Ok((client, _)) => self
                        .pipes
                        .extend(connection::begin(*target).and_then(|server| Pipe::new(client, server))),
                    Err(error) => {
                        self.paused_until = pause_after(&error, now);
                        return;
                    }
                }
            }
        } else if let Some(position) = self.pipes.iter().position(|pipe| pipe.has(fd)) {
            if !self.pipes[position].advance() {
                self.pipes.swap_remove(position);
            }
        } else {
            self.datagrams.ready(fd, now);
        }
    }
}
