//! One client: what it sent, what it has not read yet, and what it is attached to.

use super::{Phase, Supervisor, complain};
use crate::Result;
use crate::protocol::frame::{self, Inbox, Kind};
use crate::protocol::{Message, Request};
use rustix::event::PollFlags;
use rustix::io::{Errno, IoSlice};
use rustix::net::{RecvFlags, SendFlags};
use std::os::unix::net::UnixStream;
use std::time::Instant;
use teu_api::event::LogStream;
use teu_api::{Failure, SessionId};
use teu_network::pause_after;

/// Names a client for as long as the supervisor runs.
pub type ClientKey = u64;

/// Bytes that wait for a client to read them, or for a session to read them, before the sender has to wait.
pub const BUFFER_LIMIT: usize = 256 << 10;

/// Clients at a time: more are refused, since each costs memory.
const MAX_CLIENTS: usize = 256;

/// A client's place in a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attachment {
    /// Which session.
    pub session: SessionId,
    /// Whether it types.
    pub stdin: bool,
    /// Whether it reads standard output.
    pub stdout: bool,
    /// Whether it reads standard error.
    pub stderr: bool,
    /// Whether it is resynchronized when it lags.
    pub lossy: bool,
}

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    inbox: Inbox,
    outbox: Vec<u8>,
    sent: usize,
    attachment: Option<Attachment>,
    /// Whether output was left out because it lagged.
    lags: bool,
    /// Sessions whose end it asked to be told.
    pub waits_for: Vec<SessionId>,
}

impl Client {
    /// The socket, to poll.
    pub fn stream(&self) -> &UnixStream {
        &self.stream
    }

    /// What it is attached to.
    pub fn attachment(&self) -> Option<Attachment> {
        self.attachment
    }

    /// Whether it has something to read that the socket did not take yet.
    pub fn has_output(&self) -> bool {
        self.sent < self.outbox.len()
    }

    /// Whether it must have read more before this session may go on.
    pub fn holds_up(&self, session: SessionId) -> bool {
        self.outbox.len() - self.sent >= BUFFER_LIMIT
            && self.attachment.is_some_and(|attachment| attachment.session == session && !attachment.lossy)
    }

    /// Queues a message.
    pub fn tell(&mut self, message: &Message) {
        if let Err(error) = message.encode(&mut self.outbox) {
            complain("cannot answer a client", &error.into());
        }
    }

    /// Sends output straight from where it was read, and queues what the socket does not take.
    pub fn send_output(&mut self, stream: LogStream, bytes: &[u8]) {
        let Some(attachment) = self.attachment else { return };
        let kind = match stream {
            LogStream::Stdout if attachment.stdout => Kind::Stdout,
            LogStream::Stderr if attachment.stderr => Kind::Stderr,
            _ => return,
        };
        if self.lags {
            return;
        }
        let waiting = self.outbox.len() - self.sent;
        if attachment.lossy && waiting >= BUFFER_LIMIT {
            self.lags = true;
            return;
        }
        let header = frame::header(kind, bytes.len());
        let taken = if waiting > 0 {
            0
        } else {
            let pieces = [IoSlice::new(&header), IoSlice::new(bytes)];
            let mut control = rustix::net::SendAncillaryBuffer::default();
            let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
            // An error comes again when the rest is sent, and is dealt with there.
            rustix::net::sendmsg(&self.stream, &pieces, &mut control, flags).unwrap_or(0)
        };
        self.outbox.extend_from_slice(&header[taken.min(header.len())..]);
        self.outbox.extend_from_slice(&bytes[taken.saturating_sub(header.len())..]);
    }

    /// Sends what is queued. An error means that the client is gone.
    fn flush(&mut self) -> Result<(), Errno> {
        while self.has_output() {
            let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
            match rustix::net::send(&self.stream, &self.outbox[self.sent..], flags) {
                Ok(length) => self.sent += length,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        self.outbox = Vec::new();
        self.sent = 0;
        Ok(())
    }
}

impl Supervisor {
    /// Accepts whoever is waiting, if they may talk to us.
    pub(super) fn accept_clients(&mut self) {
        while let Some((listener, _)) = &self.presence {
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) => {
                    self.paused_until = pause_after(&error, Instant::now());
                    return;
                }
            };
            let may = rustix::net::sockopt::socket_peercred(&stream)
                .is_ok_and(|peer| peer.uid.is_root() || peer.uid == rustix::process::geteuid());
            if may && self.clients.len() < MAX_CLIENTS && stream.set_nonblocking(true).is_ok() {
                self.add_client(stream);
            }
        }
    }

