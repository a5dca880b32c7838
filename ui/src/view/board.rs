//! The services of a stack: a line each, live.

use super::graph;
use super::info::InfoRow;
use super::paint::Paint;
use crate::model::board::{Condition, ServiceRow};
use crate::model::container::ContainerRow;
use crate::model::layout::inner;
use crate::model::{Focus, Model};
use crate::text::{bytes, clean, clock, fit_middle, percent, width};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use std::collections::VecDeque;
use teu_api::stack::Need;

/// The sign and colour of a condition.
pub(super) fn sign(condition: Condition) -> (&'static str, Role) {
    match condition {
        Condition::Good => ("●", Role::Good),
        Condition::Done => ("✓", Role::Muted),
        Condition::Middling => ("◐", Role::Warning),
        Condition::Bad => ("✗", Role::Error),
        Condition::Down => ("○", Role::Faint),
    }
}

/// How a need is written.
pub(super) fn need_sign(need: Need) -> &'static str {
    match need {
        Need::Started => "",
        Need::Healthy => "♥",
        Need::Completed => "✓",
    }
}

/// A series of several containers, added up from the newest back.
fn sum(rows: &[&ContainerRow], series: impl Fn(&ContainerRow) -> &VecDeque<f32>) -> VecDeque<f32> {
    let longest = rows.iter().map(|row| series(row).len()).max().unwrap_or(0);
    let at = |row: &&ContainerRow, back: usize| {
        let values = series(row);
        values.len().checked_sub(back + 1).map_or(0.0, |at| values[at])
    };
    (0..longest).rev().map(|back| rows.iter().fold(0.0, |sum, row| sum + at(row, back))).collect()
}

/// What is happening to a service right now; empty for nothing.
pub(super) fn step(model: &Model, row: &ServiceRow) -> String {
    let Some(steps) = model.stacks.selected().and_then(|stack| model.board.steps.get(&stack.key)) else {
        return String::new();
    };
    let own = row.containers.iter().map(|row| row.snapshot.name.as_str());
    let parts = own.chain([row.service.name.as_str(), row.service.image.as_str()]);
    let mut doing = parts.filter_map(|part| steps.get(part)).filter(|what| what.ends_with("ing"));
    // A container that is being made is not in the list yet.
    let made = || {
        let stack = model.stacks.selected()?;
        let start = format!("{}-{}-", stack.key, row.service.name);
        let of = steps.iter().find(|(part, what)| part.starts_with(&start) && what.ends_with("ing"))?;
        Some(of.1)
    };
    doing.next().or_else(made).map_or(String::new(), |what| format!("{}…", what.to_lowercase()))
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let body = inner(area);
    let rows = model.service_rows();
    let Some(stack) = model.stacks.selected() else {
        let words = "no stack is selected; a compose.yaml in the working folder shows here";
        paint.text(body.x + 1, body.y, body.width.saturating_sub(2), words, paint.style(Role::Muted));
        return;
    };
    let details = model.board.details_of(&stack.key).and_then(|details| details.as_ref().ok());
    let foot = notes(model, &stack.key, details);
    let notes_height = (foot.len() as u16).min(body.height / 3);
    let list = Rect { height: body.height.saturating_sub(notes_height), ..body };
    let name_width = rows.iter().map(|row| width(&row.service.name)).max().unwrap_or(7).clamp(7, 24) as u16;
    let columns = columns(body.width, name_width);
    draw_heading(paint, list, &columns, name_width);
    let focused = model.focus == Focus::Detail;
    let height = usize::from(list.height.saturating_sub(1));
    let offset = model.board.at.saturating_sub(height.saturating_sub(1));
    for ((at, row), y) in rows.iter().enumerate().skip(offset).zip(list.y + 1..list.bottom()) {
        let chosen = at == model.board.at && focused;
        if chosen {
            paint.tint(Rect { y, height: 1, ..list }, paint.style(Role::Selection));
            paint.text(list.x, y, 1, "▎", paint.style(Role::Accent));
        }
        draw_row(model, paint, Rect { y, height: 1, ..list }, row, &columns, name_width, chosen);
    }
    if rows.is_empty() {
        paint.text(list.x + 1, list.y + 1, list.width, "reading…", paint.style(Role::Muted));
    }
    paint.scrollbar(area, offset, height, rows.len());
    for ((text, role), y) in foot.iter().zip(list.bottom()..body.bottom()) {
        paint.text(body.x + 1, y, body.width.saturating_sub(2), text, paint.style(*role));
    }
}

