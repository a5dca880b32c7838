//! The client's side of one connection.

use super::frame::{self, Inbox, Kind};
use super::{Message, Request, SOCKET_NAME};
use crate::error::Context;
use crate::{Result, SupervisorError};
use rustix::fs::{Mode, OFlags};
use rustix::net::RecvFlags;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// How much is read at a time.
const READ_SIZE: usize = 64 << 10;

/// One connection to a supervisor: blocking, for one client.
#[derive(Debug)]
pub struct Connection {
    sender: Sender,
    inbox: Inbox,
    buffer: Vec<u8>,
}

/// The sending half of a connection, for a thread of its own.
#[derive(Debug)]
pub struct Sender {
    stream: UnixStream,
}

/// What a look at a connection found.
#[derive(Clone, PartialEq, Debug)]
pub enum Received {
    /// A message.
    Message(Message),
    /// Nothing yet.
    Pending,
    /// The supervisor has closed the connection.
    Closed,
}

impl Connection {
    /// Connects to the supervisor of the container whose runtime folder this is.
    pub fn connect(run_dir: &Path) -> Result<Self> {
        // The folder may be deeper than the 108 bytes a socket address holds: name it through its descriptor.
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = match rustix::fs::open(run_dir, flags, Mode::empty()) {
            Ok(folder) => folder,
            Err(rustix::io::Errno::NOENT) => return Err(SupervisorError::NotRunning),
            Err(error) => return Err(error).context("open", run_dir),
        };
        let address = format!("/proc/self/fd/{}/{SOCKET_NAME}", folder.as_raw_fd());
        match UnixStream::connect(address) {
            Ok(stream) => Ok(Self::from_stream(stream)),
            // Nobody listens: the socket's file is what a killed supervisor left behind.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                Err(SupervisorError::NotRunning)
            }
            Err(error) => Err(error).context("connect to", &run_dir.join(SOCKET_NAME)),
        }
    }

    /// A connection over a stream that is connected already.
    pub fn from_stream(stream: UnixStream) -> Self {
        Self { sender: Sender { stream }, inbox: Inbox::default(), buffer: Vec::new() }
    }

    /// A sender for another thread.
    pub fn sender(&self) -> Result<Sender> {
        self.sender.try_clone()
    }

    /// Sends a request.
    pub fn send(&mut self, request: &Request) -> Result<()> {
        self.sender.send(request)
    }

    /// Sends bytes for the attached session's standard input.
    pub fn send_data(&mut self, bytes: &[u8]) -> Result<()> {
        self.sender.send_data(bytes)
    }

    /// Waits for the next message; `None` when the supervisor has closed the connection.
    pub fn recv(&mut self) -> Result<Option<Message>> {
        loop {
            if let Some(message) = self.next_buffered()? {
                return Ok(Some(message));
            }
            if self.fill(RecvFlags::empty())? == Some(0) {
                return Ok(None);
            }
        }
    }

    /// The next message if it is here already: what a poll loop calls until it says `Pending`.
    pub fn try_recv(&mut self) -> Result<Received> {
        loop {
            if let Some(message) = self.next_buffered()? {
                return Ok(Received::Message(message));
            }
            match self.fill(RecvFlags::DONTWAIT)? {
                Some(0) => return Ok(Received::Closed),
                Some(_) => {}
                None => return Ok(Received::Pending),
            }
        }
    }

    /// Sends a request and waits for its answer. A refusal is an error, and so is a supervisor that goes away.
    pub fn request(&mut self, request: &Request) -> Result<Message> {
        self.send(request)?;
        match self.recv()? {
            Some(Message::Failed(failure) | Message::StartFailed(failure)) => {
                Err(SupervisorError::Refused(failure))
            }
            Some(message) => Ok(message),
            None => Err(SupervisorError::Protocol("the supervisor ended before it answered".to_owned())),
        }
    }

    fn next_buffered(&mut self) -> Result<Option<Message>> {
        self.inbox.next()?.map(Message::decode).transpose()
    }

    /// Reads what there is; `None` when that would block.
    fn fill(&mut self, flags: RecvFlags) -> Result<Option<usize>> {
        self.buffer.resize(READ_SIZE, 0);
        loop {
            match rustix::net::recv(&self.sender.stream, self.buffer.as_mut_slice(), flags) {
                Ok((length, _)) => {
                    self.inbox.push(&self.buffer[..length]);
                    return Ok(Some(length));
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Ok(None),
                // A supervisor killed with our bytes unread resets the connection: its end all the same.
                Err(rustix::io::Errno::CONNRESET) => return Ok(Some(0)),
                Err(error) => return Err(error).doing("read from the supervisor"),
            }
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.sender.stream.as_fd()
    }
}

impl Sender {
    /// Sends a request.
    pub fn send(&mut self, request: &Request) -> Result<()> {
        let mut wire = Vec::new();
        request.encode(&mut wire)?;
        self.write(&wire)
    }

    /// Sends bytes for the attached session's standard input.
    pub fn send_data(&mut self, bytes: &[u8]) -> Result<()> {
        let mut wire = Vec::with_capacity(bytes.len() + frame::HEADER);
        frame::append(&mut wire, Kind::Stdin, bytes);
        self.write(&wire)
    }

    /// Another sender of the same connection.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self { stream: self.stream.try_clone().doing("copy a socket")? })
    }

    fn write(&mut self, wire: &[u8]) -> Result<()> {
        self.stream.write_all(wire).doing("write to the supervisor")
    }
}

impl AsFd for Sender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_api::SessionId;

    #[test]
    fn a_missing_supervisor_is_told_as_not_running() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Connection::connect(folder.path()), Err(SupervisorError::NotRunning)));
        let absent = folder.path().join("absent");
        assert!(matches!(Connection::connect(&absent), Err(SupervisorError::NotRunning)));
    }

    #[test]
    fn a_socket_below_a_very_long_path_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(120)).join("e".repeat(120));
        std::fs::create_dir_all(&deep).unwrap();
        let listener = crate::presence::listen(&deep).unwrap();
        let mut client = Connection::connect(&deep).unwrap();
        let (server, _) = listener.accept().unwrap();
        let mut server = Connection::from_stream(server);
        client.send(&Request::Sessions).unwrap();
        server.fill(RecvFlags::empty()).unwrap();
        let frame = server.inbox.next().unwrap().unwrap();
        assert_eq!(Request::decode(&frame.payload).unwrap(), Request::Sessions);
    }

    #[test]
    fn messages_arrive_whole_and_closing_is_seen() {
        let (near, mut far) = UnixStream::pair().unwrap();
        let mut client = Connection::from_stream(near);
        assert_eq!(client.try_recv().unwrap(), Received::Pending);
        let mut wire = Vec::new();
        Message::Stdout(b"hello".to_vec()).encode(&mut wire).unwrap();
        let exited = Message::Exited { session: SessionId(3), code: 137, signal: Some(9), oom: true };
        exited.encode(&mut wire).unwrap();
        far.write_all(&wire).unwrap();
        assert_eq!(client.recv().unwrap(), Some(Message::Stdout(b"hello".to_vec())));
        assert_eq!(client.try_recv().unwrap(), Received::Message(exited));
        drop(far);
        assert_eq!(client.try_recv().unwrap(), Received::Closed);
        assert_eq!(client.recv().unwrap(), None);
    }
}
