//! The list of containers.

use super::graph;
use super::paint::Paint;
use crate::model::container::ContainerRow;
use crate::model::layout::inner;
use crate::model::{Focus, Model};
use crate::text::{age, bytes_short, clean, fit_middle, percent};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use teu_api::container::{HealthStatus, Status};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Name,
    State,
    Cpu,
    Graph,
    Memory,
    Age,
    Image,
    Restarts,
    Ports,
}

/// A column's place within the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    kind: Kind,
    pub x: u16,
    pub width: u16,
    /// The order that a click on its heading chooses.
    pub sort: Option<usize>,
}

/// Columns in the order in which they get room, with their least width.
const BY_WORTH: &[(Kind, u16)] = &[
    (Kind::Name, 14),
    (Kind::Cpu, 5),
    (Kind::Memory, 6),
    (Kind::State, 10),
    (Kind::Age, 7),
    (Kind::Image, 14),
    (Kind::Restarts, 3),
    (Kind::Ports, 10),
    (Kind::Graph, 10),
];
/// Columns from left to right.
const BY_PLACE: &[Kind] = &[
    Kind::Name,
    Kind::State,
    Kind::Cpu,
    Kind::Graph,
    Kind::Memory,
    Kind::Age,
    Kind::Restarts,
    Kind::Image,
    Kind::Ports,
];
/// The cells before the first column: the selection's bar, the mark, the state's sign and a space.
const MARGIN: u16 = 4;
const GAP: u16 = 2;

/// The columns that a list of this width shows, from left to right.
pub(super) fn columns(area: Rect) -> Vec<Column> {
    let room = area.width.saturating_sub(MARGIN + 1);
    let mut used = 0;
    let mut chosen: Vec<(Kind, u16)> = Vec::new();
    for (kind, least) in BY_WORTH {
        let cost = least + if chosen.is_empty() { 0 } else { GAP };
        if used + cost <= room || chosen.is_empty() {
            used += cost;
            chosen.push((*kind, *least));
        }
    }
    let mut spare = room.saturating_sub(used);
    // What is left goes to the texts, the name first.
    for (kind, most) in [
        (Kind::Name, 22),
        (Kind::Image, 32),
        (Kind::Ports, 24),
        (Kind::Graph, 16),
        (Kind::Name, 40),
        (Kind::Image, 60),
    ] {
        if let Some((_, width)) = chosen.iter_mut().find(|(k, _)| *k == kind) {
            let more = spare.min(u16::saturating_sub(most, *width));
            *width += more;
            spare -= more;
        }
    }
    let mut x = area.x + MARGIN;
    let mut columns = Vec::new();
    for kind in BY_PLACE {
        let Some((_, width)) = chosen.iter().find(|(k, _)| k == kind) else { continue };
        let sort = match kind {
            Kind::Name => Some(0),
            Kind::Cpu => Some(1),
            Kind::Memory => Some(2),
            Kind::State => Some(3),
            Kind::Age => Some(4),
            _ => None,
        };
        columns.push(Column { kind: *kind, x, width: (*width).min(area.right().saturating_sub(x)), sort });
        x += width + GAP;
    }
    columns
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    if area.height < 3 {
        return;
    }
    let focused = model.focus == Focus::List;
    paint.pane(area, focused);
    super::images::title(paint, area, focused, "Containers", &model.containers, model.now);
    let body = inner(area);
    let columns = columns(body);
    heading(model, paint, &columns, body.y);
    let rows = model.containers.rows().enumerate().skip(model.containers.offset);
    for ((at, row), y) in rows.zip(body.y + 1..body.bottom()) {
        let line = Rect { y, height: 1, ..body };
        let selected = at == model.containers.at();
        if selected {
            paint.tint(line, paint.style(Role::Selection));
            if focused {
                paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
            }
        }
        draw_row(model, paint, &columns, row, line, selected && focused);
    }
    let height = usize::from(body.height.saturating_sub(1));
    if model.containers.is_empty() {
        let text = match (model.loaded, model.containers.filter().is_empty()) {
            (false, _) => "reading the store…",
            (true, false) => "nothing matches; esc clears the filter",
            (true, true) => "no containers",
        };
        paint.text(
            body.x + MARGIN,
            body.y + 1,
            body.width.saturating_sub(MARGIN),
            text,
            paint.style(Role::Muted),
        );
    }
    paint.scrollbar(area, model.containers.offset, height, model.containers.len());
}

fn heading(model: &Model, paint: &mut Paint, columns: &[Column], y: u16) {
    let (sort, descending) = (model.containers.sort_index(), model.containers.sort().1);
    for column in columns {
        let (text, right) = match column.kind {
            Kind::Name => ("name", false),
            Kind::State => ("state", false),
            Kind::Cpu => ("cpu", true),
            Kind::Graph => ("", false),
            Kind::Memory => ("mem", true),
            Kind::Age => ("for", true),
            Kind::Image => ("image", false),
            Kind::Restarts => ("↻", true),
            Kind::Ports => ("ports", false),
        };
        let sorted = column.sort == Some(sort);
        let style = if sorted { paint.style(Role::Accent) } else { paint.style(Role::Muted) };
        let arrow = match (sorted, descending) {
            (false, _) => "",
            (true, true) => "▾",
            (true, false) => "▴",
        };
        let text = format!("{text}{arrow}");
        if right {
            paint.right(column.x + column.width, y, column.width, &text, style);
        } else {
            paint.text(column.x, y, column.width, &text, style);
        }
    }
}

