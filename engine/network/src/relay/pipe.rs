//! One connection that is passed on: two flows, each with a buffer of its own, so that a slow reader holds up its
//! writer and not our memory.

use crate::connection::is_early;
use crate::interest::Interest;
use rustix::net::sockopt::set_socket_keepalive;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::Range;
use std::os::fd::{AsFd as _, AsRawFd as _, RawFd};

/// Bytes that a flow holds at most.
const BUFFER: usize = 64 * 1024;
/// Buffers passed on in one round, so that a fast flow leaves time for others.
const ROUND: usize = 16;

/// A connection that came in, and the one that it is passed on by.
pub(super) struct Pipe {
    client: TcpStream,
    server: TcpStream,
    /// Until then the server's end tells by being writable that it is connected, or is not going to be.
    connected: bool,
    there: Flow,
    back: Flow,
}

/// One direction.
#[derive(Default)]
struct Flow {
    bytes: Vec<u8>,
    /// The part of the bytes that waits to be written.
    waiting: Range<usize>,
    /// The writer has said that nothing more comes.
    ended: bool,
    /// The reader has been told.
    closed: bool,
}

impl Pipe {
    /// Passes a client on to a server that it is being connected to.
    pub(super) fn new(client: TcpStream, server: TcpStream) -> Option<Self> {
        client.set_nonblocking(true).ok()?;
        // What comes in pieces goes on in pieces, without waiting for more.
        client.set_nodelay(true).ok()?;
        server.set_nodelay(true).ok()?;
        // An end that went away without a word does not keep its place for ever.
        for end in [&client, &server] {
            set_socket_keepalive(end, true).ok()?;
        }
        Some(Self { client, server, connected: false, there: Flow::default(), back: Flow::default() })
    }

    /// Adds what it waits for. An end that nothing can be done with is left out: its breaking would wake us for ever.
    pub(super) fn interests<'a>(&'a self, into: &mut Vec<Interest<'a>>) {
        let ends = if self.connected {
            [(&self.client, &self.there, &self.back), (&self.server, &self.back, &self.there)]
                .map(|(end, from, to)| (end, from.wants_more(), to.has_waiting()))
        } else {
            [(&self.client, false, false), (&self.server, false, true)]
        };
        for (end, read, write) in ends.into_iter().filter(|(_, read, write)| *read || *write) {
            into.push(Interest { fd: end.as_fd(), read, write });
        }
    }

    pub(super) fn has(&self, fd: RawFd) -> bool {
        self.client.as_raw_fd() == fd || self.server.as_raw_fd() == fd
    }

    /// Goes on as far as possible; `false` when the connection is over.
    pub(super) fn advance(&mut self) -> bool {
        if !self.connected {
            match self.server.take_error() {
                Ok(None) => self.connected = true,
                _ => return false,
            }
        }
        let there = self.there.advance(&mut self.client, &mut self.server, TcpStream::shutdown);
        let back = self.back.advance(&mut self.server, &mut self.client, TcpStream::shutdown);
        there.is_ok() && back.is_ok() && !(self.there.closed && self.back.closed)
    }
}

impl Flow {
    fn wants_more(&self) -> bool {
        !self.ended && self.waiting.is_empty()
    }

    fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn advance<R: Read, W: Write>(
        &mut self,
        from: &mut R,
        to: &mut W,
        end: impl Fn(&W, Shutdown) -> io::Result<()>,
    ) -> io::Result<()> {
        for _ in 0..ROUND {
            if self.wants_more() {
                self.bytes.resize(BUFFER, 0);
                match from.read(&mut self.bytes) {
                    Ok(0) => self.ended = true,
                    Ok(length) => self.waiting = 0..length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) if is_early(&error) => break,
                    Err(error) => return Err(error),
                }
            }
            while self.has_waiting() {
                match to.write(&self.bytes[self.waiting.clone()]) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(length) => self.waiting.start += length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if is_early(&error) => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
            if self.ended {
                if !self.closed {
                    self.closed = true;
                    end(to, Shutdown::Write)?;
                }
                break;
            }
        }
        // A quiet connection keeps no memory.
        if !self.has_waiting() {
            self.bytes = Vec::new();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::collections::VecDeque;

    /// Takes so many bytes, then none until it is given room again.
    struct Narrow {
        taken: Vec<u8>,
        room: usize,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let length = bytes.len().min(self.room);
            self.room -= length;
            self.taken.extend_from_slice(&bytes[..length]);
            if length == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(length) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_reader_gets_all_in_order_and_then_the_end() {
        let text: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
        let mut from = VecDeque::from(text.clone());
        let mut to = Narrow { taken: Vec::new(), room: 0 };
        let mut flow = Flow::default();
        let told = Cell::new(false);
        for _ in 0..1000 {
            to.room = 1234;
            flow.advance(&mut from, &mut to, |_, _| {
                told.set(true);
                Ok(())
            })
            .unwrap();
            assert!(flow.bytes.len() <= BUFFER);
        }
        assert!(told.get() && flow.closed && flow.bytes.is_empty());
        assert_eq!(to.taken, text);
    }

    #[test]
    fn the_end_waits_for_what_came_before() {
        let mut from = io::Cursor::new(b"last words".to_vec());
        let mut to = Narrow { taken: Vec::new(), room: 4 };
        let mut flow = Flow::default();
        flow.advance(&mut from, &mut to, |_, _| Ok(())).unwrap();
        assert!(!flow.closed && flow.has_waiting());
        to.room = 100;
        flow.advance(&mut from, &mut to, |_, _| Ok(())).unwrap();
        assert!(flow.closed);
        assert_eq!(to.taken, b"last words");
    }
}
