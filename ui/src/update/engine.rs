//! What the engine says.

use crate::model::container::ContainerRow;
use crate::model::dialog::{Confirm, Deed, Dialog};
use crate::model::image::ImageRow;
use crate::model::notice::NoticeKind;
use crate::model::overlay::Overlay;
use crate::model::task::Outcome;
use crate::model::{Focus, Model, plain};
use crate::msg::Effect;
use crate::text::clean;
use std::collections::HashMap;
use teu_api::container::ContainerSnapshot;
use teu_api::session::SessionSnapshot;
use teu_api::stats::ContainerStats;
use teu_api::{Command, ContainerId, Event, SessionId};

pub(super) fn event(model: &mut Model, event: Event, out: &mut Vec<Effect>) {
    match event {
        Event::Stats(samples) => {
            if stats(model, samples) {
                model.dirty = true;
            }
            return;
        }
        Event::HostStats(sample) => {
            let moved = model
                .host_sample
                .as_ref()
                .is_none_or(|before| sample.at > before.at && model.host_history.push(before, &sample));
            model.host_sample = Some(sample);
            if !moved || !matches!(model.overlay, Some(Overlay::Monitor(_))) {
                return;
            }
        }
        Event::Containers(snapshots) => containers(model, snapshots),
        Event::Images(images) => {
            model.images.replace(ImageRow::rows(images));
        }
        Event::Volumes(volumes) => {
            model.volumes_told = true;
            let counted = &model.details.volumes;
            let row = |volume: &_| plain::volume(volume, counted);
            model.volumes.replace(volumes.iter().map(row).collect());
        }
        Event::Networks(networks) => {
            model.networks_told = true;
            model.networks.replace(networks.iter().map(plain::network).collect());
        }
        Event::Journal(entries) => super::journal::take(model, entries),
        Event::Sessions(sessions) => offer(model, sessions),
        Event::Log { ticket, lines, dropped } => {
            model.log.take(ticket, lines, dropped);
            if !model.shows_log() {
                return;
            }
        }
        Event::MergedLog { lines, dropped } => {
            model.log.take_merged(lines, dropped);
            if !model.shows_log() {
                return;
            }
        }
        Event::Inspected { id, document } => {
            if !model.details.take_document(id, document) {
                return;
            }
        }
        Event::Processes { id, processes } => {
            if !model.details.take_processes(id, processes) {
                return;
            }
        }
        Event::ImageDetails { id, details } => model.details.take_image(id, details),
        Event::ImagesFound { ticket, found } => {
            let Some(Overlay::Hub(hub)) = &mut model.overlay else { return };
            if hub.ticket != ticket {
                return;
            }
            hub.found = Some(found);
        }
        Event::PullPart { name, part } => {
            model.pulls.part(&name, part);
            if !matches!(model.overlay, Some(Overlay::Hub(_))) {
                return;
            }
        }
        Event::PullEnded { name, outcome } => {
            if let Some(pull) = model.pulls.going(&name) {
                pull.outcome = Outcome::of(outcome.as_ref().err());
                pull.message = outcome.clone().unwrap_or_else(|failure| failure.message);
            }
            match outcome {
                Ok(text) => model.say(NoticeKind::Done, text),
                Err(failure) => model.notices.fail(model.now, &failure),
            }
        }
        Event::StackDetails { name, details } => {
            if let Ok(details) = &details
                && !details.source.files.is_empty()
            {
                model.board.known.insert(name.clone(), details.source.clone());
            }
            model.board.details = Some((name, details));
        }
        Event::StackKnown(source) => {
            model.board.known.insert(source.name.clone(), source);
            stacks(model);
        }
        Event::StackStep { name, part, what } => {
            model.board.steps.entry(name).or_default().insert(part, what);
        }
        Event::StackWatch { name, news } => model.board.take_news(model.now, name, news),
        Event::StackFile { path, text } => {
            let now = model.now;
            if let Some(Overlay::Editor(editor)) = &mut model.overlay
                && !editor.take(&path, text, now)
            {
                return;
            }
        }
        Event::StackFindings { ticket, findings } => {
            let Some(Overlay::Editor(editor)) = &mut model.overlay else { return };
            if editor.ticket != ticket {
                return;
            }
            editor.findings = findings;
            editor.checked = editor.due.is_none();
        }
        Event::StackFileSaved { path, text } => super::editor::saved(model, &path, text, out),
        Event::ImageFile { from, content } => {
            if let Some(Overlay::File(pager)) = &mut model.overlay
                && !pager.take(&from, content)
            {
                return;
            }
        }
        Event::Occupied { what, replacing } => {
            model.dialog = Some(Dialog::Confirm(Confirm {
                title: "Replace it?".into(),
                lines: vec![what, "What is there is lost.".into()],
                verb: "Replace",
                yes: false,
                then: Deed::Ask(vec![*replacing]),
            }));
        }
        Event::VolumeSize { name, bytes } => {
            let row = model.volumes.items_mut().iter_mut().find(|row| row.key == name);
            if let (Some(row), Some(bytes)) = (row, bytes) {
                plain::set_size(row, bytes);
                model.volumes.refresh();
            }
            model.details.volumes.insert(name, bytes);
        }
        Event::PrunePlan(rows) => {
            if let Some(Dialog::Prune(wizard)) = &mut model.dialog {
                wizard.take(rows);
            }
        }
        Event::Task { task, title, text } => {
            let line = if text.is_empty() { title.clone() } else { format!("{title}: {text}") };
            if model.tasks.go_on(model.now, task, title, text)
                && let Some(Dialog::Tasks { selected: selected @ None }) = &mut model.dialog
            {
                *selected = Some(task);
            }
            model.notices.go_on(model.now, task, line);
        }
        Event::TaskEnded { task, failure } => {
            model.tasks.end(model.now, task, failure.as_ref());
            model.notices.end(task);
        }
        Event::SessionOpened { ticket, id, session, title } => {
            model.offered.retain(|(container, open)| *container != id || open.id != session);
            if let Some(shell) = model.shells.by_ticket(ticket) {
                shell.session = Some(session);
                shell.title = crate::text::clean(&title).into_owned();
            }
        }
        Event::SessionOutput { ticket, bytes } => {
            let colors = model.theme.ink_and_ground();
            let current = model.shells.current().map(|shell| shell.ticket);
            let has_keys = model.focus == Focus::Shell && current == Some(ticket);
            let mut rings = None;
            if let Some(shell) = model.shells.by_ticket(ticket) {
                shell.terminal.set_colors(colors);
                let answers = shell.terminal.process(&bytes);
                if !answers.is_empty() {
                    out.push(Effect::Engine(Command::SessionInput { ticket, bytes: answers }));
                }
                // Once, until it has the keys: a program may ring as often as it likes.
                let rang = shell.terminal.take_bell() && !has_keys;
                if rang && !shell.rang {
                    rings = Some(format!("{} of {} rings", clean(shell.label()), clean(&shell.name)));
                }
                shell.rang = !has_keys && (shell.rang || rang);
            }
            if let Some(text) = rings {
                model.say(NoticeKind::Info, text);
                model.dirty = true;
            }
            // What nobody sees need not be drawn.
            if model.focus != Focus::Shell || model.overlay.is_some() {
                return;
            }
        }
        Event::SessionClosed { ticket, exit_code } => super::shell::closed(model, ticket, exit_code),
        Event::Progress { text } => model.say(NoticeKind::Progress, text),
        Event::Done { text } => model.say(NoticeKind::Done, text),
        Event::Failed { ticket, failure } => {
            if ticket.is_some_and(|ticket| super::shell::failed(model, ticket, &failure)) {
                model.dirty = true;
                return;
            }
            for row in model.containers.items_mut() {
                row.busy = None;
            }
            if matches!(&model.dialog, Some(Dialog::Prune(wizard)) if wizard.rows.is_none()) {
                model.dialog = None;
            }
            model.notices.fail(model.now, &failure);
        }
    }
    model.dirty = true;
}

