//! What the loop waits for. A source that nothing can be done with now is left out, so that it cannot wake us.

use super::Supervisor;
use super::client::{BUFFER_LIMIT, ClientKey};
use crate::Result;
use crate::error::Context;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, RawFd};
use std::time::Instant;
use teu_api::SessionId;
use teu_api::event::LogStream;

/// What became ready.
pub type Ready = PollFlags;

/// Where something happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Signals to the supervisor, the deaths of children among them.
    Signals,
    /// A new client.
    Listener,
    /// A client's socket.
    Client(ClientKey),
    /// Output of a session.
    Output(SessionId, LogStream),
    /// Room in a session's standard input.
    Input(SessionId),
    /// Questions to the container's name server, or answers from the host's; what comes to ports that are relayed.
    Network(RawFd),
}

impl Supervisor {
    /// Sleeps until something happens or a deadline passes.
    pub(super) fn wait_for_events(&self) -> Result<Vec<(Source, Ready)>> {
        let sources = self.sources();
        let mut polled: Vec<PollFd<'_>> =
            sources.iter().map(|(_, fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
        let timeout = self.next_deadline().map(|deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() }
        });
        match poll(&mut polled, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).doing("wait for events"),
        }
        let ready = sources.iter().zip(&polled).filter(|(_, polled)| !polled.revents().is_empty());
        Ok(ready.map(|((source, _, _), polled)| (*source, polled.revents())).collect())
    }

    fn sources(&self) -> Vec<(Source, BorrowedFd<'_>, PollFlags)> {
        let mut sources = vec![(Source::Signals, self.signals.as_fd(), PollFlags::IN)];
        if let Some((listener, _)) = self.presence.as_ref().filter(|_| self.paused_until.is_none()) {
            sources.push((Source::Listener, listener.as_fd(), PollFlags::IN));
        }
        for (&key, client) in &self.clients {
            let mut flags = PollFlags::empty();
            // A session that reads slowly holds up who types into it, not our memory.
            flags.set(PollFlags::IN, !self.input_is_full(client));
            flags.set(PollFlags::OUT, client.has_output());
            sources.push((Source::Client(key), client.stream().as_fd(), flags));
        }
        for (&id, session) in &self.sessions {
            let held_up = self.is_held_up(id);
            if !held_up {
                for (stream, fd) in session.outputs() {
                    sources.push((Source::Output(id, stream), fd, PollFlags::IN));
                }
            }
            if session.has_input()
                && let Some(fd) = session.input()
            {
                sources.push((Source::Input(id), fd, PollFlags::OUT));
            }
        }
        for interest in self.network.interests() {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, interest.read);
            flags.set(PollFlags::OUT, interest.write);
            sources.push((Source::Network(interest.fd.as_raw_fd()), interest.fd, flags));
        }
        sources
    }

    /// Whether a client that must not lose anything has not read enough: then the container waits, as it does with
    /// Docker, and as it would if the client's terminal were its own.
    fn is_held_up(&self, session: SessionId) -> bool {
        self.clients.values().any(|client| client.holds_up(session))
    }

    fn input_is_full(&self, client: &super::Client) -> bool {
        client
            .attachment()
            .and_then(|attachment| self.sessions.get(&attachment.session))
            .is_some_and(|session| session.queued_input() >= BUFFER_LIMIT)
    }
}
