//! What is known of the selected thing, as labels and values.

use super::paint::Paint;
use super::sheet::Sheet;
use crate::model::Model;
use crate::model::image::ImageRow;
use crate::model::layout::inner;
use crate::model::list::Row as _;
use crate::text::{age, bytes, date_and_clock, wrap};
use crate::theme::Role;
use ratatui::layout::Rect;

/// One row: a label, a value, and its colour.
pub(super) type InfoRow = (String, String, Role);

/// How wide the labels of the info tab are.
pub(super) const LABEL: usize = 12;

pub(super) struct Rows {
    pub rows: Vec<InfoRow>,
    cells: usize,
}

impl Rows {
    pub fn new(width: usize, label: usize) -> Self {
        Self { rows: Vec::new(), cells: width.saturating_sub(label + 3).max(8) }
    }

    pub fn add(&mut self, label: &str, value: &str, role: Role) {
        if value.is_empty() {
            return;
        }
        for (at, part) in wrap(value, self.cells).into_iter().enumerate() {
            let label = if at == 0 { label.to_owned() } else { String::new() };
            self.rows.push((label, part, role));
        }
    }

    fn list(&mut self, label: &str, values: &[String], role: Role) {
        for (at, value) in values.iter().enumerate() {
            self.add(if at == 0 { label } else { "" }, value, role);
        }
    }

    fn gap(&mut self) {
        if self.rows.last().is_some_and(|row| !row.1.is_empty()) {
            self.rows.push((String::new(), String::new(), Role::Text));
        }
    }
}

pub(super) fn container(model: &Model, width: usize) -> Vec<InfoRow> {
    let mut rows = Rows::new(width, LABEL);
    let Some(row) = model.containers.selected() else { return rows.rows };
    let s = &row.snapshot;
    let moment = |at: i64| {
        let text = date_and_clock(at, model.settings.utc_offset);
        format!("{text} ({} ago)", age(at, model.now).0)
    };
    let (_, word, role) = super::containers::state(row);
    rows.add("name", &s.name, Role::Text);
    rows.add("id", s.id.as_str(), Role::Muted);
    rows.add("image", &s.image, Role::Text);
    rows.add("", &s.image_id, Role::Muted);
    rows.add("command", &s.args.join(" "), Role::Text);
    rows.gap();
    rows.add("state", &word, role);
    if s.state.pid > 0 {
        rows.add("pid", &s.state.pid.to_string(), Role::Text);
    }
    rows.add("error", &s.state.error, Role::Error);
    rows.add("created", &moment(s.created_at), Role::Text);
    if s.state.started_at > 0 {
        rows.add("started", &moment(s.state.started_at), Role::Text);
    }
    if s.state.finished_at > 0 {
        rows.add(
            "ended",
            &format!("{} with exit code {}", moment(s.state.finished_at), s.state.exit_code),
            Role::Text,
        );
    }
    if s.state.restart_count > 0 {
        rows.add("restarts", &s.state.restart_count.to_string(), Role::Warning);
    }
    if let Some(health) = &s.state.health {
        rows.gap();
        rows.add("health", health.status.as_str(), role);
        if health.failing_streak > 0 {
            rows.add("", &format!("{} failures in a row", health.failing_streak), Role::Error);
        }
        for probe in health.log.iter().rev() {
            let output = crate::text::clean(&probe.output).trim().to_owned();
            let time = crate::text::clock(probe.start, model.settings.utc_offset);
            let role = if probe.exit_code == 0 { Role::Muted } else { Role::Error };
            rows.add("", &format!("{time} exit {} {output}", probe.exit_code), role);
        }
    }
    rows.gap();
    let ports: Vec<String> = s
        .ports
        .iter()
        .map(|p| {
            let ip = if p.host_ip.is_empty() { "0.0.0.0" } else { &p.host_ip };
            format!("{ip}:{} → {}/{:?}", p.host_port, p.container_port, p.protocol).to_lowercase()
        })
        .collect();
    rows.list("ports", &ports, Role::Info);
    rows.list("networks", &s.networks, Role::Text);
    rows.list("mounts", &s.mounts, Role::Text);
    rows.add("terminal", if s.tty { "yes" } else { "no" }, Role::Text);
    rows.gap();
    let labels: Vec<String> = s.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    rows.list("labels", &labels, Role::Muted);
    rows.rows
}

