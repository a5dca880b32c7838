//! Questions that came by UDP and wait for a server's answer.

use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::{Duration, Instant};

/// How long one server is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many questions may wait at a time; more are refused.
pub(super) const MOST: usize = 192;

/// A question that waits.
pub(super) struct Forward {
    /// Who asked.
    pub client: SocketAddr,
    /// The question.
    pub query: Vec<u8>,
    /// When the next server is asked.
    pub deadline: Instant,
    socket: UdpSocket,
    server: usize,
}

impl Forward {
    /// Asks the first server that can be asked, beginning at number `server`; `None` when there is none left. Each
    /// question has a socket of its own, connected, so that the kernel picks its port at random and drops answers of
    /// others.
    pub(super) fn ask(
        client: SocketAddr,
        query: Vec<u8>,
        servers: &[SocketAddr],
        server: usize,
        now: Instant,
    ) -> Option<Self> {
        for (number, address) in servers.iter().enumerate().skip(server) {
            if let Ok(socket) = open(*address).and_then(|socket| socket.send(&query).map(|_| socket)) {
                return Some(Self { client, query, deadline: now + PATIENCE, socket, server: number });
            }
        }
        None
    }

    /// Asks the next server.
    pub(super) fn ask_next(self, servers: &[SocketAddr], now: Instant) -> Option<Self> {
        Self::ask(self.client, self.query, servers, self.server + 1, now)
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// The answer, if it has come; an error when this server cannot be reached.
    pub(super) fn receive<'a>(&self, buffer: &'a mut [u8]) -> std::io::Result<Option<&'a [u8]>> {
        match self.socket.recv(buffer) {
            // Only an answer to this question; others are waited past.
            Ok(length) if length >= 12 && buffer[..2] == self.query[..2] && buffer[2] & 0x80 != 0 => {
                Ok(Some(&buffer[..length]))
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn open(server: SocketAddr) -> std::io::Result<UdpSocket> {
    let family = if server.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::DGRAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    connect(&socket, &server)?;
    Ok(socket.into())
}
