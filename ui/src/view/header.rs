//! The top line: the panes with their counts, open shells, the host.

use super::hit::Hit;
use super::paint::Paint;
use crate::action::Action;
use crate::model::{Focus, Model, Pane};
use crate::text::{bytes, width};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// A part of the line that can be clicked.
pub(super) struct Segment {
    pub x: u16,
    pub width: u16,
    pub hit: Hit,
    label: String,
    count: String,
    active: bool,
}

fn count(model: &Model, pane: Pane) -> usize {
    match pane {
        Pane::Containers => model.containers.items().len(),
        Pane::Images => model.images.counts().0,
        Pane::Volumes => model.volumes.items().len(),
        Pane::Networks => model.networks.items().len(),
        Pane::Stacks => model.stacks.items().len(),
        Pane::Events => model.events.items().len(),
    }
}

pub(super) fn segments(model: &Model) -> Vec<Segment> {
    let narrow = model.size.0 < 90;
    let mut x = 7;
    let mut segments = Vec::new();
    let mut push = |label: String, count: String, hit, active| {
        let wide = (width(&label) + usize::from(!count.is_empty()) + width(&count)) as u16;
        segments.push(Segment { x, width: wide, hit, label, count, active });
        x += wide + if narrow { 2 } else { 3 };
    };
    // Where not every pane has room, those that show nothing go first.
    let wanted: usize = Pane::ALL.iter().map(|pane| pane.title().len() + 6).sum();
    let tight = usize::from(model.size.0) < wanted + 12;
    for pane in Pane::ALL {
        if !model.is_told(*pane) {
            continue;
        }
        if tight && count(model, *pane) == 0 && *pane != model.pane && *pane != Pane::Containers {
            continue;
        }
        let active = *pane == model.pane && model.focus != Focus::Shell;
        push(pane.title().to_owned(), count(model, *pane).to_string(), Hit::Pane(*pane), active);
    }
    match model.tasks.running() {
        0 => {}
        n => {
            let label = format!("◌ {}", crate::text::count(n, "task"));
            push(label, String::new(), Hit::Key(Action::Tasks), false);
        }
    }
    let shells = model.shells.all.len();
    let left_open = model.offered.len();
    if shells > 0 {
        let word = if shells == 1 { "shell" } else { "shells" };
        push(format!("❯ {shells} {word}"), String::new(), Hit::Shells, model.focus == Focus::Shell);
    } else if left_open > 0 {
        push(format!("❯ {left_open} left open (o)"), String::new(), Hit::Shells, false);
    }
    segments
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let y = area.y;
    paint.text(area.x, y, 5, " teu ", paint.style(Role::Badge).add_modifier(Modifier::BOLD));
    let mut end = 6;
    for segment in segments(model) {
        let (label, figure) = if segment.active {
            (paint.bold(Role::Accent), paint.style(Role::Accent))
        } else {
            (paint.style(Role::Muted), paint.style(Role::Time))
        };
        let used = paint.text(segment.x, y, segment.width, &segment.label, label);
        if !segment.count.is_empty() {
            paint.text(segment.x + used + 1, y, segment.width, &segment.count, figure);
        }
        end = segment.x + segment.width;
    }
    let host = &model.settings.host;
    let mut right = area.right().saturating_sub(1);
    let mut room = right.saturating_sub(end + 2);
    if model.settings.readonly {
        right = paint.pieces_right(right, y, room, &[(" read-only ", paint.style(Role::Warning))]);
        room = right.saturating_sub(end + 2);
    }
    let cpus = match host.cpus {
        0 => String::new(),
        1 => "1 CPU".into(),
        n => format!("{n} CPUs"),
    };
    let memory = if host.memory > 0 { bytes(host.memory) } else { String::new() };
    let dot = (" · ", paint.style(Role::Faint));
    let muted = paint.style(Role::Muted);
    let mut pieces = vec![(host.name.as_str(), paint.style(Role::Text))];
    for text in [&cpus, &memory].into_iter().filter(|text| !text.is_empty()) {
        pieces.push(dot);
        pieces.push((text, muted));
    }
    while pieces.iter().map(|(text, _)| width(text)).sum::<usize>() > usize::from(room) && !pieces.is_empty()
    {
        pieces.truncate(pieces.len().saturating_sub(2));
    }
    paint.pieces_right(right, y, room, &pieces);
}
