//! One connection by TCP: a question of at most 64 KiB behind its length (RFC 1035, 4.2.2), answered here or passed
//! on to a server, then the next one.

use super::answer::{Answer, Names, answer, is_second_of_pair, refusal};
use crate::connection::{begin, is_early};
use crate::interest::Interest;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd as _, AsRawFd as _, RawFd};
use std::time::{Duration, Instant};

/// How long a question may take to come, or its answer to be ready: a connection is not kept by pieces of one.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many connections there may be at a time; more are closed at once.
pub(super) const MOST: usize = 32;
/// Bytes of the length before each message.
const LENGTH: usize = 2;

/// A connection.
pub(super) struct Stream {
    /// When it is closed unless a whole message comes or goes.
    pub deadline: Instant,
    client: TcpStream,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    server: Option<Server>,
}

struct Server {
    socket: TcpStream,
    number: usize,
    query: Vec<u8>,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
}

impl Stream {
    pub(super) fn new(client: TcpStream, now: Instant) -> Option<Self> {
        client.set_nonblocking(true).ok()?;
        Some(Self {
            deadline: now + PATIENCE,
            client,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            server: None,
        })
    }

    pub(super) fn interests<'a>(&'a self, into: &mut Vec<Interest<'a>>) {
        let writing = !self.outgoing.is_empty();
        // While one question is answered the next is not read: the asker cannot fill our memory. An end that nothing
        // can be done with is left out: its breaking would wake us for ever.
        let reading = self.server.is_none() && !writing;
        if reading || writing {
            into.push(Interest { fd: self.client.as_fd(), read: reading, write: writing });
        }
        if let Some(server) = &self.server {
            into.push(Interest { fd: server.socket.as_fd(), read: true, write: !server.outgoing.is_empty() });
        }
    }

    pub(super) fn has(&self, fd: RawFd) -> bool {
        self.client.as_raw_fd() == fd
            || self.server.as_ref().is_some_and(|server| server.socket.as_raw_fd() == fd)
    }

    /// Goes on as far as possible; `false` when the connection is over.
    pub(super) fn advance(
        &mut self,
        names: &mut dyn Names,
        turn: &mut usize,
        servers: &[SocketAddr],
        now: Instant,
    ) -> bool {
        if !self.advance_server(servers, now) || !flush(&mut self.client, &mut self.outgoing) {
            return false;
        }
        if self.server.is_some() || !self.outgoing.is_empty() {
            return true;
        }
        let open = fill(&mut self.client, &mut self.incoming);
        while let Some(query) = take_message(&mut self.incoming) {
            self.deadline = now + PATIENCE;
            *turn = turn.wrapping_add(usize::from(!is_second_of_pair(&query)));
            match answer(&query, names, *turn, true) {
                Answer::Reply(reply) => self.reply(&reply),
                Answer::Ignore => return false,
                Answer::Forward => {
                    self.server = Server::ask(query.clone(), servers, 0);
                    if self.server.is_some() {
                        break;
                    }
                    match refusal(&query, servers.is_empty()) {
                        Some(reply) => self.reply(&reply),
                        None => return false,
                    }
                }
            }
        }
        flush(&mut self.client, &mut self.outgoing)
            && (open || self.server.is_some() || !self.outgoing.is_empty())
    }

    fn reply(&mut self, message: &[u8]) {
        self.outgoing.extend_from_slice(&(message.len() as u16).to_be_bytes());
        self.outgoing.extend_from_slice(message);
    }

    fn advance_server(&mut self, servers: &[SocketAddr], now: Instant) -> bool {
        let Some(mut server) = self.server.take() else { return true };
        let alive =
            flush(&mut server.socket, &mut server.outgoing) && fill(&mut server.socket, &mut server.incoming);
        if let Some(reply) = take_message(&mut server.incoming) {
            self.deadline = now + PATIENCE;
            self.reply(&reply);
        } else if alive {
            self.server = Some(server);
        } else {
            let query = server.query;
            self.server = Server::ask(query.clone(), servers, server.number + 1);
            if self.server.is_none() {
                match refusal(&query, false) {
                    Some(reply) => self.reply(&reply),
                    None => return false,
                }
            }
        }
        true
    }
}

