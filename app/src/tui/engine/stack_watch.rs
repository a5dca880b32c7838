//! Files watched for a stack: what changes is brought into its services until that is cancelled.

use super::cancel::Cancel;
use super::stack;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd as _;
use std::path::Path;
use teu_api::stack::{StackRequest, WatchNews};
use teu_api::{Event, Failure};
use teu_core::stacks::{Brought, StackEvent, StackWatch, Turn};
use teu_core::{Engine, Paths};
use tokio::sync::mpsc::Sender;

/// Watches, telling each change, until it is to end; says what was done.
pub fn watch(
    paths: &Paths,
    events: &Sender<Event>,
    request: &StackRequest,
    task: u64,
    cancel: &Cancel,
    progress: &dyn Fn(String),
) -> Result<String, Failure> {
    let name = &request.source.name;
    let news = |news: WatchNews| {
        // The user interface has ended: no one is left to tell.
        let _ = events.blocking_send(Event::StackWatch { name: name.clone(), news });
    };
    cancel.heed();
    cancel.set_endless();
    let ended = begin(paths, request, task, cancel, progress, &news);
    news(WatchNews::Ended);
    ended.map(|()| format!("the files of {name} are watched no more"))
}

fn begin(
    paths: &Paths,
    request: &StackRequest,
    task: u64,
    cancel: &Cancel,
    progress: &dyn Fn(String),
    news: &dyn Fn(WatchNews),
) -> Result<(), Failure> {
    let name = &request.source.name;
    let project = stack::load(&request.source)?;
    let engine = Engine::open(paths.clone())?;
    let mut files = engine.watch_stack(&project, &request.services)?;
    progress(format!("watching files of {name}"));
    news(WatchNews::Begun {
        task,
        services: files.services().into_iter().map(str::to_owned).collect(),
        warnings: files.warnings.clone(),
    });
    let mut changes = 0;
    let mut told = |turn: Turn| {
        changes += turn.brought.len();
        turn.brought.into_iter().for_each(|one| news(brought(one, &project.directory)));
        turn.failures.into_iter().for_each(|failure| news(WatchNews::Failed(failure)));
        if changes > 0 {
            progress(teu_ui::text::count(changes, "change") + " brought in");
        }
    };
    follow(&engine, name, &mut files, cancel, &mut told)
}

fn brought(one: Brought, folder: &Path) -> WatchNews {
    let path = |path: &std::path::PathBuf| path.strip_prefix(folder).unwrap_or(path).display().to_string();
    let files = one.files.iter().map(path).collect();
    WatchNews::Brought { service: one.service, files, restarted: one.restarted }
}

fn follow(
    engine: &Engine,
    stack: &str,
    files: &mut StackWatch,
    cancel: &Cancel,
    told: &mut dyn FnMut(Turn),
) -> Result<(), Failure> {
    let bell = cancel.bell()?;
    let mut ignore = |_: &StackEvent| {};
    told(files.start(engine, stack, &mut ignore));
    while !cancel.is_asked() {
        let mut descriptors =
            [PollFd::new(files.as_fd(), PollFlags::POLLIN), PollFd::new(bell.as_fd(), PollFlags::POLLIN)];
        match poll(&mut descriptors, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Failure::internal(format!("cannot wait for changes: {errno}"))),
        }
        if descriptors[0].revents().is_some_and(|events| !events.is_empty()) && !cancel.is_asked() {
            told(files.turn(engine, stack, &mut ignore)?);
        }
    }
    Ok(())
}
