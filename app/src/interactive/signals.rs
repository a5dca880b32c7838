//! This process's signals as something to poll, passed on to the session.

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::os::fd::{AsFd, BorrowedFd};
use teu_api::Failure;

/// What was caught.
pub enum Caught {
    /// The terminal has a new size.
    Resized,
    /// A signal to pass on.
    Signal(i32),
}

/// Signals taken from their usual effect.
pub struct Signals {
    descriptor: SignalFd,
}

/// Signals that Docker passes on: those a user or a service manager sends.
const PASSED: [Signal; 8] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGCONT,
    Signal::SIGALRM,
];

impl Signals {
    /// Catches changes of the terminal's size, and with `proxy` the signals that are passed on.
    pub fn catch(proxy: bool) -> Result<Self, Failure> {
        let mut set = SigSet::empty();
        set.add(Signal::SIGWINCH);
        if proxy {
            set.extend(PASSED);
        }
        let failed = |error: nix::errno::Errno| Failure::internal(format!("cannot catch signals: {error}"));
        set.thread_block().map_err(failed)?;
        let descriptor =
            SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC).map_err(failed)?;
        Ok(Self { descriptor })
    }

    /// What to poll.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// What was caught since the last look.
    pub fn take(&mut self) -> Vec<Caught> {
        let mut caught = Vec::new();
        while let Ok(Some(info)) = self.descriptor.read_signal() {
            let signal = info.ssi_signo as i32;
            caught.push(if signal == Signal::SIGWINCH as i32 {
                Caught::Resized
            } else {
                Caught::Signal(signal)
            });
        }
        caught
    }
}
