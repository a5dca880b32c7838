//! The terminal in raw mode, and back.

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io;
use teu_api::Failure;

/// Raw mode for as long as this lives.
pub struct RawMode {
    before: Termios,
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
        Ok(Self { before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
