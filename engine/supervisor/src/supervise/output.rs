//! From a session's streams to its clients and the log, and from clients to its standard input.

use super::Supervisor;
use super::client::ClientKey;
use crate::log::now;
use crate::protocol::Message;
use teu_api::SessionId;
use teu_api::event::LogStream;

/// How much is read at a time: what a pipe holds.
pub const READ_SIZE: usize = 64 << 10;

/// Reads of one stream before others get their turn.
const READS_A_ROUND: usize = 4;

impl Supervisor {
    /// Reads a stream's output and passes it on.
    pub(super) fn read_output(&mut self, id: SessionId, stream: LogStream) {
        for _ in 0..READS_A_ROUND {
            match self.pass_output(id, stream) {
                Some(length) if length == READ_SIZE => {}
                _ => break,
            }
        }
        self.forget_finished_sessions();
    }

    /// Reads everything that is there now, at the end of a process.
    pub(super) fn drain_output(&mut self, id: SessionId) {
        for stream in [LogStream::Stdout, LogStream::Stderr] {
            while self.pass_output(id, stream).is_some_and(|length| length > 0) {}
        }
        self.log.flush();
    }

    fn pass_output(&mut self, id: SessionId, stream: LogStream) -> Option<usize> {
        let session = self.sessions.get_mut(&id)?;
        let length = session.read(stream, &mut self.buffer)?;
        let bytes = &self.buffer[..length];
        if length > 0 {
            session.ring.push(stream, bytes);
            if id == SessionId::MAIN {
                self.log.push(now(), stream, bytes);
            }
            for client in self.clients.values_mut() {
                if client.attachment().is_some_and(|attachment| attachment.session == id) {
                    client.send_output(stream, bytes);
                }
            }
        }
        Some(length)
    }

    /// Bytes that a client typed.
    pub(super) fn take_input(&mut self, key: ClientKey, bytes: Vec<u8>) {
        let attachment = self.clients.get(&key).and_then(super::Client::attachment);
        if let Some(attachment) = attachment
            && attachment.stdin
            && let Some(session) = self.sessions.get_mut(&attachment.session)
        {
            session.queue_input(&bytes);
            self.write_input(attachment.session);
        }
    }

    /// Writes queued input as far as the process takes it.
    pub(super) fn write_input(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id)
            && session.process.is_some()
        {
            session.write_input();
        }
    }

    /// Ends a session's standard input once what is queued is written.
    pub(super) fn close_input(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.end_input();
        }
        self.write_input(id);
    }

    /// Sends the last output: to a client that comes late, or that could not keep up.
    pub(super) fn replay(&mut self, key: ClientKey, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let replay = session.ring.replay();
        if let Some(client) = self.clients.get_mut(&key) {
            for (stream, bytes) in replay {
                client.send_output(stream, &bytes);
            }
        }
    }

    pub(super) fn resynchronize(&mut self, key: ClientKey) {
        let Some(attachment) = self.clients.get(&key).and_then(super::Client::attachment) else { return };
        self.tell(key, &Message::Resync { session: attachment.session });
        self.replay(key, attachment.session);
    }
}
