//! What `up` listens to while it shows output: signals and, in the foreground of a terminal, keys.

use crate::interactive::RawMode;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use teu_api::Failure;

/// What has been heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sound {
    /// The user wants it to end.
    End,
    /// The user leaves, and the containers go on.
    Leave,
}

/// Signals and keys.
pub struct Ears {
    signals: SignalFd,
    stdin: io::Stdin,
    /// Whether keys are of interest as soon as this process has the terminal.
    wants_keys: bool,
    /// The terminal, once it hands over each key.
    terminal: Option<RawMode>,
}

impl Ears {
    /// Listens to signals, and to keys if they are wanted and there is a terminal.
    pub fn new(wants_keys: bool) -> Result<Self, Failure> {
        let wants_keys = wants_keys && io::stdin().is_terminal() && io::stdout().is_terminal();
        // Whoever changes how the terminal is has it back in order before they go.
        let more: &[Signal] =
            if wants_keys { &[Signal::SIGQUIT, Signal::SIGTSTP, Signal::SIGCONT] } else { &[] };
        let signals = caught(more)?;
        let mut ears = Self { signals, stdin: io::stdin(), wants_keys, terminal: None };
        ears.take_keys()?;
        Ok(ears)
    }

    /// Whether keys are heard now.
    pub fn hears_keys(&self) -> bool {
        self.terminal.is_some()
    }

    /// From now on signals only.
    pub fn ignore_keys(&mut self) {
        self.wants_keys = false;
        self.terminal = None;
    }

    /// What becomes readable when there is something to hear.
    pub fn descriptors(&self) -> Vec<PollFd<'_>> {
        let mut all = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        // In the background a read would stop this process.
        if self.hears_keys() && RawMode::is_ours() {
            all.push(PollFd::new(self.stdin.as_fd(), PollFlags::POLLIN));
        }
        all
    }

    /// What has been heard since the last time.
    pub fn hear(&mut self) -> Result<Vec<Sound>, Failure> {
        let mut heard = Vec::new();
        while let Ok(Some(signal)) = self.signals.read_signal() {
            match Signal::try_from(signal.ssi_signo as i32) {
                Ok(Signal::SIGCONT) => self.take_keys()?,
                Ok(signal @ (Signal::SIGTSTP | Signal::SIGQUIT)) => {
                    self.terminal = None;
                    let_through(signal);
                    // After a stop it goes on here.
                    self.take_keys()?;
                }
                _ => heard.push(Sound::End),
            }
        }
        // A shell that brings what runs to the foreground sends no signal.
        if !self.hears_keys() {
            self.take_keys()?;
        }
        if self.hears_keys() && RawMode::is_ours() && self.leaves() {
            heard.push(Sound::Leave);
        }
        Ok(heard)
    }

    fn take_keys(&mut self) -> Result<(), Failure> {
        if !self.wants_keys || !RawMode::is_ours() {
            return Ok(());
        }
        match &self.terminal {
            Some(terminal) => terminal.again(),
            None => {
                self.terminal = Some(RawMode::keys()?);
                Ok(())
            }
        }
    }

    /// Whether the key that means to leave has been pressed; that there is no more input ends the listening.
    fn leaves(&mut self) -> bool {
        let mut descriptors = [PollFd::new(self.stdin.as_fd(), PollFlags::POLLIN)];
        if !poll(&mut descriptors, PollTimeout::ZERO).is_ok_and(|ready| ready > 0) {
            return false;
        }
        let mut keys = [0; 64];
        match rustix::io::read(&self.stdin, &mut keys) {
            Ok(0) | Err(_) => {
                self.ignore_keys();
                false
            }
            Ok(count) => is_leave(&keys[..count]),
        }
    }
}

/// Does to this process what a signal that was held back does.
fn let_through(signal: Signal) {
    let mut set = SigSet::empty();
    set.add(signal);
    // A signal that exists can be sent to oneself, and its set be blocked.
    let _ = raise(signal);
    let _ = set.thread_unblock();
    let _ = set.thread_block();
}

/// Whether what came at once from a terminal is the key `d` alone: an arrow key ends in such a letter, and so may what
/// is pasted.
fn is_leave(keys: &[u8]) -> bool {
    matches!(keys, [b'd' | b'D'])
}

/// The signals that end what is shown, as something that can be waited for; blocked from then on.
pub fn end_signals() -> Result<SignalFd, Failure> {
    caught(&[])
}

fn caught(more: &[Signal]) -> Result<SignalFd, Failure> {
    let mut set = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM].iter().chain(more) {
        set.add(*signal);
    }
    let failed = |error: nix::errno::Errno| Failure::internal(format!("cannot catch signals: {error}"));
    set.thread_block().map_err(failed)?;
    SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::is_leave;

    #[test]
    fn only_the_key_itself_leaves() {
        assert!(is_leave(b"d") && is_leave(b"D"));
        for other in [&b"\x1b[D"[..], b"\x1bOD", b"dd", b"paste d", b"\x1bd", b"x", b""] {
            assert!(!is_leave(other), "{other:?}");
        }
    }
}
