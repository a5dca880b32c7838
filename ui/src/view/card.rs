//! The card below the list: what the selected container uses, at a glance.

use super::graph;
use super::paint::Paint;
use crate::model::Model;
use crate::model::container::ContainerRow;
use crate::model::history::last;
use crate::model::layout::inner;
use crate::text::{bytes, bytes_short, percent, rate, width};
use crate::theme::Role;
use ratatui::layout::Rect;
use std::collections::VecDeque;

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    if area.height < 4 || area.width < 20 {
        return;
    }
    paint.pane(area, false);
    let Some(row) = model.containers.selected() else { return };
    let (_, word, role) = super::containers::state(row);
    let (name, since) = (format!(" {} ", row.snapshot.name), crate::text::age(row.since(), model.now).0);
    let word = format!("{word} ");
    let since = format!("for {since} ");
    let pieces = [
        (name.as_str(), paint.bold(Role::Text)),
        (word.as_str(), paint.style(role)),
        (since.as_str(), paint.style(Role::Muted)),
    ];
    paint.pieces(area.x + 2, area.y, area.width.saturating_sub(4), &pieces);
    let body = inner(area);
    let body = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    if !row.snapshot.state.status.is_live() {
        ended(row, paint, body);
        return;
    }
    let half = body.width.saturating_sub(3) / 2;
    let history = &row.history;
    let flows_of = [&history.network_rx, &history.network_tx, &history.block_read, &history.block_write];
    let tall = body.height >= TALL && flows_of.iter().any(|values| values.iter().any(|value| *value > 0.0));
    let graphs = if tall { body.height / 2 - 1 } else { body.height - u16::from(body.height >= 7) * 2 };
    let left = Rect { width: half, height: graphs, ..body };
    let right = Rect { x: body.right() - half, width: half, height: graphs, ..body };
    let cpu = row.cpu().map_or("–".into(), percent);
    gauge(paint, left, "CPU", &cpu, "", &row.history.cpu, 100.0, Role::Cpu);
    let memory = row.memory().map_or("–".into(), bytes);
    let limit = row.sample.as_ref().map_or(0, |sample| sample.memory_limit);
    let of = if limit > 0 { format!("of {}", bytes(limit)) } else { String::new() };
    let top = graph::largest(&row.history.memory, usize::from(half) * 2) * 1.25;
    gauge(paint, right, "Memory", &memory, &of, &row.history.memory, top, Role::Memory);
    if tall {
        let y = body.y + body.height / 2;
        let height = body.bottom() - y;
        flows(row, paint, Rect { y, height, ..left }, Rect { y, height, ..right });
    } else if body.height >= 7 {
        traffic(row, paint, Rect { y: body.bottom() - 1, height: 1, ..body });
    }
}

/// From so many rows on there is room for graphs of the network and the disk too.
const TALL: u16 = 14;

/// Graphs of the network and the disk, both directions together.
fn flows(row: &ContainerRow, paint: &mut Paint, left: Rect, right: Rect) {
    let history = &row.history;
    let network = history.network();
    let disk = history.block();
    // Where it is narrow the figures lose their units' tails before they lose an end.
    let say = |value: f32| {
        if left.width >= 30 { rate(value.into()) } else { format!("{}/s", bytes_short(value as u64)) }
    };
    let in_out = format!("↓ {} ↑ {}", say(last(&history.network_rx)), say(last(&history.network_tx)));
    let read_write = format!("↓ {} ↑ {}", say(last(&history.block_read)), say(last(&history.block_write)));
    for (area, label, value, values, role) in
        [(left, "Net", in_out, network, Role::Network), (right, "Disk", read_write, disk, Role::Block)]
    {
        let top = graph::scale(graph::largest(&values, usize::from(area.width) * 2)).max(1024.0);
        gauge(paint, area, label, &value, "", &values, top, role);
    }
}

#[allow(clippy::too_many_arguments)] // A label has this many parts.
fn gauge(
    paint: &mut Paint,
    area: Rect,
    label: &str,
    value: &str,
    note: &str,
    values: &VecDeque<f32>,
    top: f32,
    role: Role,
) {
    let spaced = format!(" {value} ");
    let room = usize::from(area.width).saturating_sub(label.len() + width(&spaced));
    let note = if width(note) <= room { note } else { "" };
    let pieces = [
        (label, paint.style(Role::Muted)),
        (spaced.as_str(), paint.bold(role)),
        (note, paint.style(Role::Muted)),
    ];
    paint.pieces(area.x, area.y, area.width, &pieces);
    let most = graph::largest(values, usize::from(area.width) * 2);
    let top = if role == Role::Cpu { graph::scale(most).max(10.0).min(top.max(most)) } else { top };
    graph::area(
        paint,
        Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area },
        values,
        top,
        role,
    );
}

fn traffic(row: &ContainerRow, paint: &mut Paint, area: Rect) {
    let h = &row.history;
    let say = |values: &VecDeque<f32>| rate(last(values).into());
    let rx = format!(" ↓ {}  ↑ {}", say(&h.network_rx), say(&h.network_tx));
    let block = format!(" ↓ {}  ↑ {}", say(&h.block_read), say(&h.block_write));
    let processes = row.sample.as_ref().map_or(String::new(), |sample| match sample.pids {
        1 => "1 process".into(),
        n => format!("{n} processes"),
    });
    let muted = paint.style(Role::Muted);
    let (network, disk) = (paint.style(Role::Network), paint.style(Role::Block));
    let used = paint.pieces(area.x, area.y, area.width, &[("Net", muted), (&rx, network)]);
    let middle = area.x + area.width.saturating_sub(area.width.saturating_sub(3) / 2);
    if area.x + used + 2 < middle {
        let used = paint.pieces(
            middle,
            area.y,
            area.right().saturating_sub(middle),
            &[("Disk", muted), (&block, disk)],
        );
        let room = area.right().saturating_sub(middle + used + 2);
        paint.pieces_right(area.right(), area.y, room, &[(&processes, muted)]);
    }
}

fn ended(row: &ContainerRow, paint: &mut Paint, area: Rect) {
    let state = &row.snapshot.state;
    let muted = paint.style(Role::Muted);
    let command = row.snapshot.args.join(" ");
    let code = state.exit_code.to_string();
    let mut lines: Vec<(&str, &str, Role)> =
        vec![("image", &row.snapshot.image, Role::Text), ("command", &command, Role::Text)];
    if state.finished_at > 0 {
        lines.push(("exit code", &code, if state.exit_code == 0 { Role::Text } else { Role::Error }));
    }
    if state.oom_killed {
        lines.push(("why", "the kernel ended it for want of memory", Role::Error));
    }
    if !state.error.is_empty() {
        lines.push(("why", &state.error, Role::Error));
    }
    for ((label, value, role), y) in lines.into_iter().zip(area.top()..area.bottom()) {
        paint.text(area.x, y, 10, label, muted);
        paint.text(area.x + 11, y, area.width.saturating_sub(11), value, paint.style(role));
    }
}
