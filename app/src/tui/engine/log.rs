//! Following one container's log.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::thread;
use teu_api::command::LogRequest;
use teu_api::{Event, Failure};
use teu_core::log::{Progress, ReadOptions};
use teu_core::{Engine, Paths};
use tokio::sync::mpsc::Sender;

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
pub fn follow(paths: Paths, events: Sender<Event>, request: LogRequest) -> Follower {
    // Only the two ends of a pair can be made at this point; without descriptors nothing works any more.
    let (stop, stopped) =
        UnixStream::pair().unwrap_or_else(|error| panic!("cannot make a socket pair: {error}"));
    thread::spawn(move || {
        let ticket = request.ticket;
        if let Err(failure) = run(&paths, &events, &request, stopped) {
            let _ = events.blocking_send(Event::Failed { ticket: Some(ticket), failure });
        }
    });
    Follower { stop }
}

fn run(
    paths: &Paths,
    events: &Sender<Event>,
    request: &LogRequest,
    mut stopped: UnixStream,
) -> Result<(), Failure> {
    let engine = Engine::open(paths.clone())?;
    let record = engine.store().container(&request.id)?;
    let options = ReadOptions { tail: Some(request.tail), follow: true, ..ReadOptions::default() };
    let mut reader = engine.log_reader(&record, options)?;
    drop(engine);
    stopped.set_nonblocking(true).map_err(|error| Failure::internal(error.to_string()))?;
    loop {
        let mut lines = Vec::new();
        let progress = reader.read(&mut lines)?;
        if !lines.is_empty()
            && events.blocking_send(Event::Log { ticket: request.ticket, lines, dropped: 0 }).is_err()
        {
            return Ok(());
        }
        match progress {
            Progress::More => {
                let mut byte = [0];
                if !matches!(stopped.read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
                {
                    return Ok(());
                }
            }
            Progress::End => return Ok(()),
            Progress::Pending => {
                let mut descriptors = vec![PollFd::new(stopped.as_fd(), PollFlags::POLLIN)];
                descriptors.extend(reader.as_fd().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
                let _ = poll(&mut descriptors, PollTimeout::NONE);
                if descriptors[0].revents().is_some_and(|events| !events.is_empty()) {
                    return Ok(());
                }
            }
        }
    }
}
