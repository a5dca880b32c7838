//! Starting the first process, and executing others beside it.

use super::client::{Attachment, ClientKey};
use super::exit::INTERNAL_EXIT_CODE;
use super::probe::Probes;
use super::session::Session;
use super::{Phase, SETTLE_AFTER, Supervisor, complain};
use crate::journal::Note;
use crate::log::now;
use crate::protocol::Message;
use std::time::Instant;
use teu_api::container::{ContainerState, Status};
use teu_api::session::ExecSpec;
use teu_api::{Failure, FailureKind, SessionId};

impl Supervisor {
    /// Starts the container because a client said so.
    pub(super) fn start_for(&mut self, key: ClientKey) {
        match self.phase {
            Phase::Running { .. } => {
                let pid = self.main_pid();
                return self.tell(key, &Message::Started { pid });
            }
            Phase::Ended => {
                let failure = Failure::conflict("the container is just ending").hint("try again");
                return self.tell(key, &Message::StartFailed(failure));
            }
            Phase::Waiting | Phase::Restarting { .. } => {}
        }
        self.stopped_by_user = false;
        match self.start() {
            Ok(pid) => self.tell(key, &Message::Started { pid }),
            Err(failure) => {
                self.tell(key, &Message::StartFailed(failure.clone()));
                self.start_failed(&failure);
            }
        }
    }

    /// Starts it again as its policy says.
    pub(super) fn restart(&mut self) {
        if let Err(failure) = self.start() {
            complain("cannot start again", &failure);
            self.start_failed(&failure);
        }
    }

    fn start(&mut self) -> Result<i32, Failure> {
        let started_at = now();
        let note = Note::new("start");
        let main = self.sessions.entry(SessionId::MAIN).or_insert_with(|| Session::main(&self.config));
        let streams = main.make_streams()?;
        let (config, journal, network) = (&self.config, &mut self.journal, &mut self.network);
        let launched = self.launcher.start(config, streams, &mut |pid| {
            journal.prepare();
            network.up(config, pid)
        });
        let process = match launched {
            Ok(process) => process,
            Err(failure) => {
                // Nothing of a container that did not start stays on its networks.
                self.take_down_network();
                return Err(failure);
            }
        };
        let pid = process.pid;
        let health = self.config.health_check.as_ref().and_then(Probes::new);
        let first_health = health.as_ref().map(Probes::health);
        let supervisor_pid = rustix::process::getpid().as_raw_nonzero().get();
        let restart_count = self.restarts.count();
        let recorded = main.started(process).and_then(|()| {
            self.journal.record(Some(&note), &|state: &mut ContainerState| {
                state.status = Status::Running;
                state.pid = pid;
                state.supervisor_pid = supervisor_pid;
                state.error.clear();
                state.exit_code = 0;
                state.started_at = started_at;
                state.oom_killed = false;
                state.stopped_by_user = false;
                state.restart_count = restart_count;
                state.health.clone_from(&first_health);
            })
        });
        if let Err(failure) = recorded {
            // What the database does not know must not run.
            self.abandon();
            return Err(failure);
        }
        let since = Instant::now();
        self.phase = Phase::Running { since };
        self.paused = false;
        self.probes = health;
        self.settle_at = Some(since + SETTLE_AFTER);
        if let Some(probes) = &mut self.probes {
            probes.begin(since);
        }
        self.write_input(SessionId::MAIN);
        Ok(pid)
    }

    /// Ends a first process that was started in vain.
    fn abandon(&mut self) {
        for failure in self.launcher.clean_up() {
            complain("cannot clean up", &failure);
        }
        self.take_down_network();
        if let Some(main) = self.sessions.get_mut(&SessionId::MAIN) {
            if let Some(process) = main.process.take() {
                let _ = rustix::process::pidfd_send_signal(&process.pidfd, rustix::process::Signal::KILL);
                let pid = rustix::process::Pid::from_raw(process.pid);
                let _ = rustix::process::waitpid(pid, rustix::process::WaitOptions::empty());
            }
            main.close();
        }
    }

    /// Records why it could not start: with Docker's exit codes, as a container that was never up.
    fn start_failed(&mut self, failure: &Failure) {
        let code = match failure.kind {
            FailureKind::CommandNotFound => 127,
            FailureKind::NotExecutable => 126,
            _ => INTERNAL_EXIT_CODE,
        };
        let restarts = !matches!(self.phase, Phase::Waiting);
        let error = failure.message.clone();
        let note = Note::new("die").with("exitCode", code);
        let recorded = self.journal.record(Some(&note), &|state: &mut ContainerState| {
            // Docker leaves one that never ran as `created`.
            state.status = if restarts { Status::Exited } else { Status::Created };
            state.pid = 0;
            state.supervisor_pid = 0;
            state.exit_code = code;
            state.error.clone_from(&error);
        });
        if let Err(failure) = recorded {
            complain("cannot record why the container did not start", &failure);
        }
        self.finish();
    }

    /// Executes a process for a client, and attaches it.
    pub(super) fn exec_for(&mut self, key: ClientKey, spec: &ExecSpec) {
        match self.exec(spec, false) {
            Err(failure) => self.tell(key, &Message::Failed(failure)),
            Ok((session, pid)) => {
                self.tell(key, &Message::ExecStarted { session, pid });
                let attachment =
                    Attachment { session, stdin: spec.stdin, stdout: true, stderr: true, lossy: spec.keep };
                self.attach(key, attachment);
                let command = spec.args.join(" ");
                let note = Note::new(format!("exec_start: {command}")).with("execID", session);
                if let Err(failure) = self.journal.record(Some(&note), &|_: &mut ContainerState| {}) {
                    complain("cannot record an exec session", &failure);
                }
                self.settle_at = Some(Instant::now() + SETTLE_AFTER);
            }
        }
    }

    /// Executes a process; a hidden one is a health check's.
    pub(super) fn exec(&mut self, spec: &ExecSpec, hidden: bool) -> Result<(SessionId, i32), Failure> {
        if !matches!(self.phase, Phase::Running { .. }) {
            return Err(Failure::conflict(format!("container {} is not running", self.config.name))
                .hint("start it first with `teu start`"));
        }
        if self.paused {
            return Err(Failure::conflict(format!("container {} is paused", self.config.name))
                .hint("let it go on first with `teu unpause`"));
        }
        if spec.args.is_empty() {
            return Err(Failure::usage("no command to execute"));
        }
        let mut session = Session::exec(spec);
        session.hidden = hidden;
        let streams = session.make_streams()?;
        let process = self.launcher.exec(&self.config, spec, streams)?;
        let pid = process.pid;
        session.started(process)?;
        let id = SessionId(self.next_session);
        self.next_session += 1;
        self.sessions.insert(id, session);
        Ok((id, pid))
    }

    pub(super) fn main_pid(&self) -> i32 {
        let process = self.sessions.get(&SessionId::MAIN).and_then(|main| main.process.as_ref());
        process.map_or(0, |process| process.pid)
    }
}