    pub(super) fn add_client(&mut self, stream: UnixStream) {
        let client = Client {
            stream,
            inbox: Inbox::default(),
            outbox: Vec::new(),
            sent: 0,
            attachment: None,
            lags: false,
            waits_for: Vec::new(),
        };
        self.clients.insert(self.next_client, client);
        self.next_client += 1;
    }

    /// Reads what a client sent and does it. A client that lies about lengths or kinds is dropped.
    pub(super) fn serve_client(&mut self, key: ClientKey, events: PollFlags) {
        if events.intersects(PollFlags::IN) {
            if let Err(reason) = self.read_requests(key) {
                if let Some(failure) = reason {
                    complain("a client was dropped", &failure);
                }
                self.drop_client(key);
            }
        } else if events.intersects(PollFlags::HUP | PollFlags::ERR) {
            self.drop_client(key);
        }
    }

    /// An error means that the client is to be dropped; with a failure when it misbehaved.
    fn read_requests(&mut self, key: ClientKey) -> Result<(), Option<Failure>> {
        let Some(client) = self.clients.get_mut(&key) else { return Ok(()) };
        match rustix::net::recv(&client.stream, self.buffer.as_mut_slice(), RecvFlags::DONTWAIT) {
            Ok((0, _)) => return Err(None),
            Ok((length, _)) => client.inbox.push(&self.buffer[..length]),
            Err(Errno::AGAIN | Errno::INTR) => return Ok(()),
            Err(_) => return Err(None),
        }
        while let Some(client) = self.clients.get_mut(&key) {
            let Some(frame) = client.inbox.next().map_err(|error| Some(error.into()))? else { break };
            match frame.kind {
                Kind::Control => {
                    let request = Request::decode(&frame.payload).map_err(|error| Some(error.into()))?;
                    self.carry_out(key, request);
                }
                Kind::Stdin => self.take_input(key, frame.payload),
                Kind::Stdout | Kind::Stderr => {
                    return Err(Some(Failure::usage("a client sent output")));
                }
            }
        }
        Ok(())
    }

    /// Forgets a client. Sessions go on; a standard input that was its alone is closed.
    pub(super) fn drop_client(&mut self, key: ClientKey) {
        self.detach(key);
        self.clients.remove(&key);
        if let Some(stopping) = &mut self.stopping {
            stopping.clients.retain(|&waiting| waiting != key);
        }
    }

    /// Sends a client that lags the last output before what comes next.
    pub(super) fn catch_up(&mut self, key: ClientKey) {
        if self.clients.get_mut(&key).is_some_and(|client| std::mem::take(&mut client.lags)) {
            self.resynchronize(key);
        }
    }

    pub(super) fn attach(&mut self, key: ClientKey, attachment: Attachment) {
        if let Some(client) = self.clients.get_mut(&key) {
            client.attachment = Some(attachment);
            client.lags = false;
        }
    }

    pub(super) fn detach(&mut self, key: ClientKey) {
        let Some(client) = self.clients.get_mut(&key) else { return };
        let Some(attachment) = client.attachment.take() else { return };
        if attachment.stdin && attachment.session == SessionId::MAIN && self.config.stdin_once {
            self.close_input(SessionId::MAIN);
        }
        self.forget_finished_sessions();
    }

    pub(super) fn tell(&mut self, key: ClientKey, message: &Message) {
        if let Some(client) = self.clients.get_mut(&key) {
            client.tell(message);
        }
    }

    /// Sends what is queued, brings those that lagged up to date, and lets go of those that are gone or done.
    pub(super) fn flush_clients(&mut self) {
        let ended = matches!(self.phase, Phase::Ended);
        let keys: Vec<ClientKey> = self.clients.keys().copied().collect();
        for key in keys {
            let Some(client) = self.clients.get_mut(&key) else { continue };
            let gone = client.flush().is_err();
            if !gone && !client.has_output() && std::mem::take(&mut client.lags) {
                self.resynchronize(key);
            }
            let Some(client) = self.clients.get(&key) else { continue };
            let idle = !client.has_output() && client.waits_for.is_empty() && client.attachment.is_none();
            if gone || (ended && idle) {
                self.drop_client(key);
            }
        }
    }
}
