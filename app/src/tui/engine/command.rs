//! Commands that are carried out once: each on a thread of its own, since stopping may take ten seconds.

use super::cancel::Cancel;
use super::{image_file, import, prune, pull, stack, stack_watch};
use std::sync::Mutex;
use teu_api::stack::{StackDeed, StackRequest};
use teu_api::{Command, Event, Failure, FailureKind};
use teu_core::{Engine, Paths};
use tokio::sync::mpsc::Sender;

/// Carries a command out and tells how it went. What takes longer shows as a task of that number.
pub fn carry_out(paths: &Paths, events: &Sender<Event>, task: u64, cancel: &Cancel, command: Command) {
    let title: Mutex<Option<String>> = Mutex::default();
    let progress = |text: String| {
        let Ok(mut title) = title.lock() else { return };
        // The first word of it says what is done, those after it how far it has come.
        let (title, text) = match title.as_ref() {
            Some(title) => (title.clone(), text),
            None => (title.insert(text).clone(), String::new()),
        };
        let _ = events.blocking_send(Event::Task { task, title, text });
    };
    let mut event = match command {
        Command::PlanPrune(scope) => match prune::plan(paths, scope) {
            Ok(rows) => Event::PrunePlan(rows),
            Err(failure) => Event::Failed { ticket: None, failure },
        },
        Command::ReadImageFile(from) => image_file::read(paths, from),
        Command::ExtractImagePath { from, to, overwrite } => image_file::extract(paths, from, to, overwrite),
        Command::SearchImages { term, ticket } => pull::search(&term, ticket),
        Command::Pull(name) => pull::pull(paths, events, name, cancel, &progress),
        Command::ReadStackFile(path) => stack::read(path),
        Command::CheckStackFile { source, path, text, ticket } => stack::check(&source, &path, &text, ticket),
        Command::SaveStackFile { path, text, before } => stack::save(path, text, before.as_deref()),
        Command::Stack(request) if request.deed == StackDeed::Watch => {
            match stack_watch::watch(paths, events, &request, task, cancel, &progress) {
                Ok(text) => Event::Done { text },
                Err(failure) => Event::Failed { ticket: None, failure },
            }
        }
        Command::Stack(request) => match run_stack(paths, events, &request, cancel, &progress) {
            Ok(text) => Event::Done { text },
            Err(failure) => Event::Failed { ticket: None, failure },
        },
        command => match run(paths, command, cancel, &progress) {
            Ok(text) => Event::Done { text },
            Err(failure) => Event::Failed { ticket: None, failure },
        },
    };
    // The user interface has ended: no one is left to tell.
    if let Some(title) = title.into_inner().ok().flatten() {
        let failure = match &mut event {
            Event::Failed { failure, .. } | Event::PullEnded { outcome: Err(failure), .. } => {
                // Whatever broke off because it was to end did not fail; what failed for another reason did.
                if failure.kind == FailureKind::Cancelled {
                    *failure = Failure::cancelled(format!("cancelled {title}"));
                }
                Some(failure.clone())
            }
            _ => None,
        };
        let _ = events.blocking_send(Event::TaskEnded { task, failure });
    }
    let _ = events.blocking_send(event);
}

fn run_stack(
    paths: &Paths,
    events: &Sender<Event>,
    request: &StackRequest,
    cancel: &Cancel,
    progress: &(dyn Fn(String) + Sync),
) -> Result<String, Failure> {
    let engine = Engine::open(paths.clone())?;
    let name = &request.source.name;
    progress(format!("{} {name}", request.deed.doing()));
    cancel.heed();
    stack::carry_out(&engine, request, cancel, &mut |kind, part, what| {
        progress(format!("{kind} {part}: {}", what.to_lowercase()));
        let (name, part, what) = (name.clone(), part.to_owned(), what.to_owned());
        let _ = events.blocking_send(Event::StackStep { name, part, what });
    })
}

fn run(
    paths: &Paths,
    command: Command,
    cancel: &Cancel,
    progress: &(dyn Fn(String) + Sync),
) -> Result<String, Failure> {
    let engine = Engine::open(paths.clone())?;
    let name = |id: &teu_api::ContainerId| engine.store().container(id).map(|record| record.name);
    Ok(match command {
        Command::Start(id) => {
            let name = name(&id)?;
            engine.start(&id)?;
            format!("started {name}")
        }
        Command::Stop(id) => {
            let name = name(&id)?;
            progress(format!("stopping {name}"));
            engine.stop(&id, None, None)?;
            format!("stopped {name}")
        }
        Command::Restart(id) => {
            let name = name(&id)?;
            progress(format!("restarting {name}"));
            engine.restart(&id, None, None)?;
            format!("restarted {name}")
        }
        Command::Kill { id, signal } => {
            let name = name(&id)?;
            engine.kill(&id, &signal)?;
            format!("sent {signal} to {name}")
        }
        Command::Pause(id) => {
            let name = name(&id)?;
            engine.pause(&id)?;
            format!("paused {name}")
        }
        Command::Unpause(id) => {
            let name = name(&id)?;
            engine.unpause(&id)?;
            format!("{name} goes on")
        }
        Command::Remove { id, force } => {
            let name = name(&id)?;
            engine.remove(&id, force, true)?;
            format!("removed {name}")
        }
        Command::RemoveImage { reference, force } => {
            engine.store().remove_image(&reference, force)?;
            format!("removed image {reference}")
        }
        Command::RemoveVolume(name) => {
            engine.remove_volume(&name)?;
            format!("removed volume {name}")
        }
        Command::RemoveNetwork(name) => {
            let name = engine.networks()?.remove(&name)?;
            format!("removed network {name}")
        }
        Command::ApplyPrune(rows) => {
            progress(format!("removing {} things", rows.len()));
            prune::apply(&engine, rows, cancel, progress)?
        }
        Command::SessionClose { id, session } => {
            let record = engine.store().container(&id)?;
            engine.close_session(&record, session)?;
            format!("closed session {session} of {}", record.name)
        }
        Command::Import { path, name } => {
            progress(format!("importing {path}"));
            import::import(&engine, &path, &name, cancel)?
        }
        Command::DemoUp => {
            progress("building the demo".to_owned());
            cancel.heed();
            engine.demo_up(&mut |line| {
                progress(line.to_owned());
                cancel.check()
            })?;
            "the demo is up".to_owned()
        }
        Command::DemoDown => {
            progress("taking the demo down".to_owned());
            cancel.heed();
            engine.demo_down(&mut |line| {
                progress(line.to_owned());
                cancel.check()
            })?;
            "the demo is gone".to_owned()
        }
        // These are the session's, the log's and the sampler's; they never come here.
        other => return Err(Failure::unsupported(format!("cannot carry out {other:?} on its own"))),
    })
}