/// What is to be said beside the services.
fn notes(model: &Model, stack: &str, details: Option<&teu_api::stack::StackDetails>) -> Vec<(String, Role)> {
    let mut notes = watched(model, stack);
    let Some(details) = details else { return notes };
    if let Some(problem) = &details.problem {
        notes.push((problem.to_string(), Role::Error));
    }
    let differing =
        details.services.iter().filter(|service| !service.drift.is_empty()).count() + details.drift.len();
    if differing > 0 {
        let things = crate::text::count(differing, "difference");
        notes.push((
            format!("≠ {things} between file and reality: u brings up, the Drift tab tells"),
            Role::Warning,
        ));
    }
    notes.extend(details.warnings.iter().map(|warning| (warning.clone(), Role::Muted)));
    if let Some(steps) = model.board.steps.get(stack) {
        let others = steps.iter().filter(|(_, what)| what.ends_with("ing"));
        notes.extend(
            others.take(4).map(|(part, what)| (format!("{part}: {}…", what.to_lowercase()), Role::Info)),
        );
    }
    notes
}

/// What watched files are doing.
fn watched(model: &Model, stack: &str) -> Vec<(String, Role)> {
    let Some(watch) = model.board.watches.get(stack) else { return Vec::new() };
    let mut notes = vec![(format!("↻ watching files for {}", clean(&watch.services.join(", "))), Role::Info)];
    let one = |(at, text, well): &(i64, String, bool)| {
        let time = clock(*at, model.settings.utc_offset);
        let role = if *well { Role::Good } else { Role::Error };
        (format!("  {time}  {}", clean(text)), role)
    };
    notes.extend(watch.recent.iter().map(one));
    notes
}

