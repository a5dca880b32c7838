//! What the host and its containers use: graphs above, bars to compare below.

use super::graph;
use super::paint::Paint;
use super::stats::{Graph, one_graph};
use crate::model::container::ContainerRow;
use crate::model::history::{History, last};
use crate::model::layout::inner;
use crate::model::monitor::Monitor;
use crate::model::{Model, monitor};
use crate::text::{bytes, bytes_short, clean, fit_middle, percent, rate};
use crate::theme::Role;
use ratatui::layout::Rect;

/// Where the rows of containers are.
pub(crate) fn rows_place(model: &Model) -> Rect {
    let body = inner(model.regions().main);
    let graphs = if body.height >= 30 {
        14
    } else if body.height >= 18 {
        8
    } else {
        4
    };
    let y = body.y + graphs + 1;
    Rect { y, height: body.bottom().saturating_sub(y), ..body }
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect, state: &Monitor) {
    paint.pane(area, true);
    let body = inner(area);
    let host = &model.settings.host;
    let title = format!(" {} ", clean(&host.name));
    let about = format!("{} · {} ", crate::text::count(host.cpus as usize, "CPU"), bytes(host.memory));
    let pieces = [(title.as_str(), paint.title_style(true)), (about.as_str(), paint.style(Role::Muted))];
    let used = paint.pieces(area.x + 2, area.y, area.width.saturating_sub(4), &pieces);
    let order = format!(" by {} ▾ ", monitor::ORDERS[state.order]);
    let room = area.width.saturating_sub(used + 6);
    paint.pieces_right(area.right() - 2, area.y, room, &[(order.as_str(), paint.style(Role::Muted))]);
    let places = rows_place(model);
    let top = Rect {
        x: body.x + 1,
        width: body.width.saturating_sub(2),
        height: places.y.saturating_sub(body.y + 1),
        ..body
    };
    draw_host(model, paint, top);
    let rows = monitor::rows(model, state.order);
    let at = state.at.min(rows.len().saturating_sub(1));
    let heading = Rect { y: places.y - 1, height: 1, ..places };
    compare(paint, heading, places, &rows, Some(at));
    if rows.is_empty() {
        paint.text(places.x + 2, places.y, places.width, "no container is running", paint.style(Role::Muted));
    }
}

fn draw_host(model: &Model, paint: &mut Paint, area: Rect) {
    let (Some(sample), history) = (&model.host_sample, &model.host_history) else {
        paint.text(area.x, area.y, area.width, "reading…", paint.style(Role::Muted));
        return;
    };
    let last = |values| f64::from(last(values));
    let cpus = f64::from(model.settings.host.cpus.max(1));
    let cpu = format!("{} of {}", percent(last(&history.cpu).min(cpus * 100.0)), percent(cpus * 100.0));
    let memory = format!(
        "{} · {} of {}",
        bytes(sample.memory),
        percent(sample.memory_percent()),
        bytes(sample.memory_limit)
    );
    let network = format!("↓ {}  ↑ {}", rate(last(&history.network_rx)), rate(last(&history.network_tx)));
    let block =
        format!("read {}  write {}", rate(last(&history.block_read)), rate(last(&history.block_write)));
    let half = area.width.saturating_sub(3) / 2;
    let two = area.width >= 60;
    let upper = if two { area.height / 2 } else { area.height / 4 }.max(2);
    let left = |y: u16| Rect { y, height: upper, width: if two { half } else { area.width }, ..area };
    let right = |y: u16| Rect { x: area.right() - half, y, height: upper, width: half };
    let places = if two {
        [left(area.y), right(area.y), left(area.y + upper), right(area.y + upper)]
    } else {
        [0, 1, 2, 3].map(|n| left(area.y + n * upper))
    };
    let (network_values, block_values) = (history.network(), history.block());
    let graphs = [
        Graph {
            label: "CPU",
            value: &cpu,
            values: &history.cpu,
            role: Role::Cpu,
            top: Some(100.0 * cpus as f32),
        },
        Graph {
            label: "Memory",
            value: &memory,
            values: &history.memory,
            role: Role::Memory,
            top: Some(sample.memory_limit as f32),
        },
        Graph { label: "Network", value: &network, values: &network_values, role: Role::Network, top: None },
        Graph { label: "Disk", value: &block, values: &block_values, role: Role::Block, top: None },
    ];
    for (graph, place) in graphs.iter().zip(places) {
        if place.bottom() <= area.bottom() {
            one_graph(paint, place, graph);
        }
    }
}

