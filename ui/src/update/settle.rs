//! After every message: what follows from the state is made true. The log followed is the selected container's,
//! terminals have the pane's size, samples are read only while somebody looks, removals that are due are sent.

use crate::model::container::ContainerRow;
use crate::model::overlay::Overlay;
use crate::model::{Focus, Model, Pane, Tab};
use crate::msg::Effect;
use teu_api::command::LogRequest;
use teu_api::details::DetailRequest;
use teu_api::{Command, ContainerId};

/// Lines of a log asked for at first.
const TAIL: usize = 5_000;
/// Most logs followed as one.
const MERGED: usize = 64;
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
    let lines = usize::from(model.log_area().height);
    if let Some(tree) = model.tree_mut() {
        tree.scroll_into(lines);
    }
    super::editor::settle(model, out);
    if model.pane == Pane::Stacks {
        let services = model.service_rows().len();
        model.board.at = model.board.at.min(services.saturating_sub(1));
    }
    if super::explorer::is_open(model) {
        let places = crate::view::layers_places(model);
        let explorer = &mut model.details.explorer;
        explorer.scroll_layers(usize::from(places.layers.height));
        explorer.files.scroll_into(usize::from(places.files.height));
    }
    turn_log(model, out);
    watch_detail(model, out);
    watch_stats(model, out);
    fit_terminals(model, out);
    send_removals(model, out);
}

/// Whose logs are to be followed: those of the marked containers, of the selected one, or of a stack; `None` where the
/// pane shows no log, and the one followed before stays.
fn wanted_logs(model: &Model) -> Option<Vec<(ContainerId, String)>> {
    let mut rows = match model.pane {
        Pane::Containers if model.containers.marks() > 1 => model.containers.targets(),
        Pane::Containers => model.containers.selected().into_iter().collect(),
        Pane::Stacks if model.tab() == Tab::Logs => model.stack_rows(),
        _ => return None,
    };
    rows.truncate(MERGED);
    Some(rows.into_iter().map(|row| (row.snapshot.id.clone(), row.snapshot.name.clone())).collect())
}

fn turn_log(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(wanted) = wanted_logs(model) else { return };
    let ids = |sources: &[(ContainerId, String)]| -> Vec<ContainerId> {
        sources.iter().map(|(id, _)| id.clone()).collect()
    };
    if ids(&wanted) == ids(&model.log.sources) && model.log.window_read == model.log.window {
        model.log_due = None;
        return;
    }
    if !wanted.is_empty() && model.now < model.log_turned.saturating_add(PAUSE) {
        model.log_due = Some(model.log_turned + PAUSE);
        return;
    }
    model.log_due = None;
    model.log_turned = model.now;
    model.dirty = true;
    let (since, until) = model.log.window.ends(model.now, model.settings.utc_offset);
    // A span of time is read whole; the buffer bounds it.
    let tail = (since.is_none() && until.is_none()).then_some(TAIL / wanted.len().max(1));
    let mut requests = Vec::new();
    for (id, _) in &wanted {
        requests.push(LogRequest { id: id.clone(), ticket: model.ticket(), tail, since, until });
    }
    model.log.open(wanted, requests.iter().map(|request| request.ticket).collect());
    out.push(Effect::Engine(if requests.len() > 1 {
        Command::FollowLogs(requests)
    } else {
        Command::FollowLog(requests.pop())
    }));
}