/// A column: what it shows, where it begins, and how wide it is.
type Column = (&'static str, u16, u16);

/// The columns that have room, the most important first.
fn columns(room: u16, name: u16) -> Vec<Column> {
    let mut x = 4 + name + 1;
    let mut shown = Vec::new();
    let all: [(&str, u16); 8] = [
        ("up", 5),
        ("health", 9),
        ("cpu", 6),
        ("memory", 9),
        ("cpu graph", 10),
        ("memory graph", 10),
        ("ports", 16),
        ("needs", 24),
    ];
    // Graphs stand beside their figures.
    let fits: Vec<&str> = {
        let mut used = x;
        let takes = |(title, wide): &(&'static str, u16)| {
            used += wide + 1;
            (used < room).then_some(*title)
        };
        all.iter().map_while(takes).collect()
    };
    for title in ["up", "health", "cpu graph", "cpu", "memory graph", "memory", "ports", "needs"] {
        if let Some((title, wide)) = all.iter().find(|(one, _)| *one == title && fits.contains(one)) {
            shown.push((*title, x, *wide));
            x += wide + 1;
        }
    }
    shown
}

fn draw_heading(paint: &mut Paint, area: Rect, columns: &[Column], name: u16) {
    let muted = paint.style(Role::Muted);
    paint.text(area.x + 4, area.y, name, "service", muted);
    for (title, x, wide) in columns {
        match *title {
            "cpu graph" | "memory graph" => {}
            "cpu" | "memory" => paint.right(area.x + x + wide, area.y, *wide, title, muted),
            _ => {
                paint.text(area.x + x, area.y, *wide, title, muted);
            }
        }
    }
}

fn draw_row(
    model: &Model,
    paint: &mut Paint,
    area: Rect,
    row: &ServiceRow,
    columns: &[Column],
    name: u16,
    chosen: bool,
) {
    let (sign, role) = sign(row.condition());
    let y = area.y;
    paint.text(area.x + 1, y, 1, sign, paint.style(role));
    if !row.service.drift.is_empty() || !row.in_file && model.board.details.is_some() {
        paint.text(area.x + 2, y, 1, "≠", paint.style(Role::Warning));
    }
    let watches = |stack: &crate::model::plain::PlainRow| model.board.watches.get(&stack.key);
    if model.stacks.selected().and_then(watches).is_some_and(|w| w.services.contains(&row.service.name)) {
        paint.text(area.x + 3, y, 1, "↻", paint.style(Role::Info));
    }
    let mut style = paint.style(if row.containers.is_empty() { Role::Muted } else { Role::Text });
    if chosen {
        style = style.add_modifier(Modifier::BOLD);
    }
    paint.text(area.x + 4, y, name, &fit_middle(&clean(&row.service.name), usize::from(name)), style);
    let doing = step(model, row);
    let live = row.running() > 0;
    for (title, x, wide) in columns {
        let x = area.x + x;
        match *title {
            "up" => {
                let wanted = (row.service.wanted as usize).max(row.containers.len());
                let text = format!("{}/{wanted}", row.running());
                paint.text(x, y, *wide, &text, paint.style(role));
            }
            "health" if !doing.is_empty() => {
                paint.text(x, y, area.right().saturating_sub(x), &doing, paint.style(Role::Info));
                break;
            }
            "health" => {
                let (text, role) = health(row);
                paint.text(x, y, *wide, &text, paint.style(role));
            }
            "cpu graph" if live => {
                let place = Rect { x, y, width: *wide, height: 1 };
                graph::line(paint, place, &sum(&row.containers, |c| &c.history.cpu), 10.0, Role::Cpu);
            }
            "memory graph" if live => {
                let place = Rect { x, y, width: *wide, height: 1 };
                let memory = sum(&row.containers, |c| &c.history.memory);
                graph::line(paint, place, &memory, f32::MAX, Role::Memory);
            }
            "cpu" if live => {
                let cpu = row.containers.iter().filter_map(|c| c.cpu()).fold(0.0, |sum, cpu| sum + cpu);
                paint.right(x + wide, y, *wide, &percent(cpu), paint.style(Role::Cpu));
            }
            "memory" if live => {
                let memory: u64 = row.containers.iter().filter_map(|c| c.memory()).sum();
                paint.right(x + wide, y, *wide, &bytes(memory), paint.style(Role::Memory));
            }
            "ports" => {
                let ports: Vec<String> =
                    row.containers.iter().map(|c| c.ports()).filter(|ports| !ports.is_empty()).collect();
                paint.text(x, y, *wide, &ports.join(" "), paint.style(Role::Network));
            }
            "needs" => {
                let need = |(name, need): &(String, Need)| format!("{name}{}", need_sign(*need));
                let needs: Vec<String> = row.service.needs.iter().map(need).collect();
                let room = area.right().saturating_sub(x + 1);
                paint.text(x, y, room, &clean(&needs.join(" ")), paint.style(Role::Muted));
            }
            _ => {}
        }
    }
}

/// A service's health, or what became of it.
pub(super) fn health(row: &ServiceRow) -> (String, Role) {
    let word = row.health();
    let role = match word {
        "healthy" => Role::Good,
        "unhealthy" => Role::Error,
        "starting" => Role::Warning,
        _ => Role::Muted,
    };
    if !word.is_empty() && row.running() > 0 {
        return (word.to_owned(), role);
    }
    match row.containers.first().map(|first| &first.snapshot.state) {
        None => ("not made".into(), Role::Faint),
        Some(state) if state.status == teu_api::container::Status::Exited => {
            let role = if state.exit_code == 0 { Role::Muted } else { Role::Error };
            (format!("exit {}", state.exit_code), role)
        }
        Some(state) => (state.status.as_str().to_owned(), Role::Muted),
    }
}

/// What differs between files and reality, as rows of labels and values.
pub(super) fn drift(model: &Model) -> Vec<InfoRow> {
    let Some(stack) = model.stacks.selected() else { return Vec::new() };
    let row = |label: &str, value: String, role| (label.to_owned(), value, role);
    let details = match model.board.details_of(&stack.key) {
        None => return vec![row("", "reading…".into(), Role::Muted)],
        Some(Err(failure)) => return vec![row("", failure.to_string(), Role::Error)],
        Some(Ok(details)) => details,
    };
    let mut rows = Vec::new();
    for (at, file) in details.source.files.iter().enumerate() {
        rows.push(row(if at == 0 { "files" } else { "" }, file.clone(), Role::Muted));
    }
    if let Some(problem) = &details.problem {
        rows.push(row("problem", problem.to_string(), Role::Error));
        return rows;
    }
    rows.push(row("", String::new(), Role::Text));
    let mut all_well = true;
    for service in &details.services {
        for (at, line) in service.drift.iter().enumerate() {
            all_well = false;
            rows.push(row(if at == 0 { &service.name } else { "" }, format!("≠ {line}"), Role::Warning));
        }
        if service.drift.is_empty() {
            rows.push(row(&service.name, "as its file says".into(), Role::Good));
        }
    }
    for (at, line) in details.drift.iter().enumerate() {
        all_well = false;
        rows.push(row(if at == 0 { "beside" } else { "" }, format!("≠ {line}"), Role::Warning));
    }
    for (at, line) in details.warnings.iter().enumerate() {
        rows.push(row(if at == 0 { "warnings" } else { "" }, line.clone(), Role::Muted));
    }
    rows.push(row("", String::new(), Role::Text));
    let last = if all_well { "nothing to do" } else { "u makes it so" };
    rows.push(row("", last.into(), Role::Muted));
    rows
}
