//! Graphs of what the selected container uses.

use super::graph;
use super::paint::Paint;
use crate::model::Model;
use crate::model::history::last;
use crate::text::{bytes, percent, rate};
use crate::theme::Role;
use ratatui::layout::Rect;
use std::collections::VecDeque;

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    if model.containers.marks() > 1 {
        let rows = crate::model::monitor::rows(model, 0);
        let heading = Rect { height: 1, ..area };
        let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        return super::monitor::compare(paint, heading, below, &rows, None);
    }
    let Some(row) = model.containers.selected() else { return };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if !row.snapshot.state.status.is_live() {
        paint.text(area.x, area.y, area.width, "it is not running", paint.style(Role::Muted));
        return;
    }
    let h = &row.history;
    let limit = row.sample.as_ref().map_or(0, |sample| sample.memory_limit);
    let share = row.sample.as_ref().map_or(0.0, teu_api::stats::StatsSample::memory_percent);
    let memory =
        format!("{} · {} of {}", row.memory().map_or("–".into(), bytes), percent(share), bytes(limit));
    let (cpu, memory) = (row.cpu().map_or("–".into(), percent), memory);
    let rates =
        [&h.network_rx, &h.network_tx, &h.block_read, &h.block_write].map(|values| rate(last(values).into()));
    let graphs = [
        Graph { label: "CPU", value: &cpu, values: &h.cpu, role: Role::Cpu, top: None },
        Graph { label: "Memory", value: &memory, values: &h.memory, role: Role::Memory, top: None },
        Graph {
            label: "Network in",
            value: &rates[0],
            values: &h.network_rx,
            role: Role::Network,
            top: None,
        },
        Graph {
            label: "Network out",
            value: &rates[1],
            values: &h.network_tx,
            role: Role::Network,
            top: None,
        },
        Graph { label: "Disk read", value: &rates[2], values: &h.block_read, role: Role::Block, top: None },
        Graph { label: "Disk write", value: &rates[3], values: &h.block_write, role: Role::Block, top: None },
    ];
    let half = area.width.saturating_sub(3) / 2;
    let pairs = area.width >= 60;
    let small =
        if area.height >= 20 { (area.height - area.height / 2) / if pairs { 2 } else { 4 } } else { 3 };
    let large = area.height.saturating_sub(small * if pairs { 2 } else { 4 }) / 2;
    let mut y = area.y;
    for (at, graph) in graphs.iter().enumerate() {
        let height = if at < 2 { large } else { small };
        let place = match (at, pairs) {
            (0 | 1, _) | (_, false) => Rect { y, height, ..area },
            (2 | 4, _) => Rect { y, height, width: half, ..area },
            _ => Rect { x: area.right() - half, y, height, width: half },
        };
        if place.bottom() > area.bottom() || height < 2 {
            break;
        }
        one_graph(paint, place, graph);
        if at < 2 || !pairs || at % 2 == 1 {
            y += height;
        }
    }
}

/// A graph with its heading.
pub(super) struct Graph<'a> {
    /// What it shows.
    pub label: &'a str,
    /// How it is now.
    pub value: &'a str,
    /// Its values, one a second.
    pub values: &'a VecDeque<f32>,
    /// Its colour.
    pub role: Role,
    /// The value that fills the height; `None` for a round one above the largest.
    pub top: Option<f32>,
}

pub(super) fn one_graph(paint: &mut Paint, place: Rect, graph: &Graph) {
    let Graph { label, value, values, role, .. } = *graph;
    let spaced = format!(" {value}");
    let pieces = [(label, paint.style(Role::Muted)), (spaced.as_str(), paint.bold(role))];
    let used = paint.pieces(place.x, place.y, place.width, &pieces);
    // Two samples stand in a cell.
    let shown = values.len().min(usize::from(place.width) * 2);
    let most = graph::largest(values, shown);
    let top = graph.top.unwrap_or_else(|| match role {
        Role::Cpu => graph::scale(most).max(10.0),
        Role::Memory => most * 1.25,
        _ => graph::scale(most).max(1024.0),
    });
    let figure = |value: f32| match role {
        Role::Cpu => percent(f64::from(value)),
        Role::Memory => bytes(value as u64),
        _ => rate(f64::from(value)),
    };
    let span = crate::text::duration(shown as i64 * 1_000_000_000);
    let room = place.width.saturating_sub(used + 2);
    let faint = paint.style(Role::Muted);
    let (peak, axis) = (format!("peak {} in {span}", figure(most)), format!("  ⌈{}", figure(top)));
    // The axis gives way first where it is narrow, then all but the peak.
    let whole = [(peak.as_str(), faint), (axis.as_str(), faint)];
    if paint.pieces_right(place.right(), place.y, room, &whole) == place.right()
        && paint.pieces_right(place.right(), place.y, room, &whole[..1]) == place.right()
    {
        let short = format!("peak {}", figure(most));
        paint.pieces_right(place.right(), place.y, room, &[(short.as_str(), faint)]);
    }
    // A blank row below keeps the graphs apart.
    let height = place.height.saturating_sub(if place.height >= 4 { 2 } else { 1 });
    graph::area(paint, Rect { y: place.y + 1, height, ..place }, values, top, role);
}