/// What the tab in front needs beside what is told of anyway, and the state that it was in.
fn wanted_detail(model: &Model) -> Option<(DetailRequest, String)> {
    let area = model.log_area();
    if model.focus == Focus::Shell || model.is_welcome() || area.width == 0 || area.height == 0 {
        return None;
    }
    match (model.pane, model.tab()) {
        (Pane::Containers, Tab::Inspect | Tab::Env | Tab::Mounts | Tab::Ports) => {
            let s = &model.containers.selected()?.snapshot;
            let stamp = format!(
                "{:?} {} {} {:?}",
                s.state.status, s.state.started_at, s.state.finished_at, s.networks
            );
            Some((DetailRequest::Container(s.id.clone()), stamp))
        }
        (Pane::Containers, Tab::Top) => {
            let s = &model.containers.selected()?.snapshot;
            let live = s.state.status.is_live();
            live.then(|| (DetailRequest::Processes(s.id.clone()), s.state.started_at.to_string()))
        }
        (Pane::Images, Tab::Layers | Tab::History) => {
            Some((DetailRequest::Image(model.selected_image()?.snapshot.id.clone()), String::new()))
        }
        (Pane::Stacks, Tab::Services | Tab::Graph | Tab::Drift) => {
            let name = &model.stacks.selected()?.key;
            let state = |row: &&ContainerRow| {
                let state = &row.snapshot.state;
                format!("{} {:?} {}", row.snapshot.id.short(), state.status, state.exit_code)
            };
            let stamp: Vec<String> = model.stack_rows().iter().map(state).collect();
            Some((DetailRequest::Stack(model.board.source(name)), stamp.join(" ")))
        }
        (Pane::Volumes, _) => {
            Some((DetailRequest::Volume(model.volumes.selected()?.key.clone()), String::new()))
        }
        (Pane::Networks, Tab::Inspect) => {
            let row = model.networks.selected()?;
            Some((DetailRequest::Network(row.key.clone()), row.size.to_string()))
        }
        _ => None,
    }
}

fn watch_detail(model: &mut Model, out: &mut Vec<Effect>) {
    let wanted = wanted_detail(model);
    if wanted == model.details.asked {
        model.details.due = None;
        return;
    }
    if wanted.is_some() && model.now < model.details.turned.saturating_add(PAUSE) {
        model.details.due = Some(model.details.turned + PAUSE);
        return;
    }
    model.details.due = None;
    model.details.turned = model.now;
    out.push(Effect::Engine(Command::WatchDetail(wanted.clone().map(|(request, _)| request))));
    model.details.asked = wanted;
}

fn watch_stats(model: &mut Model, out: &mut Vec<Effect>) {
    let live = model.containers.items().iter().any(|row| row.snapshot.state.status.is_live());
    // A window without the keyboard may well be looked at: only what is hidden is not read.
    let monitor = matches!(model.overlay, Some(Overlay::Monitor(_)));
    let wanted = monitor || (live && model.focus != Focus::Shell);
    if wanted != model.stats_watched {
        model.stats_watched = wanted;
        out.push(Effect::Engine(Command::WatchStats(wanted)));
    }
}

fn fit_terminals(model: &mut Model, out: &mut Vec<Effect>) {
    let sizes: Vec<_> = model.shells.all.iter().map(|shell| model.shell_size(shell.ticket)).collect();
    for (shell, size) in model.shells.all.iter_mut().zip(sizes) {
        // One that another hides keeps the size that it had.
        if let Some(size) = size.filter(|size| *size != shell.terminal.size()) {
            if size.columns != shell.terminal.size().columns {
                // Its lines have other numbers from now on.
                shell.copying.cursor = None;
                shell.copying.selection = None;
            }
            shell.terminal.resize(size);
            out.push(Effect::Engine(Command::SessionResize { ticket: shell.ticket, size }));
        }
    }
    super::shell::tell_focus(model, out);
}

fn send_removals(model: &mut Model, out: &mut Vec<Effect>) {
    let now = model.now;
    let (due, waiting) = std::mem::take(&mut model.pending).into_iter().partition(|p| p.due <= now);
    model.pending = waiting;
    for removal in due {
        let id = removal.container();
        for row in model.containers.items_mut().iter_mut().filter(|row| Some(&row.snapshot.id) == id) {
            row.busy = Some("removing");
        }
        model.dirty = true;
        out.push(Effect::Engine(removal.command));
    }
}
