//! The terminal in raw mode, and back.

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use std::io;
use teu_api::Failure;

/// Raw mode for as long as this lives.
pub struct RawMode {
    before: Termios,
    during: Termios,
}

impl RawMode {
    /// Puts standard input's terminal into raw mode.
    pub fn enter() -> Result<Self, Failure> {
        Self::change(Termios::make_raw)
    }

    /// Has standard input's terminal hand over each key at once and show none; Ctrl-C stays a signal.
    pub fn keys() -> Result<Self, Failure> {
        Self::change(|termios| termios.local_modes -= LocalModes::ICANON | LocalModes::ECHO)
    }

    fn change(change: impl FnOnce(&mut Termios)) -> Result<Self, Failure> {
        let failed = |error: rustix::io::Errno| {
            Failure::internal(format!("cannot put the terminal into raw mode: {error}"))
        };
        let before = tcgetattr(io::stdin()).map_err(failed)?;
        let mut raw = before.clone();
        change(&mut raw);
        tcsetattr(io::stdin(), OptionalActions::Now, &raw).map_err(failed)?;
        Ok(Self { before, during: raw })
    }

    /// Puts the terminal into this mode again, after someone else had it.
    pub fn again(&self) -> Result<(), Failure> {
        tcsetattr(io::stdin(), OptionalActions::Now, &self.during)
            .map_err(|error| Failure::internal(format!("cannot put the terminal into raw mode: {error}")))
    }

    /// Whether this process is in the foreground of standard input's terminal: in the background the kernel stops
    /// whoever reads from it or changes it.
    pub fn is_ours() -> bool {
        tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring, and one that another has is not ours to touch.
        if !Self::is_ours() {
            return;
        }
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
