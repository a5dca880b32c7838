//! The engine's side of the user interface: threads that call the engine, which may block, and send what it says
//! over one bounded channel. The loop that draws waits for none of them.

mod cancel;
mod command;
mod detail;
mod image_file;
mod import;
mod log;
mod prune;
mod pull;
mod session;
mod stack;
mod stack_watch;
mod stats;
mod watch;

use std::collections::HashMap;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use teu_api::{Command, Event, Failure, FailureKind};
use teu_core::Paths;
use tokio::sync::mpsc::Sender;

/// The engine's threads as the drawing loop sees them.
pub struct EngineThreads {
    paths: Paths,
    events: Sender<Event>,
    sessions: HashMap<u64, session::Session>,
    stats: stats::Switch,
    log: Option<log::Follower>,
    detail: Option<detail::Reader>,
    next_task: u64,
    /// What is being carried out, and how to take it back, by task.
    commands: HashMap<u64, (JoinHandle<()>, cancel::Cancel)>,
}

/// How long the program waits at its end for commands that are being carried out.
const PATIENCE: Duration = Duration::from_secs(15);

impl EngineThreads {
    /// Begins watching.
    pub fn start(paths: Paths, events: Sender<Event>) -> Self {
        watch::start(paths.clone(), events.clone());
        let stats = stats::start(paths.clone(), events.clone());
        Self {
            paths,
            events,
            sessions: HashMap::new(),
            stats,
            log: None,
            detail: None,
            next_task: 0,
            commands: HashMap::new(),
        }
    }

    /// Has a command carried out. Never waits.
    pub fn send(&mut self, command: Command) {
        match command {
            Command::FollowLog(request) => {
                // Dropping the follower before tells it to end.
                self.log = request
                    .map(|request| log::follow(self.paths.clone(), self.events.clone(), vec![request]));
            }
            Command::FollowLogs(requests) => {
                self.log = Some(log::follow(self.paths.clone(), self.events.clone(), requests));
            }
            Command::WatchDetail(request) => {
                self.detail =
                    request.map(|request| detail::read(self.paths.clone(), self.events.clone(), request));
            }
            Command::WatchStats(wanted) => self.stats.set(wanted),
            Command::OpenShell { id, size, ticket, debug } => {
                let session = session::open(
                    self.paths.clone(),
                    self.events.clone(),
                    ticket,
                    session::Target::Shell { id, size, debug },
                );
                self.sessions.insert(ticket, session);
            }
            Command::AttachSession { id, session, size, ticket } => {
                let target = session::Target::Session { id, session, size };
                self.sessions
                    .insert(ticket, session::open(self.paths.clone(), self.events.clone(), ticket, target));
            }
            Command::SessionInput { ticket, bytes } => {
                self.with_session(ticket, session::Input::Bytes(bytes));
            }
            Command::SessionResize { ticket, size } => {
                self.with_session(ticket, session::Input::Resize(size));
            }
            Command::SessionDetach { ticket } => {
                self.with_session(ticket, session::Input::Detach);
                self.sessions.remove(&ticket);
            }
            Command::CancelTask(task) => {
                if self.commands.get(&task).is_some_and(|(_, cancel)| !cancel.ask()) {
                    self.notice("this cannot be taken back half-way; it goes on".to_owned());
                }
            }
            other => {
                let (paths, events) = (self.paths.clone(), self.events.clone());
                self.commands.retain(|_, (thread, _)| !thread.is_finished());
                self.next_task += 1;
                let task = self.next_task;
                let cancel = cancel::Cancel::default();
                let taken_back = cancel.clone();
                let thread = thread::spawn(move || {
                    command::carry_out(&paths, &events, task, &taken_back, other);
                });
                self.commands.insert(task, (thread, cancel));
            }
        }
    }

    /// Ends what would go on for ever, and waits for commands that are being carried out: a removal that was confirmed is done although the user has left.
    /// Their events must be taken or refused meanwhile, or a full queue holds them up.
    pub fn finish(self) {
        let end = Instant::now() + PATIENCE;
        for (_, cancel) in self.commands.values().filter(|(_, cancel)| cancel.is_endless()) {
            cancel.ask();
        }
        for (thread, _) in self.commands.into_values() {
            while !thread.is_finished() && Instant::now() < end {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    fn with_session(&mut self, ticket: u64, input: session::Input) {
        if self.sessions.get(&ticket).is_some_and(|session| !session.send(input)) {
            self.sessions.remove(&ticket);
        }
    }

    /// Shows a complaint that is not the engine's.
    pub fn notice(&self, text: String) {
        let failure = Failure::new(FailureKind::Internal, text);
        // A full queue is about to say something more important.
        let _ = self.events.try_send(Event::Failed { ticket: None, failure });
    }

    /// Shows that something was done.
    pub fn done(&self, text: String) {
        let _ = self.events.try_send(Event::Done { text });
    }
}
