//! The end of processes: telling clients, cleaning up, and starting again or going.

use super::client::ClientKey;
use super::session::Exit;
use super::{Phase, Supervisor, complain};
use crate::journal::Note;
use crate::log::now;
use crate::presence;
use crate::protocol::Message;
use rustix::process::{WaitOptions, WaitStatus};
use std::time::{Duration, Instant};
use teu_api::SessionId;
use teu_api::container::{ContainerState, RestartPolicy, Status};

/// Docker's exit code of a container whose start failed in the engine.
pub const INTERNAL_EXIT_CODE: i32 = 128;

impl Supervisor {
    /// Collects every child that has ended: sessions' processes, and orphans that came to us.
    pub(super) fn reap(&mut self) {
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            let pid = pid.as_raw_nonzero().get();
            let is_its = |(id, session): (&SessionId, &super::Session)| {
                session.process.as_ref().is_some_and(|process| process.pid == pid).then_some(*id)
            };
            if let Some(id) = self.sessions.iter().find_map(is_its)
                && let Some(exit) = exit_of(status)
            {
                self.session_ended(id, exit);
            }
        }
        self.forget_finished_sessions();
    }

    fn session_ended(&mut self, id: SessionId, exit: Exit) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.ended(exit);
        }
        self.drain_output(id);
        if id == SessionId::MAIN {
            self.container_ended(exit);
        } else if !self.probe_ended(id, exit) {
            self.announce_exit(id, exit);
            let note = Note::new("exec_die").with("execID", id).with("exitCode", exit.code);
            if let Err(failure) = self.journal.record(Some(&note), &|_: &mut ContainerState| {}) {
                complain("cannot record the end of an exec session", &failure);
            }
        }
    }

    fn container_ended(&mut self, mut exit: Exit) {
        let ran = match self.phase {
            Phase::Running { since } => since.elapsed(),
            _ => Duration::ZERO,
        };
        exit.oom = self.launcher.out_of_memory();
        // Whatever the first process left behind goes with it; only then is the output complete.
        for failure in self.launcher.clean_up() {
            complain("cannot clean up", &failure);
        }
        self.take_down_network();
        self.drain_output(SessionId::MAIN);
        let finished_at = now();
        self.log.finish(finished_at);
        if let Some(main) = self.sessions.get_mut(&SessionId::MAIN) {
            main.exit = Some(exit);
            main.close();
        }
        self.probes = None;
        self.paused = false;

        let pause = self.restarts.after_exit(self.config.restart, exit.code, self.stopped_by_user, ran);
        self.record_end(exit, finished_at, pause.is_some());
        match pause {
            Some(pause) => {
                self.phase = Phase::Restarting { at: Instant::now() + pause };
                self.answer_stoppers();
                self.announce_exit(SessionId::MAIN, exit);
            }
            None => self.finish_with(Some(exit)),
        }
    }

    fn record_end(&mut self, exit: Exit, finished_at: i64, restarts: bool) {
        if exit.oom {
            let note = Note::new("oom");
            if let Err(failure) = self.journal.record(Some(&note), &|_: &mut ContainerState| {}) {
                complain("cannot record that memory ran out", &failure);
            }
        }
        let note = Note::new("die").with("exitCode", exit.code);
        let (count, stopped) = (self.restarts.count(), self.stopped_by_user);
        let recorded = self.journal.record(Some(&note), &|state: &mut ContainerState| {
            state.status = if restarts { Status::Restarting } else { Status::Exited };
            state.pid = 0;
            if !restarts {
                state.supervisor_pid = 0;
            }
            state.exit_code = exit.code;
            state.finished_at = finished_at;
            state.oom_killed = exit.oom;
            state.restart_count = count;
            state.stopped_by_user = stopped;
        });
        if let Err(failure) = recorded {
            complain("cannot record the container's end", &failure);
        }
        if self.stopping.is_some() {
            let note = Note::new("stop");
            if let Err(failure) = self.journal.record(Some(&note), &|_: &mut ContainerState| {}) {
                complain("cannot record that the container was stopped", &failure);
            }
        }
    }

    /// The container stays down before it was started, or between two starts.
    pub(super) fn finish(&mut self) {
        self.finish_with(None);
    }

    /// The container stays down: remove it if asked to, make way for the next supervisor, and only then tell clients.
    fn finish_with(&mut self, exit: Option<Exit>) {
        self.phase = Phase::Ended;
        self.settle_at = None;
        if self.config.auto_remove
            && let Err(failure) = self.journal.remove()
        {
            complain("cannot remove the container", &failure);
        }
        self.journal.release();
        self.withdraw();
        self.answer_stoppers();
        match exit {
            Some(exit) => self.announce_exit(SessionId::MAIN, exit),
            None => {
                for client in self.clients.values_mut() {
                    client.waits_for.clear();
                }
                let keys: Vec<ClientKey> = self.clients.keys().copied().collect();
                for key in keys {
                    self.detach(key);
                }
            }
        }
    }

    /// Makes way for the next supervisor.
    pub(super) fn withdraw(&mut self) {
        if let Some((listener, lock)) = self.presence.take() {
            presence::unlisten(&self.config.run_dir, listener);
            drop(lock);
        }
    }

    /// Gives up a restart that was due.
    pub(super) fn cancel_restart(&mut self) {
        let code = self.sessions.get(&SessionId::MAIN).and_then(|main| main.exit).map_or(0, |exit| exit.code);
        let note = Note::new("stop");
        let recorded = self.journal.record(Some(&note), &|state: &mut ContainerState| {
            state.status = Status::Exited;
            state.supervisor_pid = 0;
            state.exit_code = code;
            state.stopped_by_user = true;
        });
        if let Err(failure) = recorded {
            complain("cannot record that the container was stopped", &failure);
        }
        self.config.restart = RestartPolicy::No;
        self.finish();
    }

    /// Tells all who are attached or wait.
    fn announce_exit(&mut self, id: SessionId, exit: Exit) {
        let concerned = |client: &super::Client| {
            client.attachment().is_some_and(|attachment| attachment.session == id)
                || client.waits_for.contains(&id)
        };
        let keys: Vec<ClientKey> =
            self.clients.iter().filter(|(_, client)| concerned(client)).map(|(&key, _)| key).collect();
        for key in keys {
            self.tell_exit(key, id, exit);
        }
    }

    /// Tells one client how a session ended, after all of its output; the client is attached to nothing from then on.
    pub(super) fn tell_exit(&mut self, key: ClientKey, id: SessionId, exit: Exit) {
        self.catch_up(key);
        let Exit { code, signal, oom } = exit;
        self.tell(key, &Message::Exited { session: id, code, signal, oom });
        if let Some(client) = self.clients.get_mut(&key) {
            client.waits_for.retain(|&waiting| waiting != id);
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.told = true;
        }
        self.detach(key);
    }
}

fn exit_of(status: WaitStatus) -> Option<Exit> {
    if let Some(code) = status.exit_status() {
        return Some(Exit { code, signal: None, oom: false });
    }
    let signal = status.terminating_signal()?;
    Some(Exit { code: 128 + signal, signal: Some(signal), oom: false })
}
