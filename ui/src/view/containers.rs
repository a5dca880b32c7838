//! The list of containers.

use super::graph;
use super::paint::Paint;
use super::table::{self, Line};
use crate::model::columns::{Column, Kind};
use crate::model::container::ContainerRow;
use crate::model::{Model, Pane};
use crate::text::{age, bytes_short, clean, fit_middle, percent};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use teu_api::container::{HealthStatus, Status};

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let empty = if model.loaded { "no containers" } else { "reading the store…" };
    let sign = |row: &ContainerRow| {
        let (sign, _, role) = state(row);
        Some((sign, role))
    };
    table::draw(model, paint, area, &model.containers, empty, sign, |paint, row, column, line| {
        cell(model, paint, row, column, line);
    });
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

fn cell(model: &Model, paint: &mut Paint, row: &ContainerRow, column: &Column, line: Line) {
    let y = line.y;
    let snapshot = &row.snapshot;
    let live = snapshot.state.status.is_live();
    let pending = model.is_pending(&snapshot.id);
    let quiet = if live { paint.style(Role::Text) } else { paint.style(Role::Muted) };
    let mut left = |text: &str, style: Style| {
        paint.text(column.x, y, column.width, text, style);
    };
    match column.spec.kind {
        Kind::Name => {
            let style = if line.strong { quiet.add_modifier(Modifier::BOLD) } else { quiet };
            let style =
                if pending { style.add_modifier(Modifier::CROSSED_OUT | Modifier::DIM) } else { style };
            left(&snapshot.name, style);
        }
        Kind::State => {
            let (_, word, role) = state(row);
            let seconds = model.seconds_left(Pane::Containers, snapshot.id.as_str());
            let word = seconds.map_or(word, |seconds| format!("gone in {seconds}s"));
            let style = paint.style(if pending { Role::Warning } else { role });
            paint.text(column.x, y, column.width, &word, style);
        }
        Kind::Image => {
            let image = clean(snapshot.image.strip_suffix(":latest").unwrap_or(&snapshot.image));
            let style = paint.style(Role::Muted);
            paint.text(column.x, y, column.width, &fit_middle(&image, usize::from(column.width)), style);
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
        kind => {
            let (text, style) = figure(model, paint, row, kind, quiet);
            paint.right(column.x + column.width, y, column.width, &text, style);
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
