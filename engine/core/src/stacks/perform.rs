//! One step of a plan.

use super::execute::{Problem, Settings, StackEvent};
use super::{hooks, image, wait};
use crate::engine::Engine;
use teu_api::{ContainerId, Failure, FailureKind};
use teu_compose::Project;
use teu_compose::plan::Action;
use teu_compose::{network_request, volume_request};
use teu_store::{ContainerRecord, NewVolume};

/// Tells what happens: a kind, a name, a word.
pub type Tell<'a> = &'a dyn Fn(&'static str, &str, &'static str);

/// Carries one step out. What is to go and is gone already counts as done.
pub fn perform(
    engine: &Engine,
    project: Option<&Project>,
    settings: &Settings,
    action: &Action,
    send: &(dyn Fn(StackEvent) + Sync),
) -> Result<(), Problem> {
    let tell: Tell<'_> = &|kind, name, what| send(StackEvent::new(kind, name, what));
    let needed =
        || project.ok_or_else(|| Failure::usage("this needs the stack's file").hint("name it with -f"));
    match action {
        Action::EnsureImage { service } => image::ensure(engine, needed()?, service, settings, send)?,
        Action::ExpectNetwork { name } => {
            engine.networks()?.find(name).map_err(|_| {
                Failure::not_found(format!("network {name} is external, and is not there"))
                    .hint(format!("teu network create {name}"))
            })?;
        }
        Action::ExpectVolume { name } => {
            engine.store().volume(name).map_err(|_| {
                Failure::not_found(format!("volume {name} is external, and is not there"))
                    .hint(format!("teu volume create {name}"))
            })?;
        }
        Action::CreateNetwork { key, name } => {
            tell("Network", name, "Creating");
            let request = network_request(needed()?, key).map_err(Failure::from)?;
            engine.networks()?.create(&request).map_err(Failure::from)?;
            tell("Network", name, "Created");
        }
        Action::RemoveNetwork { name } => {
            tell("Network", name, "Removing");
            gone(engine.networks()?.remove(name).map(drop).map_err(Failure::from))?;
            tell("Network", name, "Removed");
        }
        Action::CreateVolume { key, name } => {
            tell("Volume", name, "Creating");
            let request = volume_request(needed()?, key).map_err(Failure::from)?;
            engine.create_volume(&NewVolume {
                name: request.name,
                driver: request.driver,
                labels: request.labels,
                options: request.options,
                anonymous: false,
            })?;
            tell("Volume", name, "Created");
        }
        Action::RemoveVolume { name } => {
            tell("Volume", name, "Removing");
            gone(engine.remove_volume(name))?;
            tell("Volume", name, "Removed");
        }
        Action::RemoveImage { image } => {
            gone(engine.store().remove_image(image, false).map(drop).map_err(Failure::from))?;
            tell("Image", image, "Removed");
        }
        Action::PullImage { image, platform } => {
            let platform = (!platform.is_empty()).then_some(platform.as_str());
            image::pull(engine, image, platform, settings, send)?;
        }
        Action::PushImage { image } => image::push(engine, image, settings, send)?,
        Action::WaitFor { service, condition, required } => {
            return wait::wait_for(engine, settings, service, *condition, *required, tell);
        }
        action => return container(engine, project, settings, action, tell),
    }
    Ok(())
}

/// A step about one container.
fn container(
    engine: &Engine,
    project: Option<&Project>,
    settings: &Settings,
    action: &Action,
    tell: Tell<'_>,
) -> Result<(), Problem> {
    let failed = |name: &str| {
        let name = name.to_owned();
        move |failure: Failure| {
            let message = if failure.message.contains(&name) {
                failure.message.clone()
            } else {
                format!("container {name}: {}", failure.message)
            };
            let log = engine.find(&name).map(|record| wait::last_lines(engine, &record)).unwrap_or_default();
            Problem { failure: Failure { message, ..failure }, container: name, log }
        }
    };
    match action {
        Action::CreateContainer { service, number, name, inherit_from } => {
            tell("Container", name, "Creating");
            let project = project.ok_or_else(|| Failure::usage("this needs the stack's file"))?;
            engine
                .create_of_service(project, service, *number, name, inherit_from.as_deref())
                .map_err(failed(name))?;
            tell("Container", name, "Created");
        }
        Action::RenameContainer { id, name } => {
            engine.rename(&record(engine, id)?.id, name).map_err(failed(name))?;
        }
        Action::RunHook { service, index, number, name } => {
            tell("Container", name, "Starting");
            let project = project.ok_or_else(|| Failure::usage("this needs the stack's file"))?;
            let hook = hooks::BeforeStart { service, index: *index, number: *number, name };
            hooks::before_start(engine, project, settings, &hook)?;
            tell("Container", name, "Exited");
        }
        Action::StartContainer { service, name } => {
            tell("Container", name, "Starting");
            let record = engine.find(name).map_err(failed(name))?;
            wait::start(engine, &record.id).map_err(failed(name))?;
            hooks::after_start(engine, project, service, &record.id).map_err(failed(name))?;
            tell("Container", name, "Started");
        }
        Action::StopContainer { service, id, name } => {
            tell("Container", name, "Stopping");
            if let Some(record) = standing(engine, id)? {
                hooks::before_stop(engine, project, service, &record.id, tell);
                gone(engine.stop(&record.id, settings.stop_timeout, None)).map_err(failed(name))?;
            }
            tell("Container", name, "Stopped");
        }
        Action::RestartContainer { service, id, name } => {
            tell("Container", name, "Restarting");
            let record = record(engine, id)?;
            if record.state.status.is_live() {
                hooks::before_stop(engine, project, service, &record.id, tell);
            }
            engine.restart(&record.id, settings.stop_timeout, None).map_err(failed(name))?;
            hooks::after_start(engine, project, service, &record.id).map_err(failed(name))?;
            tell("Container", name, "Started");
        }
        Action::KillContainer { id, name } => {
            let signal = if settings.signal.is_empty() { "SIGKILL" } else { &settings.signal };
            engine.kill(&record(engine, id)?.id, signal).map_err(failed(name))?;
            tell("Container", name, "Killed");
        }
        Action::PauseContainer { id, name } => {
            engine.pause(&record(engine, id)?.id).map_err(failed(name))?;
            tell("Container", name, "Paused");
        }
        Action::UnpauseContainer { id, name } => {
            engine.unpause(&record(engine, id)?.id).map_err(failed(name))?;
            tell("Container", name, "Unpaused");
        }
        Action::RemoveContainer { id, name, volumes } => {
            tell("Container", name, "Removing");
            if let Some(record) = standing(engine, id)? {
                gone(engine.remove(&record.id, true, *volumes)).map_err(failed(name))?;
            }
            tell("Container", name, "Removed");
        }
        _ => {}
    }
    Ok(())
}

fn record(engine: &Engine, id: &str) -> Result<ContainerRecord, Failure> {
    let id = ContainerId::parse(id).ok_or_else(|| Failure::internal(format!("{id} is no container id")))?;
    Ok(engine.store().container(&id)?)
}

/// The container, unless it is gone.
fn standing(engine: &Engine, id: &str) -> Result<Option<ContainerRecord>, Failure> {
    match record(engine, id) {
        Ok(record) => Ok(Some(record)),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// What is not there any more need not be removed.
fn gone(result: Result<(), Failure>) -> Result<(), Failure> {
    match result {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(()),
        other => other,
    }
}
