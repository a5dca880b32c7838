//! Commands that are carried out once: each on a thread of its own, since stopping may take ten seconds.

use teu_api::{Command, Event, Failure};
use teu_core::{Engine, Paths};
use tokio::sync::mpsc::Sender;

/// Carries a command out and tells how it went.
pub fn carry_out(paths: &Paths, events: &Sender<Event>, command: Command) {
    let progress = |text: String| {
        let _ = events.blocking_send(Event::Progress { text });
    };
    let event = match run(paths, command, &progress) {
        Ok(text) => Event::Done { text },
        Err(failure) => Event::Failed { ticket: None, failure },
    };
    // The user interface has ended: no one is left to tell.
    let _ = events.blocking_send(event);
}

fn run(paths: &Paths, command: Command, progress: &dyn Fn(String)) -> Result<String, Failure> {
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
        Command::SessionClose { id, session } => {
            let record = engine.store().container(&id)?;
            engine.close_session(&record, session)?;
            format!("closed session {session} of {}", record.name)
        }
        Command::DemoUp => {
            progress("building the demo".to_owned());
            engine.demo_up(&mut |line| progress(line.to_owned()))?;
            "the demo is up".to_owned()
        }
        Command::DemoDown => {
            progress("taking the demo down".to_owned());
            engine.demo_down(&mut |line| progress(line.to_owned()))?;
            "the demo is gone".to_owned()
        }
        // These are the session's, the log's and the sampler's; they never come here.
        other => return Err(Failure::unsupported(format!("cannot carry out {other:?} on its own"))),
    })
}