impl Server {
    /// Begins to ask the first server that can be asked, beginning at a number.
    fn ask(query: Vec<u8>, servers: &[SocketAddr], first: usize) -> Option<Self> {
        for (number, address) in servers.iter().enumerate().skip(first) {
            if let Some(socket) = begin(*address) {
                let mut outgoing = (query.len() as u16).to_be_bytes().to_vec();
                outgoing.extend_from_slice(&query);
                return Some(Self { socket, number, query, outgoing, incoming: Vec::new() });
            }
        }
        None
    }
}

/// Writes what can be written; `false` when the connection is broken.
fn flush(stream: &mut TcpStream, outgoing: &mut Vec<u8>) -> bool {
    while !outgoing.is_empty() {
        match stream.write(outgoing) {
            Ok(0) => return false,
            Ok(written) => drop(outgoing.drain(..written)),
            Err(error) if is_early(&error) => return true,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    true
}

/// Reads what is there, up to one whole message of the largest size; `false` at the end or when it is broken.
fn fill(stream: &mut TcpStream, incoming: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4096];
    while incoming.len() <= usize::from(u16::MAX) + LENGTH {
        match stream.read(&mut buffer) {
            Ok(0) => return false,
            Ok(length) => incoming.extend_from_slice(&buffer[..length]),
            Err(error) if is_early(&error) => return true,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    true
}

/// Takes a whole message off the front.
fn take_message(incoming: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = usize::from(u16::from_be_bytes([*incoming.first()?, *incoming.get(1)?]));
    let message = incoming.get(LENGTH..LENGTH + length)?.to_vec();
    incoming.drain(..LENGTH + length);
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, TcpListener};

    struct Nobody;

    impl Names for Nobody {
        fn addresses(&mut self, _: &str) -> Option<Vec<IpAddr>> {
            None
        }

        fn name_of(&mut self, _: IpAddr) -> Option<String> {
            None
        }
    }

    /// A question for the A record of `x`, behind its length.
    const QUESTION: [u8; 21] = [0, 19, 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'x', 0, 0, 1, 0, 1];

    fn connection(now: Instant) -> (TcpStream, Stream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let asker = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (asker, Stream::new(listener.accept().unwrap().0, now).unwrap())
    }

    fn advance(stream: &mut Stream, servers: &[SocketAddr], now: Instant) -> bool {
        // What was written before is there when it can be read.
        stream.client.set_nonblocking(false).unwrap();
        stream.client.peek(&mut [0]).unwrap();
        stream.client.set_nonblocking(true).unwrap();
        stream.advance(&mut Nobody, &mut 0, servers, now)
    }

    #[test]
    fn an_asker_that_breaks_off_while_a_server_thinks_wakes_nobody() {
        let now = Instant::now();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let servers = [silent.local_addr().unwrap()];
        let (mut asker, mut stream) = connection(now);
        asker.write_all(&QUESTION).unwrap();
        assert!(advance(&mut stream, &servers, now) && stream.server.is_some());
        rustix::net::sockopt::set_socket_linger(&asker, Some(Duration::ZERO)).unwrap();
        drop(asker);
        let mut interests = Vec::new();
        stream.interests(&mut interests);
        let client = stream.client.as_raw_fd();
        assert!(interests.iter().all(|interest| interest.fd.as_raw_fd() != client));
        assert_eq!(stream.deadline, now + PATIENCE, "and the server is not waited for without end");
    }

    #[test]
    fn a_question_in_drops_does_not_keep_a_connection() {
        let begin = Instant::now();
        let (mut asker, mut stream) = connection(begin);
        for (second, byte) in (1..).zip(&QUESTION[..20]) {
            asker.write_all(&[*byte]).unwrap();
            assert!(advance(&mut stream, &[], begin + Duration::from_secs(second)));
        }
        assert_eq!(stream.deadline, begin + PATIENCE);
        asker.write_all(&QUESTION[20..]).unwrap();
        let end = begin + Duration::from_secs(9);
        assert!(advance(&mut stream, &[], end));
        assert_eq!(stream.deadline, end + PATIENCE);
    }
}
