//! Graphs of what the selected container uses.

use super::graph;
use super::paint::Paint;
use crate::model::Model;
use crate::text::{bytes, percent, rate};
use crate::theme::Role;
use ratatui::layout::Rect;
use std::collections::VecDeque;

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let Some(row) = model.containers.selected() else { return };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if !row.snapshot.state.status.is_live() {
        paint.text(area.x, area.y, area.width, "it is not running", paint.style(Role::Muted));
        return;
    }
    let h = &row.history;
    let one = |values: &VecDeque<f32>| f64::from(values.back().copied().unwrap_or(0.0));
    let top = |values: &VecDeque<f32>| f64::from(graph::largest(values, usize::MAX));
    let limit = row.sample.as_ref().map_or(0, |sample| sample.memory_limit);
    let share = row.sample.as_ref().map_or(0.0, teu_api::stats::StatsSample::memory_percent);
    let memory =
        format!("{} · {} of {}", row.memory().map_or("–".into(), bytes), percent(share), bytes(limit));
    let graphs: [(&str, String, String, &VecDeque<f32>, Role); 6] = [
        (
            "CPU",
            row.cpu().map_or("–".into(), percent),
            format!("peak {}", percent(top(&h.cpu))),
            &h.cpu,
            Role::Cpu,
        ),
        ("Memory", memory, format!("peak {}", bytes(top(&h.memory) as u64)), &h.memory, Role::Memory),
        (
            "Network in",
            rate(one(&h.network_rx)),
            format!("peak {}", rate(top(&h.network_rx))),
            &h.network_rx,
            Role::Network,
        ),
        (
            "Network out",
            rate(one(&h.network_tx)),
            format!("peak {}", rate(top(&h.network_tx))),
            &h.network_tx,
            Role::Network,
        ),
        (
            "Disk read",
            rate(one(&h.block_read)),
            format!("peak {}", rate(top(&h.block_read))),
            &h.block_read,
            Role::Block,
        ),
        (
            "Disk write",
            rate(one(&h.block_write)),
            format!("peak {}", rate(top(&h.block_write))),
            &h.block_write,
            Role::Block,
        ),
    ];
    let half = area.width.saturating_sub(3) / 2;
    let pairs = area.width >= 60;
    let small =
        if area.height >= 20 { (area.height - area.height / 2) / if pairs { 2 } else { 4 } } else { 3 };
    let large = area.height.saturating_sub(small * if pairs { 2 } else { 4 }) / 2;
    let mut y = area.y;
    for (at, (label, value, peak, values, role)) in graphs.iter().enumerate() {
        let height = if at < 2 { large } else { small };
        let place = match (at, pairs) {
            (0 | 1, _) | (_, false) => Rect { y, height, ..area },
            (2 | 4, _) => Rect { y, height, width: half, ..area },
            _ => Rect { x: area.right() - half, y, height, width: half },
        };
        if place.bottom() > area.bottom() || height < 2 {
            break;
        }
        one_graph(paint, place, (label, value, peak), values, *role);
        if at < 2 || !pairs || at % 2 == 1 {
            y += height;
        }
    }
}

fn one_graph(paint: &mut Paint, place: Rect, texts: (&str, &str, &str), values: &VecDeque<f32>, role: Role) {
    let (label, value, peak) = texts;
    let spaced = format!(" {value}");
    let used = paint.pieces(
        place.x,
        place.y,
        place.width,
        &[(label, paint.style(Role::Muted)), (&spaced, paint.bold(role))],
    );
    let room = place.width.saturating_sub(used + 2);
    paint.pieces_right(place.right(), place.y, room, &[(peak, paint.style(Role::Faint))]);
    let most = graph::largest(values, usize::from(place.width) * 2);
    let top = match role {
        Role::Cpu => graph::scale(most).max(10.0),
        Role::Memory => most * 1.25,
        _ => graph::scale(most).max(1024.0),
    };
    // A blank row below keeps the graphs apart.
    let height = place.height.saturating_sub(if place.height >= 4 { 2 } else { 1 });
    graph::area(paint, Rect { y: place.y + 1, height, ..place }, values, top, role);
}
