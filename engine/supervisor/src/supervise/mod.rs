//! The poll loop: everything that can happen to a container and its clients, one at a time.

mod client;
mod exit;
mod network;
mod output;
mod poll;
mod probe;
mod request;
mod session;
mod start;
mod stop;
#[cfg(test)]
mod tests;

use crate::config::SupervisorConfig;
use crate::error::Context;
use crate::journal::Journal;
use crate::launch::Launcher;
use crate::log::Writer;
use crate::policy::restart::Restarts;
use crate::{Result, presence};
use client::{Client, ClientKey};
use network::Network;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use poll::Source;
use probe::Probes;
use session::Session;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};
use stop::Stopping;
use teu_api::{Failure, SessionId};

/// How long after a start what was needed for it is kept, since a short command needs it again at its end.
const SETTLE_AFTER: Duration = Duration::from_millis(400);

/// Where the container stands.
#[derive(Debug)]
enum Phase {
    /// Not started yet; the starter is connected.
    Waiting,
    /// Its first process runs.
    Running { since: Instant },
    /// It ended and is started again at a time.
    Restarting { at: Instant },
    /// It ended for good; what clients have not read yet is still to be sent.
    Ended,
}

/// One supervisor.
pub struct Supervisor {
    config: SupervisorConfig,
    launcher: Box<dyn Launcher>,
    journal: Box<dyn Journal>,
    signals: SignalFd,
    /// The socket and the lock; gone once the container has ended for good.
    presence: Option<(UnixListener, OwnedFd)>,
    phase: Phase,
    paused: bool,
    clients: BTreeMap<ClientKey, Client>,
    next_client: ClientKey,
    sessions: BTreeMap<SessionId, Session>,
    next_session: u32,
    log: Writer,
    restarts: Restarts,
    stopping: Option<Stopping>,
    /// Whether the user wants it down, so that no policy starts it again.
    stopped_by_user: bool,
    probes: Option<Probes>,
    settle_at: Option<Instant>,
    /// Until when no client is taken, as the kernel had no descriptor left.
    paused_until: Option<Instant>,
    buffer: Vec<u8>,
    /// Last, so that every client is let go before the kernel is waited for.
    network: Network,
}

impl Supervisor {
    /// Takes the container's lock, listens on its socket and blocks the signals that the loop reads.
    pub fn new(
        config: SupervisorConfig,
        launcher: Box<dyn Launcher>,
        journal: Box<dyn Journal>,
        starter: Option<UnixStream>,
    ) -> Result<Self> {
        let lock = presence::lock(&config.run_dir)?;
        let listener = presence::listen(&config.run_dir)?;
        let mask = signals();
        mask.thread_block().doing("block signals")?;
        let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
            .doing("receive signals")?;
        let log = Writer::new(&config.log_dir, config.log.clone());
        let main = Session::main(&config);
        let mut supervisor = Self {
            config,
            launcher,
            journal,
            signals,
            presence: Some((listener, lock)),
            phase: Phase::Waiting,
            paused: false,
            clients: BTreeMap::new(),
            next_client: 0,
            sessions: BTreeMap::from([(SessionId::MAIN, main)]),
            next_session: 1,
            log,
            restarts: Restarts::default(),
            stopping: None,
            stopped_by_user: false,
            probes: None,
            settle_at: None,
            paused_until: None,
            buffer: vec![0; output::READ_SIZE],
            network: Network::default(),
        };
        if let Some(starter) = starter {
            starter.set_nonblocking(true).doing("use the starter's socket")?;
            supervisor.add_client(starter);
        }
        Ok(supervisor)
    }

    /// Runs until the container has ended for good and every client knows.
    pub fn run(mut self) -> Result<()> {
        while !self.is_done() {
            for (source, events) in self.wait_for_events()? {
                self.handle(source, events);
            }
            self.handle_deadlines();
            self.log.flush();
            self.flush_clients();
        }
        self.withdraw();
        Ok(())
    }

    fn is_done(&self) -> bool {
        match self.phase {
            Phase::Waiting => self.clients.is_empty(),
            Phase::Ended => {
                self.clients.is_empty() && self.sessions.values().all(|session| session.process.is_none())
            }
            Phase::Running { .. } | Phase::Restarting { .. } => false,
        }
    }

    fn handle(&mut self, source: Source, events: poll::Ready) {
        match source {
            Source::Signals => self.take_signals(),
            Source::Listener => self.accept_clients(),
            Source::Client(key) => self.serve_client(key, events),
            Source::Output(session, stream) => self.read_output(session, stream),
            Source::Input(session) => self.write_input(session),
            Source::Network(fd) => self.network.go_on(fd, Instant::now()),
        }
    }

    fn take_signals(&mut self) {
        let mut children = false;
        while let Ok(Some(signal)) = self.signals.read_signal() {
            match Signal::try_from(signal.ssi_signo as i32) {
                Ok(Signal::SIGCHLD) => children = true,
                Ok(Signal::SIGTERM) => self.terminate(),
                // Meant for a terminal's foreground: nothing of ours.
                _ => {}
            }
        }
        if children {
            self.reap();
        }
    }

    /// The earliest moment at which something is to be done without being asked.
    fn next_deadline(&self) -> Option<Instant> {
        let restart = match self.phase {
            Phase::Restarting { at } => Some(at),
            _ => None,
        };
        let kill = self.stopping.as_ref().and_then(|stopping| stopping.kill_at);
        let probe = self.probes.as_ref().and_then(Probes::deadline);
        let own = [self.settle_at, self.paused_until];
        [restart, kill, probe, self.network.deadline()].into_iter().chain(own).flatten().min()
    }

    fn handle_deadlines(&mut self) {
        let Some(deadline) = self.next_deadline() else { return };
        let now = Instant::now();
        if deadline > now {
            return;
        }
        if let Phase::Restarting { at } = self.phase
            && at <= now
        {
            self.restart();
        }
        self.paused_until = self.paused_until.filter(|until| *until > now);
        self.kill_if_overdue(now);
        self.run_probes(now);
        let answering = self.network.deadline().is_some();
        self.network.expire(now);
        if answering && self.network.deadline().is_none() {
            // No question has come for a while: what answering took is given back.
            self.settle_at.get_or_insert(now);
        }
        if self.settle_at.is_some_and(|at| at <= now) {
            self.settle();
        }
    }

    /// Gives back what was needed to start: from here on the supervisor mostly sleeps.
    fn settle(&mut self) {
        self.settle_at = None;
        self.journal.release();
        self.launcher.settle();
        self.network.settle();
        self.log.shrink();
        teu_sys::supervision::trim_heap();
        teu_sys::supervision::release_program_pages();
    }
}

/// The signals that the loop reads.
fn signals() -> SigSet {
    [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP].into_iter().collect()
}

/// Writes to the supervisor's own log: what no client asked about.
fn complain(what: &str, failure: &Failure) {
    let _ = writeln!(std::io::stderr(), "{what}: {failure}");
}
