//! Signals, stopping, freezing, and ending sessions.

use super::client::ClientKey;
use super::request::no_such_session;
use super::session::Running;
use super::{Phase, Supervisor, complain};
use crate::journal::Note;
use crate::protocol::Message;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use teu_api::container::{ContainerState, Status};
use teu_api::{Failure, SessionId};

/// A stop under way.
#[derive(Debug)]
pub struct Stopping {
    /// When patience ends; `None` when it has ended, or never does.
    pub kill_at: Option<Instant>,
    /// Clients that asked for it.
    pub clients: Vec<ClientKey>,
}

impl Supervisor {
    /// Stops the container for a client, who is told once it has ended.
    pub(super) fn stop_for(&mut self, key: ClientKey, signal: Option<i32>, timeout: Option<i64>) {
        match self.phase {
            Phase::Waiting => {
                let failure = Failure::conflict(format!("container {} is not running", self.config.name));
                self.tell(key, &Message::Failed(failure));
            }
            Phase::Ended => self.tell(key, &Message::Ok),
            Phase::Restarting { .. } => {
                self.tell(key, &Message::Ok);
                self.cancel_restart();
            }
            Phase::Running { .. } => {
                if let Err(failure) = self.stop(signal, timeout) {
                    return self.tell(key, &Message::Failed(failure));
                }
                if let Some(stopping) = &mut self.stopping {
                    stopping.clients.push(key);
                }
            }
        }
    }

    /// The supervisor itself was asked to end: its container is stopped, as patiently as it wants.
    pub(super) fn terminate(&mut self) {
        match self.phase {
            Phase::Waiting => {
                self.clients.clear();
            }
            Phase::Restarting { .. } => self.cancel_restart(),
            Phase::Running { .. } => {
                if let Err(failure) = self.stop(None, None) {
                    complain("cannot stop the container", &failure);
                }
            }
            Phase::Ended => {}
        }
    }

    fn stop(&mut self, signal: Option<i32>, timeout: Option<i64>) -> Result<(), Failure> {
        self.stopped_by_user = true;
        let signal = signal.unwrap_or(self.config.stop_signal);
        let seconds = timeout.unwrap_or(self.config.stop_timeout);
        let kill_at = u64::try_from(seconds)
            .ok()
            .and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
        match &mut self.stopping {
            // The second one who asks may be less patient, never more.
            Some(stopping) => stopping.kill_at = [stopping.kill_at, kill_at].into_iter().flatten().min(),
            None => self.stopping = Some(Stopping { kill_at, clients: Vec::new() }),
        }
        self.signal(SessionId::MAIN, signal, false)
    }

    /// Ends a container whose patience is used up.
    pub(super) fn kill_if_overdue(&mut self, now: Instant) {
        let Some(stopping) = &mut self.stopping else { return };
        if stopping.kill_at.is_none_or(|at| at > now) {
            return;
        }
        stopping.kill_at = None;
        if let Err(failure) = self.signal(SessionId::MAIN, Signal::KILL.as_raw(), false) {
            complain("cannot kill the container", &failure);
        }
    }

    pub(super) fn answer_stoppers(&mut self) {
        for key in self.stopping.take().map(|stopping| stopping.clients).unwrap_or_default() {
            self.tell(key, &Message::Ok);
        }
    }

    /// Sends a signal to a session's process, or to every process of the container.
    pub(super) fn signal(&mut self, id: SessionId, signal: i32, all: bool) -> Result<(), Failure> {
        let session = self.sessions.get(&id).ok_or_else(|| no_such_session(id))?;
        let Some(process) = &session.process else {
            return Err(Failure::conflict(format!("container {} is not running", self.config.name)));
        };
        if all {
            self.launcher.signal_all(signal)?;
        } else {
            send(process, signal)?;
        }
        if id == SessionId::MAIN {
            let ends = signal == Signal::KILL.as_raw() || signal == self.config.stop_signal;
            if ends {
                // Docker: whoever sends the signal that ends it wants it down, whatever its restart policy.
                self.stopped_by_user = true;
                if self.paused {
                    self.pause(false)?;
                }
            }
            let note = Note::new("kill").with("signal", signal);
            if let Err(failure) = self.journal.record(Some(&note), &|_: &mut ContainerState| {}) {
                complain("cannot record a signal", &failure);
            }
        }
        Ok(())
    }

    /// Freezes the container, or lets it go on.
    pub(super) fn pause(&mut self, pause: bool) -> Result<(), Failure> {
        let name = &self.config.name;
        if !matches!(self.phase, Phase::Running { .. }) {
            return Err(Failure::conflict(format!("container {name} is not running")));
        }
        if self.paused == pause {
            let state = if pause { "already" } else { "not" };
            return Err(Failure::conflict(format!("container {name} is {state} paused")));
        }
        self.launcher.freeze(pause)?;
        self.paused = pause;
        let note = Note::new(if pause { "pause" } else { "unpause" });
        self.journal.record(Some(&note), &|state: &mut ContainerState| {
            state.status = if pause { Status::Paused } else { Status::Running };
        })?;
        if let Some(probes) = &mut self.probes
            && !pause
        {
            probes.resume(Instant::now());
        }
        Ok(())
    }

    /// Ends an exec session as closing its terminal's window would.
    pub(super) fn close_session(&mut self, id: SessionId) -> Result<(), Failure> {
        if id == SessionId::MAIN {
            return Err(Failure::usage("the first process is ended by stopping the container"));
        }
        let session = self.sessions.get_mut(&id).filter(|session| !session.hidden);
        let session = session.ok_or_else(|| no_such_session(id))?;
        session.keep = false;
        if let Some(process) = &session.process {
            send(process, Signal::HUP.as_raw())?;
            send(process, Signal::CONT.as_raw())?;
        }
        // The terminal hangs up for everything in the foreground of it.
        session.close();
        self.forget_finished_sessions();
        Ok(())
    }
}

fn send(process: &Running, signal: i32) -> Result<(), Failure> {
    use std::os::fd::AsFd as _;
    match teu_sys::process::pidfd_send_signal(process.pidfd.as_fd(), signal) {
        Ok(()) => Ok(()),
        // It has ended, and is about to be waited for.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => Ok(()),
        Err(error) => Err(Failure::internal(format!("cannot send signal {signal}: {error}"))),
    }
}
