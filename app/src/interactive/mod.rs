//! A session on this process's own terminal: what `run`, `attach`, `start -a` and `exec` do in the foreground.

mod raw_mode;
mod signals;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
pub use raw_mode::RawMode;
use signals::{Caught, Signals};
use std::io::{self, IsTerminal as _, Read as _};
use std::os::fd::AsFd as _;
use teu_api::session::TerminalSize;
use teu_api::{Failure, SessionId};
use teu_core::detach_keys::{self, DetachKeys};
use teu_core::{Connection, Message, Received, Request};

/// How much is read from standard input at a time.
const INPUT_SIZE: usize = 64 << 10;

/// How a session is carried.
pub struct Options {
    /// Which session.
    pub session: SessionId,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether standard input is passed on.
    pub stdin: bool,
    /// Whether this process's signals are passed on (`--sig-proxy`).
    pub proxy_signals: bool,
    /// The keys that leave it; Docker's where none are given.
    pub detach_keys: Option<String>,
}

/// How a session was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Its process ended with this exit code.
    Exited(i32),
    /// The user left it; it goes on.
    Detached,
    /// The connection was closed by the supervisor's end without a word of the process's end.
    Lost,
}

/// The size of the terminal that standard output, or else standard input, is; none where neither is one.
pub fn terminal_size() -> Option<TerminalSize> {
    let size = rustix::termios::tcgetwinsize(io::stdout())
        .or_else(|_| rustix::termios::tcgetwinsize(io::stdin()))
        .ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some(TerminalSize { columns: size.ws_col, rows: size.ws_row })
}

/// Refuses what Docker refuses: a terminal for the session, with input that is none.
pub fn check_terminal(tty: bool, stdin: bool) -> Result<(), Failure> {
    if tty && stdin && !io::stdin().is_terminal() {
        return Err(
            Failure::usage("the input device is not a TTY").hint("leave out -t when input comes from a pipe")
        );
    }
    Ok(())
}

/// Carries a session that is attached to on this connection until it ends or is left.
pub fn carry(connection: &mut Connection, options: &Options) -> Result<Ending, Failure> {
    let mut keys = DetachKeys::parse(options.detach_keys.as_deref().unwrap_or(detach_keys::DEFAULT))?;
    let raw = options.tty && options.stdin && io::stdin().is_terminal();
    let _restored_at_the_end = if raw { Some(RawMode::enter()?) } else { None };
    let mut signals = Signals::catch(options.proxy_signals)?;
    let mut input = options.stdin.then(|| vec![0; INPUT_SIZE]);
    if options.tty
        && let Some(size) = terminal_size()
    {
        connection.send(&Request::Resize { session: options.session, size })?;
    }
    loop {
        if let Some(ending) = take_messages(connection, options.session)? {
            return Ok(ending);
        }
        let standard_input = io::stdin();
        let (from_input, from_signals) = {
            let mut descriptors = vec![
                PollFd::new(connection.as_fd(), PollFlags::POLLIN),
                PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            ];
            if input.is_some() {
                descriptors.push(PollFd::new(standard_input.as_fd(), PollFlags::POLLIN));
            }
            match poll(&mut descriptors, PollTimeout::NONE) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(Failure::internal(format!("cannot wait for the session: {error}"))),
            }
            let ready = |descriptor: Option<&PollFd<'_>>| {
                descriptor.and_then(PollFd::revents).is_some_and(|events| !events.is_empty())
            };
            (ready(descriptors.get(2)), ready(descriptors.get(1)))
        };
        if from_signals {
            for caught in signals.take() {
                match caught {
                    Caught::Resized => {
                        if let Some(size) = terminal_size().filter(|_| options.tty) {
                            connection.send(&Request::Resize { session: options.session, size })?;
                        }
                    }
                    Caught::Signal(signal) => {
                        connection.send(&Request::Signal { session: options.session, signal, all: false })?;
                    }
                }
            }
        }
        if from_input && let Some(buffer) = &mut input {
            match io::stdin().lock().read(buffer) {
                Ok(0) | Err(_) => {
                    let held = keys.finish();
                    if !held.is_empty() {
                        connection.send_data(&held)?;
                    }
                    connection.send(&Request::CloseStdin)?;
                    input = None;
                }
                Ok(length) if options.tty => {
                    let (passed, left) = keys.feed(&buffer[..length]);
                    if !passed.is_empty() {
                        connection.send_data(&passed)?;
                    }
                    if left {
                        connection.send(&Request::Detach)?;
                    }
                }
                // Detach keys are for terminals: bytes from a pipe pass as they are.
                Ok(length) => connection.send_data(&buffer[..length])?,
            }
        }
    }
}

fn take_messages(connection: &mut Connection, session: SessionId) -> Result<Option<Ending>, Failure> {
    loop {
        match connection.try_recv()? {
            Received::Pending => return Ok(None),
            Received::Closed => return Ok(Some(Ending::Lost)),
            Received::Message(message) => match message {
                Message::Stdout(bytes) => write_all(io::stdout().lock(), &bytes),
                Message::Stderr(bytes) => write_all(io::stderr().lock(), &bytes),
                Message::Exited { session: ended, code, .. } if ended == session => {
                    return Ok(Some(Ending::Exited(code)));
                }
                Message::Detached => return Ok(Some(Ending::Detached)),
                // A signal for a process that has just ended fails; its end is told by the next message.
                Message::Failed(_) => {}
                _ => {}
            },
        }
    }
}

/// A reader of ours that went away (`teu run … | head`) does not end the container.
fn write_all(mut out: impl io::Write, bytes: &[u8]) {
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}