/// The sign, the word and the colour of a container's state.
pub(super) fn state(row: &ContainerRow) -> (&'static str, String, Role) {
    let state = &row.snapshot.state;
    if let Some(busy) = row.busy {
        return ("◌", format!("{busy}…"), Role::Warning);
    }
    let health = state.health.as_ref().map(|h| h.status);
    match state.status {
        Status::Running => match health {
            Some(HealthStatus::Unhealthy) => ("●", "unhealthy".into(), Role::Error),
            Some(HealthStatus::Starting) => ("◍", "starting".into(), Role::Warning),
            Some(HealthStatus::Healthy) => ("●", "healthy".into(), Role::Good),
            None => ("●", "running".into(), Role::Good),
        },
        Status::Paused => ("◫", "paused".into(), Role::Paused),
        Status::Restarting => ("↻", "restarting".into(), Role::Warning),
        Status::Removing => ("◌", "removing".into(), Role::Warning),
        Status::Created => ("○", "created".into(), Role::Muted),
        Status::Exited if state.oom_killed => ("✗", "no memory".into(), Role::Error),
        Status::Exited if state.exit_code != 0 => ("✗", format!("exited {}", state.exit_code), Role::Error),
        Status::Exited => ("○", "exited".into(), Role::Muted),
        Status::Dead => ("✗", "dead".into(), Role::Error),
    }
}

fn draw_row(
    model: &Model,
    paint: &mut Paint,
    columns: &[Column],
    row: &ContainerRow,
    line: Rect,
    strong: bool,
) {
    let y = line.y;
    let snapshot = &row.snapshot;
    let (sign, word, role) = state(row);
    let live = snapshot.state.status.is_live();
    let pending = model.is_pending(&snapshot.id);
    let quiet = if live { paint.style(Role::Text) } else { paint.style(Role::Muted) };
    if model.containers.is_marked(snapshot.id.as_str()) {
        paint.text(line.x + 1, y, 1, "+", paint.style(Role::Marked));
    }
    paint.text(line.x + 2, y, 1, sign, paint.style(role));
    for column in columns {
        let mut left = |text: &str, style: Style| {
            paint.text(column.x, y, column.width, text, style);
        };
        match column.kind {
            Kind::Name => {
                let style = if strong { quiet.add_modifier(Modifier::BOLD) } else { quiet };
                let style =
                    if pending { style.add_modifier(Modifier::CROSSED_OUT | Modifier::DIM) } else { style };
                left(&snapshot.name, style);
            }
            Kind::State => {
                let word = if pending { "removing…" } else { &word };
                let style = paint.style(if pending { Role::Warning } else { role });
                paint.text(column.x, y, column.width, word, style);
            }
            Kind::Image => {
                let image = clean(snapshot.image.strip_suffix(":latest").unwrap_or(&snapshot.image));
                paint.text(
                    column.x,
                    y,
                    column.width,
                    &fit_middle(&image, usize::from(column.width)),
                    paint.style(Role::Muted),
                );
            }
            Kind::Ports => {
                paint.text(column.x, y, column.width, &row.ports(), paint.style(Role::Info));
            }
            Kind::Graph => {
                if live {
                    let place = Rect { x: column.x, y, width: column.width, height: 1 };
                    graph::line(paint, place, &row.history.cpu, 100.0, Role::Cpu);
                }
            }
            Kind::Cpu | Kind::Memory | Kind::Age | Kind::Restarts => {
                let (text, style) = figure(model, paint, row, column.kind, quiet);
                paint.right(column.x + column.width, y, column.width, &text, style);
            }
        }
    }
}

fn figure(model: &Model, paint: &Paint, row: &ContainerRow, kind: Kind, quiet: Style) -> (String, Style) {
    let faint = paint.style(Role::Faint);
    match kind {
        Kind::Cpu => match row.cpu() {
            Some(cpu) if cpu >= 90.0 => (percent(cpu), paint.style(Role::Warning)),
            Some(cpu) if cpu < 0.05 => ("0%".into(), paint.style(Role::Muted)),
            Some(cpu) => (percent(cpu), quiet),
            None => ("–".into(), faint),
        },
        Kind::Memory => match (row.memory(), &row.sample) {
            (Some(memory), Some(sample)) if sample.memory_percent() >= 90.0 => {
                (bytes_short(memory), paint.style(Role::Warning))
            }
            (Some(memory), _) => (bytes_short(memory), quiet),
            _ => ("–".into(), faint),
        },
        Kind::Age => (age(row.since(), model.now).0, paint.style(Role::Muted)),
        _ => match row.snapshot.state.restart_count {
            0 => (String::new(), faint),
            count => (count.to_string(), paint.style(Role::Warning)),
        },
    }
}
