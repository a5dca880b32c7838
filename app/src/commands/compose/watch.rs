//! `teu compose watch`, and what `up --watch` does beside its output.

use super::manner::Manner;
use super::{project, say, up};
use crate::arguments::{ComposeArguments, ComposeMakeArguments, ComposeUpArguments, ComposeWatchArguments};
use crate::commands::{Outcome, complain};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use teu_api::Failure;
use teu_core::stacks::{StackEvent, StackWatch};
use teu_core::{Engine, Paths};

/// Brings the services up and their files into them, until it is told to stop. The stack goes on.
pub fn run(paths: Paths, arguments: &ComposeArguments, watch: &ComposeWatchArguments) -> Outcome {
    let project = project::load(arguments, &watch.services)?;
    let manner = Manner::of(arguments, &project.environment)?.quiet(watch.quiet);
    manner.refuse_dry_run("watch")?;
    let engine = Engine::open(paths.clone())?;
    // What cannot be watched starts nothing.
    let mut files = engine.watch_stack(&project, &watch.services)?;
    project::warn(&files.warnings);
    if !watch.no_up {
        let make =
            ComposeMakeArguments { services: watch.services.clone(), ..ComposeMakeArguments::default() };
        let options = ComposeUpArguments { make, detach: true, ..ComposeUpArguments::default() };
        let code = up::bring(paths, arguments, &options, project.clone())?;
        if code != 0 {
            return Ok(code);
        }
    }
    let signals = super::ears::end_signals()?;
    follow(&engine, &project.name, &mut files, signals.as_fd(), manner)?;
    Ok(0)
}

/// Brings changes in until `end` becomes readable or is closed. A change that fails is told of, and the next is tried
/// all the same.
pub fn follow(
    engine: &Engine,
    stack: &str,
    files: &mut StackWatch,
    end: BorrowedFd<'_>,
    manner: Manner,
) -> Result<(), Failure> {
    let mut tell = |event: &StackEvent| manner.tell(event);
    files.start(engine, stack, &mut tell).failures.iter().for_each(complain);
    let services: Vec<&str> = files.services().into_iter().collect();
    let _ = writeln!(io::stderr(), "Watching for {}", say::lines([services.join(", ")]).trim_end());
    loop {
        let mut descriptors =
            [PollFd::new(files.as_fd(), PollFlags::POLLIN), PollFd::new(end, PollFlags::POLLIN)];
        match poll(&mut descriptors, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Failure::internal(format!("cannot wait for changes: {errno}"))),
        }
        let is_ready = |at: usize| descriptors[at].revents().is_some_and(|events| !events.is_empty());
        let (changed, ended) = (is_ready(0), is_ready(1));
        if ended {
            return Ok(());
        }
        if changed {
            files.turn(engine, stack, &mut tell)?.failures.iter().for_each(complain);
        }
    }
}
