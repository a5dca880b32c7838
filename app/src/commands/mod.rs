//! What each command does: arguments in, engine called, words out. One command, one file.

mod artifact;
mod attach;
mod build;
mod commit;
mod completion;
mod compose;
mod confirm;
mod cp;
mod create;
mod debug;
mod demo;
mod diff;
mod dispatch;
mod events;
mod exec;
mod export;
mod from_host;
mod from_template;
mod history;
mod image;
mod images;
mod import;
mod info;
mod inspect;
mod kill;
mod load;
mod login;
mod logs;
mod man;
mod network;
mod pause;
mod port;
mod prune;
mod ps;
mod pull;
mod push;
mod rename;
mod rm;
mod rmi;
mod run;
mod save;
mod search;
mod start;
mod stats;
mod stop;
mod system;
mod tag;
mod target;
mod top;
mod transfer;
mod update;
mod version;
mod volume;
mod wait;

pub use dispatch::main;

use std::io::{self, Write};
use teu_api::{ContainerId, Failure, FailureKind};
use teu_core::{Engine, NewEvent};

/// What a command gives back: an exit code, or why it failed, which is said and counts as 1.
pub type Outcome = Result<u8, Failure>;

/// Docker's exit code for a container that `run` could not make or start, and for flags of `run` and `create` that are
/// wrong.
const NOT_STARTED: u8 = 125;

/// Nanoseconds since the Unix epoch.
fn now() -> i64 {
    jiff::Timestamp::now().as_nanosecond() as i64
}

/// Says what failed, in one line.
fn complain(failure: &Failure) {
    // Standard error that is gone leaves no one to tell.
    let _ = writeln!(io::stderr(), "teu: {failure}");
}

/// Warns of what is done otherwise than asked for.
fn warn(text: &str) {
    // Standard error that is gone leaves no one to tell.
    let _ = writeln!(io::stderr(), "WARNING: {text}");
}

/// Prints a line.
fn say(line: &str) -> Result<(), Failure> {
    print(&format!("{line}\n"))
}

/// Prints text as it is. A reader that went away (`teu ps | head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::internal(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// An image's name as users write it, with its tag: `alpine:latest`.
fn familiar_name(name: &str) -> Result<String, Failure> {
    Ok(teu_core::Reference::parse_tagged(name)?.familiar())
}

/// An image's name in full, or only its repository.
fn full_name(name: &str, tag: bool) -> Result<String, Failure> {
    if tag {
        return Ok(teu_core::Reference::parse_tagged(name)?.to_string());
    }
    Ok(teu_core::Reference::parse(name)?.repository())
}

/// What a container wrote, and that together with its image, in bytes.
fn bytes(engine: &teu_core::Engine, id: &ContainerId, image: &str) -> (u64, u64) {
    let written = engine.written_bytes(id);
    let layers = engine.store().image_layer_records(image).unwrap_or_default();
    (written, written + layers.iter().map(|layer| layer.size).sum::<u64>())
}

/// Records what a command did. It is done: that it cannot be recorded is told, and fails nothing.
fn record(engine: &Engine, event: &NewEvent) {
    if let Err(error) = engine.store().append_event(event) {
        complain(&error.into());
    }
}

/// The exit code of `run` when the container did not start.
fn run_code(failure: &Failure) -> u8 {
    match failure.kind {
        FailureKind::CommandNotFound => 127,
        FailureKind::NotExecutable => 126,
        _ => NOT_STARTED,
    }
}

/// Does something to each of several things that a command names, and goes on after a failure. The exit code is 1
/// when any of them failed.
#[allow(clippy::unnecessary_wraps, reason = "what commands give back")]
fn each(names: &[String], mut action: impl FnMut(&str) -> Result<(), Failure>) -> Outcome {
    let mut code = 0;
    for name in names {
        if let Err(failure) = action(name) {
            complain(&failure);
            code = 1;
        }
    }
    Ok(code)
}
