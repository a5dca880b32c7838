//! After every message: what follows from the state is made true. The log followed is the selected container's,
//! terminals have the pane's size, samples are read only while somebody looks, removals that are due are sent.

use crate::model::{Focus, Model, Pane};
use crate::msg::Effect;
use teu_api::command::LogRequest;
use teu_api::{Command, ContainerId};

/// Lines of a log asked for at first.
const TAIL: usize = 5_000;
/// While the selection runs through a list, logs are not opened in passing.
const PAUSE: i64 = 90_000_000;

pub(super) fn settle(model: &mut Model, out: &mut Vec<Effect>) {
    let height = model.list_height();
    model.containers.scroll_into(height);
    model.images.scroll_into(height);
    model.volumes.scroll_into(height);
    model.networks.scroll_into(height);
    model.stacks.scroll_into(height);
    model.events.scroll_into(height);
    turn_log(model, out);
    watch_stats(model, out);
    fit_terminals(model, out);
    send_removals(model, out);
}

fn turn_log(model: &mut Model, out: &mut Vec<Effect>) {
    if model.pane != Pane::Containers || model.log.tickets.len() > 1 {
        return;
    }
    let wanted = model.containers.selected().map(|row| (row.snapshot.id.clone(), row.snapshot.name.clone()));
    let followed: Option<&ContainerId> = model.log.sources.first().map(|(id, _)| id);
    if wanted.as_ref().map(|(id, _)| id) == followed {
        model.log_due = None;
        return;
    }
    if wanted.is_some() && model.now < model.log_turned.saturating_add(PAUSE) {
        model.log_due = Some(model.log_turned + PAUSE);
        return;
    }
    model.log_due = None;
    model.log_turned = model.now;
    model.dirty = true;
    let ticket = model.ticket();
    let request = wanted.as_ref().map(|(id, _)| LogRequest { id: id.clone(), ticket, tail: TAIL });
    model.log.open(wanted.into_iter().collect(), vec![ticket]);
    out.push(Effect::Engine(Command::FollowLog(request)));
}

fn watch_stats(model: &mut Model, out: &mut Vec<Effect>) {
    let live = model.containers.items().iter().any(|row| row.snapshot.state.status.is_live());
    // A window without the keyboard may well be looked at: only what is hidden is not read.
    let wanted = live && model.focus != Focus::Shell;
    if wanted != model.stats_watched {
        model.stats_watched = wanted;
        out.push(Effect::Engine(Command::WatchStats(wanted)));
    }
}

fn fit_terminals(model: &mut Model, out: &mut Vec<Effect>) {
    let size = model.terminal_size();
    for shell in &mut model.shells.tabs {
        if shell.terminal.size() != size {
            shell.terminal.resize(size);
            out.push(Effect::Engine(Command::SessionResize { ticket: shell.ticket, size }));
        }
    }
}

fn send_removals(model: &mut Model, out: &mut Vec<Effect>) {
    let now = model.now;
    let (due, waiting) = std::mem::take(&mut model.pending).into_iter().partition(|p| p.due <= now);
    model.pending = waiting;
    for removal in due {
        for row in model.containers.items_mut().iter_mut().filter(|row| row.snapshot.id == removal.id) {
            row.busy = Some("removing");
        }
        model.dirty = true;
        out.push(Effect::Engine(Command::Remove { id: removal.id, force: removal.force }));
    }
}