/// Tells stacks anew: those that containers belong to, and those that were seen and are down.
fn stacks(model: &mut Model) {
    let mut rows = plain::stacks(model.containers.items());
    for name in model.board.known.keys() {
        if !rows.iter().any(|row| row.key == *name) {
            rows.push(plain::down_stack(name));
        }
    }
    model.stacks.replace(rows);
}

fn containers(model: &mut Model, snapshots: Vec<ContainerSnapshot>) {
    // Rows keep what they used: it is moved over by id.
    let items = model.containers.take_items().into_iter();
    let mut known: HashMap<ContainerId, ContainerRow> =
        items.map(|row| (row.snapshot.id.clone(), row)).collect();
    let rows = snapshots.into_iter().map(|snapshot| match known.remove(&snapshot.id) {
        Some(mut row) => {
            if row.snapshot.state.started_at != snapshot.state.started_at {
                row.sample = None;
            }
            if row.snapshot.state != snapshot.state {
                row.busy = None;
            }
            row.snapshot = snapshot;
            row
        }
        None => ContainerRow::new(snapshot),
    });
    let rows: Vec<ContainerRow> = rows.collect();
    model.containers.replace(rows);
    model.board.see(model.containers.items());
    stacks(model);
    model.loaded = true;
    let there = |id: &ContainerId| model.containers.items().iter().any(|row| row.snapshot.id == *id);
    model.pending.retain(|p| p.container().is_none_or(there));
    model.offered.retain(|(id, _)| there(id));
}

fn stats(model: &mut Model, samples: Vec<ContainerStats>) -> bool {
    let mut by_id: HashMap<ContainerId, _> = samples.into_iter().map(|s| (s.id, s.sample)).collect();
    let mut changed = false;
    for row in model.containers.items_mut() {
        if let Some(sample) = by_id.remove(&row.snapshot.id) {
            changed |= row.take(sample);
        }
    }
    if changed && matches!(model.containers.sort().0, "cpu" | "memory") {
        model.containers.refresh();
    }
    if changed && !model.stacks.items().is_empty() {
        stacks(model);
    }
    changed
}

/// Shells that nobody is attached to can be opened again; those found at the start are offered.
fn offer(model: &mut Model, sessions: Vec<(ContainerId, SessionSnapshot)>) {
    let ours: Vec<(ContainerId, Option<SessionId>)> =
        model.shells.all.iter().map(|shell| (shell.container.clone(), shell.session)).collect();
    let open = sessions.into_iter().filter(|(id, session)| {
        session.id != SessionId::MAIN
            && session.exit_code.is_none()
            && session.tty
            && session.clients == 0
            && !ours.contains(&(id.clone(), Some(session.id)))
            // One that is being opened may be told of before we know its number.
            && !ours.contains(&(id.clone(), None))
    });
    model.offered = open.collect();
    if !model.sessions_seen {
        model.sessions_seen = true;
        let count = model.offered.len();
        if count > 0 {
            let what = if count == 1 { "1 shell is".into() } else { format!("{count} shells are") };
            model.say(NoticeKind::Info, format!("{what} still open: press o"));
        }
    }
}