/// Bars that compare containers: a row each, the fullest bar for the largest of a column.
pub(super) fn compare(
    paint: &mut Paint,
    heading: Rect,
    area: Rect,
    rows: &[&ContainerRow],
    at: Option<usize>,
) {
    let network = |h: &History| last(&h.network_rx) + last(&h.network_tx);
    let block = |h: &History| last(&h.block_read) + last(&h.block_write);
    let name = (area.width / 4).clamp(10, 28);
    // CPU and memory have bars and figures; what there is room for besides has figures alone.
    let room = area.width.saturating_sub(name + 4);
    let wide = room >= 72;
    let rest = if wide { 24 } else { 0 };
    let bar = (room.saturating_sub(rest + 7 + 10 + 4) / 2).min(30);
    let muted = paint.style(Role::Muted);
    let x_cpu = area.x + 2 + name + 1;
    let x_memory = x_cpu + bar + 8;
    let x_rest = x_memory + bar + 11;
    paint.text(area.x + 2, heading.y, name, "container", muted);
    paint.text(x_cpu, heading.y, bar, "cpu", muted);
    paint.text(x_memory, heading.y, bar, "memory", muted);
    if wide {
        paint.right(x_rest + 11, heading.y, 11, "network", muted);
        paint.right(x_rest + 23, heading.y, 11, "disk", muted);
    }
    let most = |of: &dyn Fn(&ContainerRow) -> f64| rows.iter().map(|row| of(row)).fold(0.0, f64::max);
    let cpu = |row: &ContainerRow| row.cpu().unwrap_or(0.0);
    let memory = |row: &ContainerRow| row.memory().unwrap_or(0) as f64;
    let (most_cpu, most_memory) = (f64::from(graph::scale(most(&cpu) as f32)), most(&memory));
    let height = usize::from(area.height);
    let offset = at.unwrap_or(0).saturating_sub(height.saturating_sub(1));
    for ((n, row), y) in rows.iter().enumerate().skip(offset).zip(area.top()..area.bottom()) {
        if at == Some(n) {
            paint.tint(Rect { y, height: 1, ..area }, paint.style(Role::Selection));
            paint.text(area.x, y, 1, "▎", paint.style(Role::Accent));
        }
        let shown = clean(&row.snapshot.name).into_owned();
        paint.text(area.x + 2, y, name, &fit_middle(&shown, usize::from(name)), paint.style(Role::Text));
        draw_bar(
            paint,
            Rect { x: x_cpu, y, width: bar, height: 1 },
            cpu(row) / most_cpu.max(1e-9),
            Role::Cpu,
        );
        paint.right(x_cpu + bar + 7, y, 7, &percent(cpu(row)), paint.style(Role::Cpu));
        let place = Rect { x: x_memory, y, width: bar, height: 1 };
        draw_bar(paint, place, memory(row) / most_memory.max(1.0), Role::Memory);
        paint.right(x_memory + bar + 10, y, 10, &bytes(memory(row) as u64), paint.style(Role::Memory));
        if wide {
            let per_second = |value: f32| format!("{}/s", bytes_short(value as u64));
            paint.right(x_rest + 11, y, 11, &per_second(network(&row.history)), paint.style(Role::Network));
            paint.right(x_rest + 23, y, 11, &per_second(block(&row.history)), paint.style(Role::Block));
        }
    }
}

/// A bar of eighths.
pub(super) fn draw_bar(paint: &mut Paint, area: Rect, share: f64, role: Role) {
    let eighths = (share.clamp(0.0, 1.0) * f64::from(area.width) * 8.0).round() as u16;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    for column in 0..area.width {
        let filled = eighths.saturating_sub(column * 8).min(8);
        let (c, style) = match filled {
            0 => ('·', paint.style(Role::Faint)),
            n => (char::from_u32(0x2590 - u32::from(n)).unwrap_or('█'), paint.style(role)),
        };
        paint.put(area.x + column, area.y, c, style);
    }
}
