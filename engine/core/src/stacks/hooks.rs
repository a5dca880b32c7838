//! Lifecycle hooks: commands in a container after its start and before its stop.

use super::perform::Tell;
use crate::engine::Engine;
use teu_api::session::ExecSpec;
use teu_api::{ContainerId, Failure};
use teu_compose::Project;
use teu_compose::model::Hook;
use teu_supervisor::Message;

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
