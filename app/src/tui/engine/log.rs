//! Following one container's log, or several as one.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::thread;
use teu_api::command::LogRequest;
use teu_api::event::LogLine;
use teu_api::{Event, Failure};
use teu_core::log::{Progress, ReadOptions, Reader};
use teu_core::{Engine, Paths};
use tokio::sync::mpsc::Sender;

/// Lines read of one log before those of the others get their turn: the lines asked for at first are put in order whole.
const ROUND: usize = 6_000;

/// What is told where nobody can count the lines that are missing.
const MISSED: u64 = u64::MAX;

/// Lines in one event.
const BATCH: usize = 1_000;

/// A follower; dropping it ends it.
pub struct Follower {
    stop: UnixStream,
}

impl Drop for Follower {
    fn drop(&mut self) {
        // Closing would do as well; a byte wakes the poll at once.
        let _ = self.stop.write(&[0]);
    }
}

/// Begins to follow.
pub fn follow(paths: Paths, events: Sender<Event>, requests: Vec<LogRequest>) -> Follower {
    // Only the two ends of a pair can be made at this point; without descriptors nothing works any more.
    let (stop, stopped) =
        UnixStream::pair().unwrap_or_else(|error| panic!("cannot make a socket pair: {error}"));
    thread::spawn(move || {
        if let Err(failure) = run(&paths, &events, requests, stopped) {
            let _ = events.blocking_send(Event::Failed { ticket: None, failure });
        }
    });
    Follower { stop }
}

fn run(
    paths: &Paths,
    events: &Sender<Event>,
    requests: Vec<LogRequest>,
    mut stopped: UnixStream,
) -> Result<(), Failure> {
    let engine = Engine::open(paths.clone())?;
    let single = requests.len() == 1;
    let mut readers = Vec::new();
    for request in requests {
        let options = ReadOptions {
            tail: request.tail,
            since: request.since,
            until: request.until,
            follow: request.until.is_none(),
        };
        let record = engine.store().container(&request.id).map_err(Failure::from);
        match record.and_then(|record| engine.log_reader(&record, options)) {
            Ok(reader) => readers.push((request.ticket, reader)),
            Err(failure) if single => return Err(failure),
            // One that is gone or cannot be read does not keep the others from being shown.
            Err(failure) => {
                let _ = events.blocking_send(Event::Failed { ticket: Some(request.ticket), failure });
            }
        }
    }
    drop(engine);
    stopped.set_nonblocking(true).map_err(|error| Failure::internal(error.to_string()))?;
    loop {
        let more = if single { read_one(&mut readers, events)? } else { read_all(&mut readers, events)? };
        let Some(more) = more else { return Ok(()) };
        if more {
            let mut byte = [0];
            if !matches!(stopped.read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
            {
                return Ok(());
            }
            continue;
        }
        let mut descriptors = vec![PollFd::new(stopped.as_fd(), PollFlags::POLLIN)];
        let readable = readers.iter().filter_map(|(_, reader)| reader.as_fd());
        descriptors.extend(readable.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        let _ = poll(&mut descriptors, PollTimeout::NONE);
        if descriptors[0].revents().is_some_and(|events| !events.is_empty()) {
            return Ok(());
        }
    }
}

/// Reads on in the one log; whether there may be more at once, and nothing when there is no one left to tell or no more.
fn read_one(readers: &mut [(u64, Reader)], events: &Sender<Event>) -> Result<Option<bool>, Failure> {
    let Some((ticket, reader)) = readers.first_mut() else { return Ok(None) };
    let mut lines = Vec::new();
    let progress = reader.read(&mut lines)?;
    let dropped = if !lines.is_empty() && reader.take_missed() { MISSED } else { 0 };
    let told =
        lines.is_empty() || events.blocking_send(Event::Log { ticket: *ticket, lines, dropped }).is_ok();
    Ok(match progress {
        Progress::End => None,
        progress => told.then_some(progress == Progress::More),
    })
}

/// Reads on in every log and tells the lines in the order of their times.
fn read_all(readers: &mut Vec<(u64, Reader)>, events: &Sender<Event>) -> Result<Option<bool>, Failure> {
    let mut merged: Vec<(u64, LogLine)> = Vec::new();
    let mut dropped = 0;
    let mut more = false;
    let mut ended = Vec::new();
    for (ticket, reader) in readers.iter_mut() {
        let mut lines = Vec::new();
        let progress = loop {
            let progress = reader.read(&mut lines)?;
            if progress != Progress::More || lines.len() >= ROUND {
                break progress;
            }
        };
        more |= progress == Progress::More;
        if !lines.is_empty() && reader.take_missed() {
            dropped = MISSED;
        }
        if progress == Progress::End {
            ended.push(*ticket);
        }
        merged.extend(lines.into_iter().map(|line| (*ticket, line)));
    }
    readers.retain(|(ticket, _)| !ended.contains(ticket));
    merged.sort_by_key(|(_, line)| line.at);
    while !merged.is_empty() {
        let rest = merged.split_off(merged.len().min(BATCH));
        if events
            .blocking_send(Event::MergedLog { lines: merged, dropped: std::mem::take(&mut dropped) })
            .is_err()
        {
            return Ok(None);
        }
        merged = rest;
    }
    Ok((!readers.is_empty()).then_some(more))
}
