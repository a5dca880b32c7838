//! Lifecycle hooks: commands before the start of a container, in one of their own, and in it after its start and before
//! its stop.

use super::execute::{Problem, Settings};
use super::perform::Tell;
use super::wait;
use crate::engine::Engine;
use crate::watch::Watch;
use nix::poll::PollTimeout;
use std::os::fd::AsFd as _;
use teu_api::container::Status;
use teu_api::session::ExecSpec;
use teu_api::{ContainerId, Failure, FailureKind};
use teu_compose::model::Hook;
use teu_compose::{Project, hook_request};
use teu_supervisor::Message;

/// How long, in milliseconds, passes between two looks whether the supervisor of a hook's container was killed, of
/// which no one tells.
const LOOK: u16 = 1000;

/// A `pre_start` hook and the container that it prepares.
pub struct BeforeStart<'a> {
    pub service: &'a str,
    pub index: usize,
    pub number: u32,
    /// The name of the hook's container.
    pub name: &'a str,
}

/// Runs a `pre_start` hook to its end. Its container is gone afterwards, however it ended.
pub fn before_start(
    engine: &Engine,
    project: &Project,
    settings: &Settings,
    hook: &BeforeStart<'_>,
) -> Result<(), Problem> {
    // One that was killed here left its container behind.
    if let Ok(former) = engine.find(hook.name) {
        engine.remove(&former.id, true, true)?;
    }
    let request = hook_request(project, hook.service, hook.index, hook.number).map_err(Failure::from)?;
    let command = request.command.clone().unwrap_or_default().join(" ");
    let told = |message: &str| format!("service {}: the pre_start hook `{command}` {message}", hook.service);
    let id = engine
        .create_requested(&project.name, request, None)
        .map_err(|failure| Failure { message: told(&format!("failed: {}", failure.message)), ..failure })?;
    let ended = wait::start(engine, &id)
        .map_err(|failure| Failure { message: told(&format!("failed: {}", failure.message)), ..failure })
        .and_then(|()| until_ended(engine, settings, &id));
    let log = match &ended {
        Ok(Some(0) | None) => Vec::new(),
        _ => engine.find(hook.name).map(|record| wait::last_lines(engine, &record)).unwrap_or_default(),
    };
    let removed = engine.remove(&id, true, true);
    let failure = match ended {
        Ok(Some(0)) => return Ok(removed?),
        Ok(Some(code)) => Failure::conflict(told(&format!("ended with exit code {code}"))),
        // What is given up has no failure, and begins nothing more.
        Ok(None) => return Ok(removed?),
        Err(failure) => failure,
    };
    Err(Problem { failure, container: hook.name.to_owned(), log })
}

/// Waits for a container's end; its exit code, or `None` when the wait is given up.
fn until_ended(engine: &Engine, settings: &Settings, id: &ContainerId) -> Result<Option<i32>, Failure> {
    let broken = |error: std::io::Error| Failure::internal(format!("cannot watch the database: {error}"));
    let watch = Watch::new(&engine.store().paths().database()).map_err(broken)?;
    loop {
        let record = match engine.store().container(id) {
            Ok(record) => record,
            Err(error) if error.is_not_found() => {
                return Err(Failure::new(FailureKind::NotFound, "its container was removed meanwhile"));
            }
            Err(error) => return Err(error.into()),
        };
        if matches!(record.state.status, Status::Exited | Status::Dead) {
            return Ok(Some(record.state.exit_code));
        }
        if settings.is_given_up() {
            return Ok(None);
        }
        let give_up = settings.give_up.as_ref().map(|fd| fd.as_fd());
        if !watch.wait_with(give_up, PollTimeout::from(LOOK)).map_err(broken)? {
            engine.reconcile()?;
        }
    }
}

/// Runs a service's `post_start` hooks in order; one that fails is a failure of the start.
pub fn after_start(
    engine: &Engine,
    project: Option<&Project>,
    service: &str,
    id: &ContainerId,
) -> Result<(), Failure> {
    let Some(service) = project.and_then(|project| project.services.get(service)) else { return Ok(()) };
    service.post_start.iter().try_for_each(|hook| run(engine, id, hook, "post_start"))
}

/// Runs a service's `pre_stop` hooks in order. One that fails is told of, and keeps nothing from being stopped.
pub fn before_stop(
    engine: &Engine,
    project: Option<&Project>,
    service: &str,
    id: &ContainerId,
    tell: Tell<'_>,
) {
    let Some(service) = project.and_then(|project| project.services.get(service)) else { return };
    for hook in &service.pre_stop {
        if let Err(failure) = run(engine, id, hook, "pre_stop") {
            tell("Warning", &failure.to_string(), "");
        }
    }
}

/// Runs one command in a container; an exit code that is not 0 is a failure.
pub fn run(engine: &Engine, id: &ContainerId, hook: &Hook, kind: &str) -> Result<(), Failure> {
    let record = engine.store().container(id)?;
    let text = |text: &String| (!text.is_empty()).then(|| text.clone());
    let args = hook.command.clone().unwrap_or_default();
    if args.is_empty() {
        return Ok(());
    }
    let program = args.join(" ");
    let mut exec = engine.exec(
        &record,
        ExecSpec {
            args,
            env: hook
                .environment
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)))
                .collect(),
            working_dir: text(&hook.working_dir),
            user: text(&hook.user),
            privileged: hook.privileged,
            ..ExecSpec::default()
        },
    )?;
    loop {
        match exec.connection.recv()? {
            Some(Message::Exited { session, code, .. }) if session == exec.session => {
                return if code == 0 {
                    Ok(())
                } else {
                    Err(Failure::conflict(format!(
                        "container {}: the {kind} hook `{program}` ended with exit code {code}",
                        record.name
                    )))
                };
            }
            Some(_) => {}
            None => {
                return Err(Failure::conflict(format!(
                    "container {} ended during its {kind} hook `{program}`",
                    record.name
                )));
            }
        }
    }
}
