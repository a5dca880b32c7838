//! What a detail tab shows, read while it is looked at and not otherwise.

use super::stack;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender as Queue, channel};
use std::thread;
use std::time::Duration;
use teu_api::details::{
    DetailRequest, HistoryStep, ImageDetails, LayerChange, LayerChangeKind, LayerSummary, Processes,
};
use teu_api::{ContainerId, Event, Failure};
use teu_core::images::{Change, ChangeKind, LayerChanges};
use teu_core::{Engine, Paths};
use tokio::sync::mpsc::Sender;

/// How often processes are read.
const PERIOD: Duration = Duration::from_secs(1);

/// Most paths told of one layer: more than anybody looks through, and a bound on memory.
const MOST_PATHS: usize = 50_000;

/// A reading; dropping it ends it.
pub struct Reader {
    _end: Queue<()>,
}

/// Begins to read.
pub fn read(paths: Paths, events: Sender<Event>, request: DetailRequest) -> Reader {
    let (end, ended) = channel();
    thread::spawn(move || {
        if let Err(failure) = run(paths, &events, request, &ended) {
            let _ = events.blocking_send(Event::Failed { ticket: None, failure });
        }
    });
    Reader { _end: end }
}

fn run(
    paths: Paths,
    events: &Sender<Event>,
    request: DetailRequest,
    ended: &Receiver<()>,
) -> Result<(), Failure> {
    let engine = Engine::open(paths)?;
    let event = match request {
        DetailRequest::Container(id) => {
            let document = engine
                .store()
                .container(&id)
                .map_err(Failure::from)
                .and_then(|record| engine.inspect(&record));
            Event::Inspected { id: id.as_str().to_owned(), document }
        }
        DetailRequest::Network(name) => {
            let document = engine.inspect_network(&name);
            Event::Inspected { id: name, document }
        }
        DetailRequest::Image(id) => {
            let details = image(&engine, &id);
            Event::ImageDetails { id, details }
        }
        DetailRequest::Volume(name) => {
            let bytes = engine.volume_size(&name)?;
            Event::VolumeSize { name, bytes }
        }
        DetailRequest::Stack(source) => {
            let name = source.name.clone();
            Event::StackDetails { name, details: Ok(stack::details(&engine, source)) }
        }
        DetailRequest::Processes(id) => {
            watch_processes(&engine, events, &id, ended);
            return Ok(());
        }
    };
    // The user interface has ended: no one is left to tell.
    let _ = events.blocking_send(event);
    Ok(())
}

fn watch_processes(engine: &Engine, events: &Sender<Event>, id: &ContainerId, ended: &Receiver<()>) {
    loop {
        let table =
            engine.store().container(id).map_err(Failure::from).and_then(|record| engine.top(&record, &[]));
        let processes = table.map(|table| Processes { titles: table.titles, rows: table.rows });
        if events.blocking_send(Event::Processes { id: id.clone(), processes }).is_err() {
            return;
        }
        if ended.recv_timeout(PERIOD) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn image(engine: &Engine, id: &str) -> Result<ImageDetails, Failure> {
    let history = engine.store().image_history(id)?;
    let mut made: Vec<&str> = Vec::new();
    for step in history.iter().rev().filter(|step| step.layer.is_some()) {
        made.push(&step.created_by);
    }
    let changes = engine.store().image_changes(id)?;
    let layers = changes
        .into_iter()
        .enumerate()
        .map(|(at, layer)| summary(layer, made.get(at).copied().unwrap_or_default()))
        .collect();
    let step = |step: teu_core::images::HistoryEntry| HistoryStep {
        created_at: step.created_at,
        created_by: step.created_by,
        comment: step.comment,
        size: step.size,
    };
    let (shared, unique) = engine.store().image_shares(id)?;
    Ok(ImageDetails { layers, history: history.iter().cloned().map(step).collect(), shared, unique })
}

fn summary(layer: LayerChanges, created_by: &str) -> LayerSummary {
    let count = |kind| layer.changes.iter().filter(|change| change.kind == kind).count() as u64;
    let (added, modified, removed) =
        (count(ChangeKind::Added), count(ChangeKind::Modified), count(ChangeKind::Removed));
    let mut changes = layer.changes;
    // By the parts of paths: a folder stands right before what is in it, whatever its neighbours are called.
    changes.sort_by(|a, b| a.path.split(|byte| *byte == b'/').cmp(b.path.split(|byte| *byte == b'/')));
    let left_out = changes.len().saturating_sub(MOST_PATHS);
    changes.truncate(MOST_PATHS);
    let one = |change: Change| LayerChange {
        path: String::from_utf8_lossy(&change.path).into_owned(),
        kind: match change.kind {
            ChangeKind::Added => LayerChangeKind::Added,
            ChangeKind::Modified => LayerChangeKind::Modified,
            ChangeKind::Removed => LayerChangeKind::Removed,
        },
        folder: change.folder,
        size: change.size,
        mode: change.mode,
        uid: change.uid,
        gid: change.gid,
    };
    LayerSummary {
        diff_id: layer.layer.diff_id,
        created_by: created_by.to_owned(),
        size: layer.layer.size,
        wasted: layer.wasted,
        added,
        modified,
        removed,
        changes: changes.into_iter().map(one).collect(),
        left_out: left_out as u64,
    }
}
