//! Sessions with containers' terminals: one thread reads, one writes.

use std::sync::mpsc::{Receiver, Sender as Queue, channel};
use std::thread;
use teu_api::session::{ExecSpec, TerminalSize};
use teu_api::{ContainerId, Event, Failure, SessionId};
use teu_core::{Connection, Engine, Message, Paths, Request};
use tokio::sync::mpsc::Sender;

/// What a session is to be.
pub enum Target {
    /// A new shell.
    Shell {
        /// In which container.
        id: ContainerId,
        /// The pane's size.
        size: TerminalSize,
        /// Whether it has tools of this host.
        debug: bool,
    },
    /// A session that exists.
    Session {
        /// Of which container.
        id: ContainerId,
        /// Which.
        session: SessionId,
        /// The pane's size.
        size: TerminalSize,
    },
}

/// What goes into a session.
pub enum Input {
    /// Typed bytes.
    Bytes(Vec<u8>),
    /// A new size.
    Resize(TerminalSize),
    /// Leave it.
    Detach,
}

/// A session as the drawing loop sees it.
pub struct Session {
    input: Queue<Input>,
}

impl Session {
    /// Passes input on; whether the session still takes any.
    pub fn send(&self, input: Input) -> bool {
        self.input.send(input).is_ok()
    }
}

/// Opens a session; what comes of it is told by events with this ticket.
pub fn open(paths: Paths, events: Sender<Event>, ticket: u64, target: Target) -> Session {
    let (input, inputs) = channel();
    thread::spawn(move || {
        let event = match connect(&paths, &target) {
            Ok(opened) => carry(opened, &events, ticket, inputs),
            Err(failure) => Event::Failed { ticket: Some(ticket), failure },
        };
        let _ = events.blocking_send(event);
    });
    Session { input }
}

struct Opened {
    id: ContainerId,
    session: SessionId,
    title: String,
    connection: Connection,
}

fn connect(paths: &Paths, target: &Target) -> Result<Opened, Failure> {
    let engine = Engine::open(paths.clone())?;
    match target {
        Target::Shell { id, size, debug } => {
            let record = engine.store().container(id)?;
            // The interface's pane is such a terminal, whatever the container was made for.
            let env = vec!["TERM=xterm-256color".to_owned()];
            let spec = ExecSpec {
                env,
                tty: true,
                stdin: true,
                keep: true,
                size: Some(*size),
                ..ExecSpec::default()
            };
            let (shell, exec) = if *debug {
                ("debug shell".to_owned(), engine.debug(&record, spec)?)
            } else {
                engine.shell(&record, spec)?
            };
            Ok(Opened { id: id.clone(), session: exec.session, title: shell, connection: exec.connection })
        }
        Target::Session { id, session, size } => {
            let record = engine.store().container(id)?;
            let open = engine.sessions(&record)?;
            let title =
                open.iter().find(|open| open.id == *session).and_then(|open| open.args.first().cloned());
            let connection = engine.attach(&record, *session, true, true, true, Some(*size))?;
            Ok(Opened { id: id.clone(), session: *session, title: title.unwrap_or(record.name), connection })
        }
    }
}

/// How much output is taken in at once: a key waits for no more than this, and what waits in the queue is soon through
/// once a flood is broken off.
const PIECE: usize = 4 << 10;

/// Output in pieces that each take a moment.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    bytes.chunks(PIECE).map(<[u8]>::to_vec)
}

/// Carries a session until it ends or is left; returns the event that says so.
fn carry(opened: Opened, events: &Sender<Event>, ticket: u64, inputs: Receiver<Input>) -> Event {
    let Opened { id, session, title, mut connection } = opened;
    let failed = |failure| Event::Failed { ticket: Some(ticket), failure };
    let mut sender = match connection.sender() {
        Ok(sender) => sender,
        Err(error) => return failed(error.into()),
    };
    thread::spawn(move || {
        for input in inputs {
            let sent = match input {
                Input::Bytes(bytes) => sender.send_data(&bytes),
                Input::Resize(size) => sender.send(&Request::Resize { session, size }),
                Input::Detach => sender.send(&Request::Detach),
            };
            if sent.is_err() {
                return;
            }
        }
        // The user interface forgot the session without leaving it: it goes on.
        let _ = sender.send(&Request::Detach);
    });
    if events.blocking_send(Event::SessionOpened { ticket, id, session, title }).is_err() {
        return Event::SessionClosed { ticket, exit_code: None };
    }
    loop {
        let event = match connection.recv() {
            Ok(Some(Message::Stdout(bytes) | Message::Stderr(bytes))) => {
                for bytes in pieces(&bytes) {
                    if events.blocking_send(Event::SessionOutput { ticket, bytes }).is_err() {
                        return Event::SessionClosed { ticket, exit_code: None };
                    }
                }
                continue;
            }
            // What was lost does not matter to a terminal that is drawn anew: clear it and go on from the replay.
            Ok(Some(Message::Resync { .. })) => Event::SessionOutput { ticket, bytes: b"\x1bc".to_vec() },
            Ok(Some(Message::Exited { session: ended, code, .. })) if ended == session => {
                return Event::SessionClosed { ticket, exit_code: Some(code) };
            }
            Ok(Some(Message::Detached) | None) => return Event::SessionClosed { ticket, exit_code: None },
            Ok(Some(Message::Failed(failure))) => return failed(failure),
            Ok(Some(_)) => continue,
            Err(error) => return failed(error.into()),
        };
        if events.blocking_send(event).is_err() {
            return Event::SessionClosed { ticket, exit_code: None };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_comes_whole_in_pieces_of_a_moment_each() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 16 * PIECE + 5] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let all: Vec<Vec<u8>> = pieces(&bytes).collect();
            assert!(all.iter().all(|piece| !piece.is_empty() && piece.len() <= PIECE), "{length}");
            assert_eq!(all.concat(), bytes);
        }
    }
}
