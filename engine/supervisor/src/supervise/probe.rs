//! Health checks: processes executed at times, and what their ends say.

use super::session::Exit;
use super::{Phase, Supervisor, complain};
use crate::journal::Note;
use crate::log::now;
use crate::policy::health::{OUTPUT_LIMIT, Plan, TIMED_OUT};
use rustix::process::Signal;
use std::time::{Duration, Instant};
use teu_api::SessionId;
use teu_api::container::{ContainerState, Health, HealthCheck, HealthProbe};
use teu_api::session::ExecSpec;

/// The health checks of a running container.
#[derive(Debug)]
pub struct Probes {
    plan: Plan,
    health: Health,
    since: Instant,
    next: Option<Instant>,
    current: Option<Current>,
}

/// A probe that runs.
#[derive(Debug)]
struct Current {
    session: SessionId,
    started_at: i64,
    deadline: Option<Instant>,
}

impl Probes {
    /// The probes of a check; `None` when it checks nothing.
    pub fn new(check: &HealthCheck) -> Option<Self> {
        let plan = Plan::new(check)?;
        Some(Self { plan, health: Health::default(), since: Instant::now(), next: None, current: None })
    }

    /// The verdict so far.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// The container has started.
    pub fn begin(&mut self, since: Instant) {
        self.since = since;
        self.next = since.checked_add(self.plan.pause(&self.health, Duration::ZERO));
    }

    /// The container goes on after it was frozen.
    pub fn resume(&mut self, now: Instant) {
        if self.current.is_none() {
            self.next = now.checked_add(self.plan.pause(&self.health, now - self.since));
        }
    }

    /// When something is to be done.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.current {
            Some(current) => current.deadline,
            None => self.next,
        }
    }
}

impl Supervisor {
    /// Starts a probe that is due, and ends one that takes too long.
    pub(super) fn run_probes(&mut self, now: Instant) {
        let Some(probes) = &mut self.probes else { return };
        if probes.deadline().is_none_or(|at| at > now) {
            return;
        }
        if let Some(current) = &mut probes.current {
            // Its end is waited for; until then there is no deadline.
            current.deadline = None;
            let process = self.sessions.get(&current.session).and_then(|session| session.process.as_ref());
            if let Some(process) = process {
                let _ = rustix::process::pidfd_send_signal(&process.pidfd, Signal::KILL);
            }
            return;
        }
        probes.next = None;
        if !self.paused {
            self.start_probe(now);
        }
    }

    fn start_probe(&mut self, moment: Instant) {
        let Some(probes) = &self.probes else { return };
        let (args, timeout) = (probes.plan.args.clone(), probes.plan.timeout);
        let started_at = now();
        let spec = ExecSpec { args, ..ExecSpec::default() };
        match self.exec(&spec, true) {
            Ok((session, _)) => {
                if let Some(probes) = &mut self.probes {
                    probes.current =
                        Some(Current { session, started_at, deadline: moment.checked_add(timeout) });
                }
            }
            Err(failure) => self.record_probe(HealthProbe {
                start: started_at,
                end: now(),
                exit_code: TIMED_OUT,
                output: failure.message,
            }),
        }
    }

    /// Takes the end of a probe in. Returns false when the session was no probe.
    pub(super) fn probe_ended(&mut self, id: SessionId, exit: Exit) -> bool {
        let Some(session) = self.sessions.get(&id).filter(|session| session.hidden) else { return false };
        let mut output: Vec<u8> = session.ring.replay().into_iter().flat_map(|(_, bytes)| bytes).collect();
        output.truncate(OUTPUT_LIMIT);
        self.sessions.remove(&id);
        let Some(probes) = &mut self.probes else { return true };
        let Some(current) = probes.current.take_if(|current| current.session == id) else { return true };
        let timed_out = current.deadline.is_none();
        let (exit_code, output) = if timed_out {
            (TIMED_OUT, format!("Health check exceeded timeout ({})", seconds(probes.plan.timeout)))
        } else {
            (exit.code, String::from_utf8_lossy(&output).into_owned())
        };
        self.record_probe(HealthProbe { start: current.started_at, end: now(), exit_code, output });
        true
    }

    fn record_probe(&mut self, probe: HealthProbe) {
        let (Some(probes), Phase::Running { .. }) = (&mut self.probes, &self.phase) else { return };
        let running_for = probes.since.elapsed();
        let changed = probes.plan.record(&mut probes.health, probe, running_for);
        probes.next = Instant::now().checked_add(probes.plan.pause(&probes.health, running_for));
        let health = probes.health.clone();
        let note = changed.then(|| Note::new(format!("health_status: {}", health.status.as_str())));
        let recorded = self.journal.record(note.as_ref(), &|state: &mut ContainerState| {
            state.health = Some(health.clone());
        });
        if let Err(failure) = recorded {
            complain("cannot record a health check", &failure);
        }
        self.settle_at = Some(Instant::now() + super::SETTLE_AFTER);
    }
}

fn seconds(duration: Duration) -> String {
    // As Go writes it, whose words scripts look for.
    if duration < Duration::from_secs(1) {
        return format!("{}ms", duration.as_secs_f64() * 1000.0);
    }
    let (minutes, rest) = (duration.as_secs() / 60, (duration.as_millis() % 60_000) as f64 / 1000.0);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{rest}s"),
        (0, minutes) => format!("{minutes}m{rest}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{rest}s"),
    }
}