pub(super) fn plain(model: &Model, width: usize) -> Vec<InfoRow> {
    let mut rows = Rows::new(width, LABEL);
    for (label, value, role) in model.plain().selected().map_or(&[][..], |row| &row.known) {
        rows.add(label, value, *role);
    }
    rows.rows
}

pub(super) fn image(model: &Model, width: usize) -> Vec<InfoRow> {
    let mut rows = Rows::new(width, LABEL);
    let Some(row) = model.images.selected() else { return rows.rows };
    let s = &row.snapshot;
    if row.tags().is_some() {
        repository(&mut rows, model, row);
        return rows.rows;
    }
    rows.list("tags", &s.tags, Role::Text);
    rows.add("id", &s.id, Role::Muted);
    rows.add("manifest", &s.manifest_digest, Role::Muted);
    rows.add("size", &bytes(s.size), Role::Text);
    sizes(&mut rows, row);
    if let Some(at) = s.created_at {
        let text = date_and_clock(at, model.settings.utc_offset);
        rows.add("made", &format!("{text} ({} ago)", age(at, model.now).0), Role::Text);
    }
    let users = model.containers.items().iter().filter(|c| c.snapshot.image_id == s.id);
    let users: Vec<String> = users.map(|c| c.snapshot.name.clone()).collect();
    rows.gap();
    rows.list("used by", &users, Role::Good);
    rows.gap();
    let labels: Vec<String> = s.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    rows.list("labels", &labels, Role::Muted);
    rows.rows
}

/// Of an image's bytes those that it has alone, and those that others have too; of a repository the sums of both.
fn sizes(rows: &mut Rows, row: &ImageRow) {
    let what = if row.tags().is_some() { "in one image alone" } else { "of it in no other image" };
    rows.add("", &format!("{} {what}", bytes(row.snapshot.unique)), Role::Muted);
    if row.shared() > 0 {
        rows.add("", &format!("{} shared with others", bytes(row.shared())), Role::Muted);
    }
}

/// A repository: its tags, and what they come to.
fn repository(rows: &mut Rows, model: &Model, row: &ImageRow) {
    rows.add("repository", row.name(), Role::Text);
    rows.add("size", &bytes(row.snapshot.size), Role::Text);
    sizes(rows, row);
    rows.gap();
    let tags = model.images.items().iter().filter(|tag| tag.head() == Some(row.key()));
    for (at, tag) in tags.enumerate() {
        let s = &tag.snapshot;
        let made = s.created_at.map_or(String::new(), |at| format!(" · {} old", age(at, model.now).0));
        let used = if s.containers > 0 { " · in use" } else { "" };
        let text = format!("{} · {}{made}{used}", tag.label(), bytes(s.size));
        rows.add(if at == 0 { "tags" } else { "" }, &text, Role::Text);
    }
    rows.gap();
    rows.add("", "→ unfolds the tags, ← folds them", Role::Muted);
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect, sheet: &Sheet) {
    let (body, rows) = (inner(area), &sheet.rows);
    let height = usize::from(body.height);
    let offset = model.detail_scroll.min(rows.len().saturating_sub(height));
    for ((label, value, role), y) in rows.iter().skip(offset).zip(body.top()..body.bottom()) {
        let cells = sheet.label as u16;
        paint.text(body.x + 1, y, cells.saturating_sub(1), label, paint.style(Role::Muted));
        let x = body.x + 1 + cells;
        paint.text(x, y, body.right().saturating_sub(x + 1), value, paint.style(*role));
    }
    paint.scrollbar(area, offset, height, rows.len());
}
