//! The server: sockets inside a container's network namespace, served from outside by whoever polls them.

use super::answer::{Answer, Names, answer, is_second_of_pair, refusal};
use super::forward::{self, Forward};
use super::redirect::{self, redirect};
use super::stream::{self, Stream};
use crate::connection::pause_after;
use crate::error::{NetworkError, Result};
use crate::interest::Interest;
use crate::namespace::within;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

/// Where a container's `resolv.conf` sends its questions.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
/// Without a question for so long, what is kept open for the next one is closed.
const REST: Duration = Duration::from_secs(5);
/// Datagrams and connections handled in one round, so that one container's flood leaves time for its supervisor's
/// other work.
const ROUND: usize = 64;

/// A name server for one container. Poll `interests`, give each descriptor that is ready to `ready`, and call
/// `expire` when `next_deadline` has passed. Nothing happens by itself.
pub struct Resolver {
    udp: UdpSocket,
    tcp: TcpListener,
    names: Box<dyn Names + Send>,
    servers: Vec<SocketAddr>,
    forwards: Vec<Forward>,
    streams: Vec<Stream>,
    turn: usize,
    awake_until: Option<Instant>,
    /// Until when no connection is taken, as the kernel had no descriptor left.
    paused_until: Option<Instant>,
}

impl Resolver {
    /// Makes the sockets in a network namespace, whose loopback interface is up. `servers` are asked in order for
    /// what `names` does not know, from the caller's network namespace; with none, unknown names do not exist.
    pub fn new(
        namespace: BorrowedFd<'_>,
        names: Box<dyn Names + Send>,
        servers: Vec<SocketAddr>,
    ) -> Result<Self> {
        let (udp, tcp) = within(namespace, || {
            let failed = || NetworkError::io("listen for questions at 127.0.0.11 in the container");
            let listen = |port| {
                let udp = UdpSocket::bind((ADDRESS, port)).map_err(failed())?;
                Ok::<_, NetworkError>((udp, TcpListener::bind((ADDRESS, port)).map_err(failed())?))
            };
            let port = |address: std::io::Result<SocketAddr>| {
                address.map(|address| address.port()).map_err(failed())
            };
            let (udp, tcp) = listen(0)?;
            let (udp, tcp) = match redirect(ADDRESS, port(udp.local_addr())?, port(tcp.local_addr())?) {
                Ok(()) => (udp, tcp),
                // Without nftables in the kernel the server takes the port itself.
                Err(_) => listen(redirect::PORT)?,
            };
            udp.set_nonblocking(true).and_then(|()| tcp.set_nonblocking(true)).map_err(failed())?;
            Ok((udp, tcp))
        })?;
        Ok(Self {
            udp,
            tcp,
            names,
            servers,
            forwards: Vec::new(),
            streams: Vec::new(),
            turn: 0,
            awake_until: None,
            paused_until: None,
        })
    }

    /// The descriptors to poll.
    pub fn interests(&self) -> Vec<Interest<'_>> {
        let mut all = Vec::with_capacity(2 + self.forwards.len() + self.streams.len());
        all.push(Interest::reading(self.udp.as_fd()));
        if self.paused_until.is_none() {
            all.push(Interest::reading(self.tcp.as_fd()));
        }
        all.extend(self.forwards.iter().map(|forward| Interest::reading(forward.as_fd())));
        self.streams.iter().for_each(|stream| stream.interests(&mut all));
        all
    }

    /// When `expire` is to be called, unless something comes first; `None` while nothing waits.
    pub fn next_deadline(&self) -> Option<Instant> {
        let forwards = self.forwards.iter().map(|forward| forward.deadline);
        let streams = self.streams.iter().map(|stream| stream.deadline);
        forwards.chain(streams).chain(self.awake_until).chain(self.paused_until).min()
    }

    /// A descriptor is ready. One that is none of the resolver's, any more, is no failure.
    pub fn ready(&mut self, fd: RawFd, now: Instant) {
        if fd == self.udp.as_raw_fd() {
            self.receive(now);
        } else if fd == self.tcp.as_raw_fd() {
            self.accept(now);
        } else if let Some(position) =
            self.forwards.iter().position(|forward| forward.as_fd().as_raw_fd() == fd)
        {
            self.pass_back(position, now);
        } else if let Some(position) = self.streams.iter().position(|stream| stream.has(fd)) {
            self.awake_until = Some(now + REST);
            let stream = &mut self.streams[position];
            if !stream.advance(self.names.as_mut(), &mut self.turn, &self.servers, now) {
                self.streams.swap_remove(position);
            }
        }
    }

    /// Time has passed: silent servers are passed over, idle connections closed.
    pub fn expire(&mut self, now: Instant) {
        let (late, waiting): (Vec<_>, Vec<_>) =
            self.forwards.drain(..).partition(|forward| forward.deadline <= now);
        self.forwards = waiting;
        for forward in late {
            self.try_next(forward, now);
        }
        self.streams.retain(|stream| stream.deadline > now);
        self.paused_until = self.paused_until.filter(|until| *until > now);
        if self.awake_until.is_some_and(|until| until <= now) {
            self.awake_until = None;
            self.names.rest();
        }
    }

    fn receive(&mut self, now: Instant) {
        let mut buffer = [0; 4096];
        for _ in 0..ROUND {
            let Ok((length, client)) = self.udp.recv_from(&mut buffer) else { return };
            let query = &buffer[..length];
            self.turn = self.turn.wrapping_add(usize::from(!is_second_of_pair(query)));
            self.awake_until = Some(now + REST);
            let reply = match answer(query, self.names.as_mut(), self.turn, false) {
                Answer::Reply(reply) => Some(reply),
                Answer::Ignore => None,
                Answer::Forward if self.forwards.len() >= forward::MOST => refusal(query, false),
                Answer::Forward => match Forward::ask(client, query.to_vec(), &self.servers, 0, now) {
                    Some(forward) => {
                        self.forwards.push(forward);
                        None
                    }
                    None => refusal(query, self.servers.is_empty()),
                },
            };
            if let Some(reply) = reply {
                // An asker that is gone, or whose buffer is full, asks again.
                let _ = self.udp.send_to(&reply, client);
            }
        }
    }

    fn accept(&mut self, now: Instant) {
        for _ in 0..ROUND {
            match self.tcp.accept() {
                Ok((client, _)) if self.streams.len() < stream::MOST => {
                    self.streams.extend(Stream::new(client, now));
                }
                Ok(_) => {}
                Err(error) => {
                    self.paused_until = pause_after(&error, now);
                    return;
                }
            }
        }
    }

    fn pass_back(&mut self, position: usize, now: Instant) {
        // An asker may have said that it takes the largest datagram there is.
        let mut buffer = vec![0; 65_536];
        let forward = &self.forwards[position];
        match forward.receive(&mut buffer) {
            Ok(None) => {}
            Ok(Some(reply)) => {
                let _ = self.udp.send_to(reply, forward.client);
                self.forwards.swap_remove(position);
            }
            Err(_) => {
                let forward = self.forwards.swap_remove(position);
                self.try_next(forward, now);
            }
        }
    }

    fn try_next(&mut self, forward: Forward, now: Instant) {
        let (client, query) = (forward.client, forward.query.clone());
        match forward.ask_next(&self.servers, now) {
            Some(next) => self.forwards.push(next),
            None => {
                if let Some(reply) = refusal(&query, false) {
                    let _ = self.udp.send_to(&reply, client);
                }
            }
        }
    }
}
