//! Published ports that the firewall cannot lead to a container: it does not translate between IPv6 and IPv4, and the
//! kernel lets nothing leave the host that comes from `::1`. There the sockets that hold the ports take connections in,
//! and what they carry is passed on by whoever polls: `localhost`, which is `::1` first for many programs, reaches
//! every published port.

mod pipe;

use crate::connection;
use crate::interest::Interest;
use pipe::Pipe;
use rustix::net::listen;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};

/// Connections at a time; further ones wait in the kernel's queue.
const MOST: usize = 512;
/// Connections taken in one round, so that a flood leaves time for the supervisor's other work.
const ROUND: usize = 64;
/// Connections that may wait to be taken.
const QUEUE: i32 = 128;

/// A socket that holds a published port.
#[derive(Debug)]
pub struct Door {
    socket: OwnedFd,
    /// Where its connections are passed on to; `None` where the firewall leads them away before they come here.
    target: Option<SocketAddr>,
}

impl Door {
    /// A socket that holds a port, and for one that listens, where its connections go.
    pub(crate) fn new(socket: OwnedFd, target: Option<SocketAddr>) -> Self {
        Self { socket, target }
    }
}

/// The doors of a container that runs, and what passes through them. Poll `interests` and give each descriptor that
/// is ready to `ready`. Nothing happens by itself; a door whose connections the firewall leads is never polled.
#[derive(Default)]
pub struct Relay {
    held: Vec<OwnedFd>,
    open: Vec<(TcpListener, SocketAddr)>,
    pipes: Vec<Pipe>,
}

impl Relay {
    /// Holds more doors.
    pub fn extend(&mut self, doors: Vec<Door>) {
        for door in doors {
            match door.target {
                // It listens already: this only makes room for those who wait.
                Some(target) if listen(&door.socket, QUEUE).is_ok() => {
                    self.open.push((door.socket.into(), target));
                }
                _ => self.held.push(door.socket),
            }
        }
    }

    /// Gives all ports back and ends what passes.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many ports are held.
    pub fn len(&self) -> usize {
        self.held.len() + self.open.len()
    }

    /// Whether no port is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The descriptors to poll.
    pub fn interests(&self) -> Vec<Interest<'_>> {
        let mut all = Vec::with_capacity(self.open.len() + 2 * self.pipes.len());
        if self.pipes.len() < MOST {
            all.extend(self.open.iter().map(|(listener, _)| Interest::reading(listener.as_fd())));
        }
        self.pipes.iter().for_each(|pipe| pipe.interests(&mut all));
        all
    }

    /// A descriptor is ready. One that is none of the relay's, any more, is no failure.
    pub fn ready(&mut self, fd: RawFd) {
        if let Some((listener, target)) = self.open.iter().find(|(listener, _)| listener.as_raw_fd() == fd) {
            for _ in 0..ROUND.min(MOST.saturating_sub(self.pipes.len())) {
                let Ok((client, _)) = listener.accept() else { return };
                // One that cannot be passed on is closed.
                self.pipes.extend(connection::begin(*target).and_then(|server| Pipe::new(client, server)));
            }
        } else if let Some(position) = self.pipes.iter().position(|pipe| pipe.has(fd))
            && !self.pipes[position].advance()
        {
            self.pipes.swap_remove(position);
        }
    }
}
