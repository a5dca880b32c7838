//! Waiting until a service is as another, or the user, needs it.

use super::execute::{Problem, Settings};
use super::perform::Tell;
use crate::engine::Engine;
use crate::watch::Watch;
use nix::poll::PollTimeout;
use std::time::{Duration, Instant};
use teu_api::container::{HealthStatus, Status};
use teu_api::event::LogLine;
use teu_api::{ContainerId, Failure, FailureKind};
use teu_compose::labels;
use teu_compose::plan::Condition;
use teu_store::ContainerRecord;
use teu_supervisor::log::{Progress, ReadOptions};

/// How many of its last lines a failing container shows.
const LAST_LINES: usize = 10;

/// How long a start that another process has begun may take.
const START_PATIENCE: Duration = Duration::from_secs(5);

/// How one container stands against what is waited for.
enum Verdict {
    Reached,
    NotYet,
    Never(String),
}

/// Waits for a condition of a service. One that is not required and never holds is told of, and goes on.
pub fn wait_for(
    engine: &Engine,
    settings: &Settings,
    service: &str,
    condition: Condition,
    required: bool,
    tell: Tell<'_>,
) -> Result<(), Problem> {
    if condition == Condition::Started {
        return Ok(());
    }
    tell("Service", service, "Waiting");
    let judge = |record: &ContainerRecord| match condition {
        Condition::Completed => completed(service, record),
        _ => healthy(record, true),
    };
    let is_cancelled = || settings.is_cancelled();
    match until(engine, &settings.name, &[service.to_owned()], None, &is_cancelled, &judge) {
        Ok(()) => {
            tell("Service", service, if condition == Condition::Healthy { "Healthy" } else { "Exited" });
            Ok(())
        }
        Err(problem) if !required && !settings.is_cancelled() => {
            tell("Warning", &format!("optional dependency {service}: {}", problem.failure), "");
            Ok(())
        }
        Err(problem) => Err(problem),
    }
}

impl Engine {
    /// Waits until every container of these services runs, and is healthy where it has a health check.
    pub fn wait_stack(
        &self,
        stack: &str,
        services: &[String],
        timeout: Option<Duration>,
    ) -> Result<(), Problem> {
        until(self, stack, services, timeout, &|| false, &|record| healthy(record, false))
    }
}

fn until(
    engine: &Engine,
    stack: &str,
    services: &[String],
    timeout: Option<Duration>,
    is_cancelled: &dyn Fn() -> bool,
    judge: &dyn Fn(&ContainerRecord) -> Verdict,
) -> Result<(), Problem> {
    let broken = |error: std::io::Error| Failure::internal(format!("cannot watch the database: {error}"));
    let watch = Watch::new(&engine.store().paths().database()).map_err(broken)?;
    let end = timeout.map(|timeout| Instant::now() + timeout);
    loop {
        if is_cancelled() {
            return Err(Failure::cancelled("cancelled").into());
        }
        let mut pending = None;
        for record in engine.stack_containers(stack)? {
            let label = |key: &str| record.spec.labels.get(key).map_or("", String::as_str);
            let ours = services.iter().any(|service| service == label(labels::SERVICE))
                && !label(labels::ONE_OFF).eq_ignore_ascii_case("true");
            if !ours {
                continue;
            }
            match judge(&record) {
                Verdict::Reached => {}
                Verdict::NotYet => pending = Some(record),
                Verdict::Never(message) => {
                    return Err(Problem {
                        failure: Failure::conflict(message).hint(format!("teu logs {}", record.name)),
                        log: last_lines(engine, &record),
                        container: record.name,
                    });
                }
            }
        }
        let Some(record) = pending else { return Ok(()) };
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Problem {
                failure: Failure::conflict(format!("container {} was not ready in time", record.name)),
                log: last_lines(engine, &record),
                container: record.name,
            });
        }
        // Once in a while it is checked whether a supervisor was killed, of which no one else tells, and whether this is
        // to end.
        let pause = left.map_or(500, |left| left.as_millis().clamp(1, 500) as u16);
        if !watch.wait(PollTimeout::from(pause)).map_err(broken)? {
            engine.reconcile()?;
        }
    }
}

/// Starts a container. One that an `up` which was killed was about to start is waited for: its supervisor goes on.
pub fn start(engine: &Engine, id: &ContainerId) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::internal(format!("cannot watch the database: {error}"));
    let end = Instant::now() + START_PATIENCE;
    let run = engine.store().paths().container_run(id);
    loop {
        let Err(failure) = engine.start(id) else { return Ok(()) };
        // A supervisor of our own that failed is gone by then; one that is still there is another's.
        let watch = Watch::new(&engine.store().paths().database()).map_err(broken)?;
        watch.wait(PollTimeout::from(50_u16)).map_err(broken)?;
        let another = matches!(failure.kind, FailureKind::Conflict | FailureKind::Internal)
            && teu_supervisor::is_supervised(&run)?;
        if !another || Instant::now() > end {
            return Err(failure);
        }
        engine.reconcile()?;
    }
}

/// Healthy; without a health check, running is enough unless one is `needed`.
fn healthy(record: &ContainerRecord, needed: bool) -> Verdict {
    let name = &record.name;
    let checked = record
        .spec
        .health_check
        .as_ref()
        .is_some_and(|check| check.test.first().is_some_and(|word| word != "NONE"));
    match (record.state.status, &record.state.health) {
        (Status::Restarting | Status::Paused, _) => Verdict::NotYet,
        (Status::Running, _) if !checked && needed => {
            Verdict::Never(format!("container {name} is to be healthy, and has no health check"))
        }
        (Status::Running, _) if !checked => Verdict::Reached,
        (Status::Running, Some(health)) => match health.status {
            HealthStatus::Healthy => Verdict::Reached,
            HealthStatus::Starting => Verdict::NotYet,
            HealthStatus::Unhealthy => Verdict::Never(format!("container {name} is unhealthy")),
        },
        (Status::Running, None) => Verdict::NotYet,
        (Status::Created, _) => Verdict::Never(format!("container {name} was not started")),
        _ => Verdict::Never(format!("container {name} exited ({})", record.state.exit_code)),
    }
}

fn completed(service: &str, record: &ContainerRecord) -> Verdict {
    match record.state.status {
        Status::Exited | Status::Dead if record.state.exit_code == 0 => Verdict::Reached,
        Status::Exited | Status::Dead => Verdict::Never(format!(
            "service {service} did not complete successfully: container {} exited ({})",
            record.name, record.state.exit_code
        )),
        Status::Created => Verdict::Never(format!("container {} was not started", record.name)),
        _ => Verdict::NotYet,
    }
}

/// The last lines of a container's log; none where it cannot be read, for it is about another failure.
pub fn last_lines(engine: &Engine, record: &ContainerRecord) -> Vec<LogLine> {
    let options = ReadOptions { tail: Some(LAST_LINES), since: None, until: None, follow: false };
    let Ok(mut reader) = engine.log_reader(record, options) else { return Vec::new() };
    let mut lines = Vec::new();
    while matches!(reader.read(&mut lines), Ok(Progress::More)) {}
    lines
}
