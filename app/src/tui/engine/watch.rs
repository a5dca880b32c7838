//! Every container, image and session, told again whenever something changed.

use super::stack;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::BTreeMap;
use std::os::fd::{AsFd as _, OwnedFd};
use std::thread;
use teu_api::container::{ContainerSnapshot, Status};
use teu_api::event::JournalEntry;
use teu_api::session::SessionSnapshot;
use teu_api::{ContainerId, Event, Failure, SessionId};
use teu_core::{Engine, EventRecord, Paths, Watch};
use tokio::sync::mpsc::Sender;

/// Begins to watch.
pub fn start(paths: Paths, events: Sender<Event>) {
    thread::spawn(move || {
        if let Err(failure) = run(&paths, &events) {
            let _ = events.blocking_send(Event::Failed { ticket: None, failure });
        }
    });
}

fn run(paths: &Paths, events: &Sender<Event>) -> Result<(), Failure> {
    let engine = Engine::open(paths.clone())?;
    let broken = |error: std::io::Error| Failure::internal(format!("cannot watch the database: {error}"));
    let watch = Watch::new(&paths.database()).map_err(broken)?;
    // Each list is told of as soon as it is read: the first one is what is waited for.
    let tell = |event: Event| events.blocking_send(event).is_ok();
    let mut containers = engine.containers()?;
    if !tell(Event::Containers(containers.clone())) {
        return Ok(());
    }
    let mut images = engine.images()?;
    let networks = engine.networks()?;
    let mut listed = networks.list()?;
    let mut volumes = engine.volumes()?;
    let lists =
        [Event::Images(images.clone()), Event::Volumes(volumes.clone()), Event::Networks(listed.clone())];
    if !lists.into_iter().all(tell) {
        return Ok(());
    }
    // Every supervisor is asked for these: the lists do not wait for that.
    let mut sessions = open_sessions(&engine, &containers);
    if events.blocking_send(Event::Sessions(sessions.clone())).is_err() {
        return Ok(());
    }
    if let Some(source) = stack::here()
        && events.blocking_send(Event::StackKnown(source)).is_err()
    {
        return Ok(());
    }
    let mut supervisors = Supervisors::default();
    let last = engine.store().last_event()?;
    let past = engine.store().events_after((last - PAST).max(0))?;
    let mut seen = past.last().map_or(last, |event| event.seq);
    if events.blocking_send(Event::Journal(past.into_iter().map(entry).collect())).is_err() {
        return Ok(());
    }
    // Whoever had these sessions before may be leaving just now: they are looked at again for a moment.
    let mut held = sessions.iter().any(|(_, session)| session.clients > 0);
    let mut looks = LOOKS[..if held { LOOKS.len() } else { 0 }].iter();
    loop {
        supervisors.follow(&containers);
        let next_look = looks.next().map_or(PollTimeout::NONE, |look| PollTimeout::from(*look));
        held &= next_look != PollTimeout::NONE;
        if wait(&watch, &supervisors, next_look) {
            engine.reconcile()?;
        }
        watch.clear().map_err(broken)?;
        let next = engine.containers()?;
        if next != containers {
            containers = next;
            if events.blocking_send(Event::Containers(containers.clone())).is_err() {
                return Ok(());
            }
        }
        let next = engine.images()?;
        if next != images {
            images = next;
            if events.blocking_send(Event::Images(images.clone())).is_err() {
                return Ok(());
            }
        }
        let next = engine.volumes()?;
        if next != volumes {
            volumes = next;
            if events.blocking_send(Event::Volumes(volumes.clone())).is_err() {
                return Ok(());
            }
        }
        let next = networks.list()?;
        if next != listed {
            listed = next;
            if events.blocking_send(Event::Networks(listed.clone())).is_err() {
                return Ok(());
            }
        }
        // Asking wakes every supervisor, so it is done only when a session may have come or gone.
        let news = engine.store().events_after(seen)?;
        seen = news.last().map_or(seen, |event| event.seq);
        let concerned = news.iter().any(|event| concerns_sessions(&event.action));
        let news: Vec<_> = news.into_iter().map(entry).collect();
        if !news.is_empty() && events.blocking_send(Event::Journal(news)).is_err() {
            return Ok(());
        }
        if !concerned && !held {
            continue;
        }
        let next = open_sessions(&engine, &containers);
        if next != sessions {
            sessions = next;
            if events.blocking_send(Event::Sessions(sessions.clone())).is_err() {
                return Ok(());
            }
        }
    }
}

/// When sessions that somebody was leaving at the start are looked at again, in milliseconds one after the other.
const LOOKS: [u16; 3] = [50, 300, 1500];

/// How many past events are told of at the start.
const PAST: i64 = 500;

fn entry(event: EventRecord) -> JournalEntry {
    JournalEntry {
        seq: event.seq,
        at: event.time,
        kind: event.kind.as_str().to_owned(),
        action: event.action,
        id: event.actor_id,
        attributes: event.attributes,
    }
}

fn concerns_sessions(action: &str) -> bool {
    action.starts_with("exec_") || matches!(action, "start" | "die" | "pause" | "unpause")
}

/// Sessions beside the first processes. A container that is ending just now has none.
fn open_sessions(engine: &Engine, containers: &[ContainerSnapshot]) -> Vec<(ContainerId, SessionSnapshot)> {
    let running = containers.iter().filter(|container| container.state.status == Status::Running);
    let mut found = Vec::new();
    for container in running {
        let Ok(record) = engine.store().container(&container.id) else { continue };
        let sessions = engine.sessions(&record).unwrap_or_default();
        let open = sessions
            .into_iter()
            .filter(|session| session.id != SessionId::MAIN && session.tty && session.exit_code.is_none());
        found.extend(open.map(|session| (container.id.clone(), session)));
    }
    found
}

/// A killed supervisor writes nothing into the database; the kernel tells of it through a process descriptor.
#[derive(Default)]
struct Supervisors {
    descriptors: BTreeMap<i32, OwnedFd>,
}

impl Supervisors {
    fn follow(&mut self, containers: &[ContainerSnapshot]) {
        let live =
            |pid: i32| containers.iter().any(|container| container.state.supervisor_pid == pid && pid > 0);
        self.descriptors.retain(|pid, _| live(*pid));
        for pid in containers
            .iter()
            .filter(|c| c.state.status.is_live())
            .map(|c| c.state.supervisor_pid)
            .filter(|pid| *pid > 0)
        {
            if let std::collections::btree_map::Entry::Vacant(place) = self.descriptors.entry(pid)
                && let Some(process) = rustix::process::Pid::from_raw(pid)
                && let Ok(descriptor) =
                    rustix::process::pidfd_open(process, rustix::process::PidfdFlags::empty())
            {
                place.insert(descriptor);
            }
        }
    }
}

/// Waits for a commit or the end of a supervisor; whether it was the latter.
fn wait(watch: &Watch, supervisors: &Supervisors, timeout: PollTimeout) -> bool {
    let mut descriptors = vec![PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
    descriptors.extend(supervisors.descriptors.values().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)));
    // A signal that interrupts it makes one look too many, and no more.
    let _ = poll(&mut descriptors, timeout);
    descriptors[1..].iter().any(|descriptor| descriptor.revents().is_some_and(|events| !events.is_empty()))
}
