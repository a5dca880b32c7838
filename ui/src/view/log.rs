//! The log pane. Only what is in view is looked at, so that a line of any length and a log of any size cost the same.

use super::paint::Paint;
use crate::model::container::ContainerRow;
use crate::model::layout::inner;
use crate::model::log::{Level, Line, Times};
use crate::model::tree::scalar;
use crate::model::{Focus, Model, Tab};
use crate::text::{age, char_width, clock, date_and_clock};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::ops::Range;
use teu_api::event::LogStream;

/// Below this width times are left out.
const ROOM_FOR_TIMES: u16 = 48;

/// Cells before the text: a sign for loud lines, and the time.
pub(crate) fn margin(model: &Model) -> usize {
    1 + times_width(model) + if model.log.sources.len() > 1 { 13 } else { 0 }
}

fn times_width(model: &Model) -> usize {
    if model.log_area().width < ROOM_FOR_TIMES {
        return 0;
    }
    match model.log.times {
        Times::Off => 0,
        Times::Clock => 9,
        Times::Ago => 8,
        Times::Date => 20,
    }
}

/// When the ages of lines in view read otherwise; `None` where none are shown.
pub(crate) fn times_deadline(model: &Model) -> Option<i64> {
    let shown = model.log.times == Times::Ago && model.tab() == Tab::Logs && model.focus != Focus::Shell;
    if !shown || times_width(model) == 0 {
        return None;
    }
    let (width, height) = (1, usize::from(model.log_area().height));
    let (top, _) = model.log.view_top(width, height);
    let lines =
        (top..top + height).filter_map(|at| model.log.number(at)).filter_map(|n| model.log.buffer.get(n));
    lines.map(|line| crate::text::age(line.at, model.now).1).min()
}

/// What stands where lines are missing.
pub(crate) fn lost_text(lost: u64) -> String {
    match lost {
        0 => "… lines are missing here: they were rotated away before they could be read".to_owned(),
        lost => format!("… {} lines are missing here", grouped(lost)),
    }
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect, tabs_end: u16) {
    let log = &model.log;
    let body = inner(area);
    state(model, paint, area, tabs_end);
    if log.is_empty() {
        let text = match (log.sources.first(), log.buffer.is_empty()) {
            (None, _) => "",
            (_, false) => "no line passes the filter",
            (_, true) if !log.window.text().is_empty() => "nothing logged in this span of time",
            (_, true) => "nothing logged yet",
        };
        paint.text(body.x + 1, body.y, body.width.saturating_sub(2), text, paint.style(Role::Muted));
        return;
    }
    let margin = margin(model);
    let cells = usize::from(body.width).saturating_sub(margin).max(1);
    let (mut at, mut row) = log.view_top(cells, usize::from(body.height));
    let top = at;
    let mut y = body.y;
    while y < body.bottom() {
        let Some(number) = log.number(at) else { break };
        let Some(line) = log.buffer.get(number) else { break };
        if let Some(lost) = line.lost {
            let room = body.width.saturating_sub(2);
            paint.text(body.x + 1, y, room, &lost_text(lost), paint.style(Role::Warning));
            y += 1;
            at += 1;
            row = 0;
            continue;
        }
        let fields = log.fields(number, line);
        let starts = if log.wrap { line.row_starts(cells) } else { vec![line.byte_at(log.left)] };
        let rows = fields.as_ref().map_or(starts.len(), Vec::len);
        let current = log.search.as_ref().is_some_and(|search| search.at == Some(number));
        let matches = log.highlights(line);
        let loudness = loudness(log.buffer.level(number), line.stream);
        while row < rows && y < body.bottom() {
            sign(paint, loudness, body.x, y);
            if row == 0 {
                head(model, paint, line, body, y, margin);
            }
            let place = Rect { x: body.x + margin as u16, y, width: cells as u16, height: 1 };
            match &fields {
                Some(fields) => field(paint, &fields[row], place),
                None => text(paint, line, place, starts[row], &matches),
            }
            if fields.is_none() && !log.wrap && line.decoded.width > log.left + cells {
                paint.put(body.right() - 1, y, '›', paint.style(Role::Muted));
            }
            if current && row == 0 {
                paint.text(body.x, y, 1, "▶", paint.style(Role::Accent));
            }
            y += 1;
            row += 1;
        }
        at += 1;
        row = 0;
    }
    paint.scrollbar(area, top, at - top, log.len());
}

/// What the view shows of the log: following or paused, filters, losses.
fn state(model: &Model, paint: &mut Paint, area: Rect, tabs_end: u16) {
    let log = &model.log;
    let body = inner(area);
    let right = area.right().saturating_sub(2);
    let room = right.saturating_sub(tabs_end + 1);
    let is_source = |row: &&ContainerRow| log.sources.iter().any(|(id, _)| *id == row.snapshot.id);
    let mut rows = model.containers.items().iter().filter(is_source);
    let live = rows.any(|row| row.snapshot.state.status.is_live());
    if log.follow {
        let (sign, word) = if live { ("● ", "following ") } else { ("○ ", "at the end ") };
        let role = if live { Role::Good } else { Role::Muted };
        let pieces =
            [(" ", paint.style(Role::Muted)), (sign, paint.style(role)), (word, paint.style(Role::Muted))];
        paint.pieces_right(right, area.y, room, &pieces);
    } else {
        let cells = usize::from(body.width).saturating_sub(margin(model)).max(1);
        let (end, _) = log.end_top(cells, usize::from(body.height));
        let below = end.saturating_sub(log.view_top(cells, usize::from(body.height)).0);
        let text = format!("‖ paused, {} below ", grouped(below as u64));
        let pieces = [
            (" ", paint.style(Role::Muted)),
            (text.as_str(), paint.style(Role::Warning)),
            ("f follows ", paint.style(Role::Muted)),
        ];
        paint.pieces_right(right, area.y, room, &pieces);
    }
    let mut notes: Vec<(String, Role)> = Vec::new();
    if log.sources.len() > 1 {
        notes.push((format!("{} logs", log.sources.len()), Role::Info));
    }
    if !log.window.text().is_empty() {
        notes.push((log.window.text().to_owned(), Role::Time));
    }
    if let Some(search) = &log.search {
        let found = match log.found() {
            None => String::new(),
            Some((_, 0)) => "  no match".to_owned(),
            Some((Some(at), count)) => format!("  {} of {}", grouped(at as u64 + 1), grouped(count as u64)),
            Some((None, count)) => format!("  {}", grouped(count as u64)),
        };
        notes.push((format!("/{}{found}", search.text), Role::Accent));
    }
    if !log.filter.is_empty() {
        notes.push((format!("only {}", log.filter), Role::Accent));
    }
    match log.level {
        Level::Unknown => {}
        Level::Error => notes.push(("errors".into(), Role::Error)),
        Level::Warning => notes.push(("warnings".into(), Role::Warning)),
        Level::Info => notes.push(("info".into(), Role::Info)),
        Level::Debug => notes.push(("debug".into(), Role::Muted)),
    }
    if log.buffer.dropped > 0 {
        notes.push((format!("{} older lines left out", grouped(log.buffer.dropped)), Role::Warning));
    }
    let mut x = area.x + 2;
    for (text, role) in notes {
        let room = right.saturating_sub(x);
        x += paint.text(x, area.bottom() - 1, room, &format!(" {text} "), paint.style(role)) + 1;
    }
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn loudness(level: Level, stream: LogStream) -> Option<Role> {
    match (level, stream) {
        (Level::Error, _) => Some(Role::Error),
        (Level::Warning, _) => Some(Role::Warning),
        (_, LogStream::Stderr) => Some(Role::Stderr),
        _ => None,
    }
}

fn sign(paint: &mut Paint, loudness: Option<Role>, x: u16, y: u16) {
    if let Some(role) = loudness {
        paint.text(x, y, 1, "▎", paint.style(role));
    }
}

fn head(model: &Model, paint: &mut Paint, line: &Line, body: Rect, y: u16, margin: usize) {
    let mut x = body.x + 1;
    if model.log.sources.len() > 1 {
        let name = model.log.sources.get(usize::from(line.source)).map_or("", |(_, name)| name);
        paint.text(x, y, 12, name, paint.theme.series(line.source.into()));
        x += 13;
    }
    let wide = times_width(model);
    if wide > 0 && usize::from(x - body.x) + wide <= margin {
        let text = match model.log.times {
            Times::Ago => age(line.at, model.now).0,
            Times::Date => date_and_clock(line.at, model.settings.utc_offset),
            _ => clock(line.at, model.settings.utc_offset),
        };
        paint.text(x, y, wide as u16 - 1, &text, paint.style(Role::Time));
    }
}

/// Draws one field of an unfolded line: its name quiet, its value in the colour of its kind.
fn field(paint: &mut Paint, field: &str, place: Rect) {
    let value = field.find("\": ").map_or(0, |at| at + 2);
    let (name, value) = field.split_at(value);
    let json = value.trim_start().trim_end_matches(',');
    let role =
        serde_json::from_str(json).ok().and_then(|json| scalar(&json)).map_or(Role::Text, |(_, role)| role);
    let pieces = [(name, paint.style(Role::Muted)), (value, paint.style(role))];
    paint.pieces(place.x, place.y, place.width, &pieces);
}

/// Draws one row of a line: what fits from a byte on.
fn text(paint: &mut Paint, line: &Line, place: Rect, start: usize, matches: &[Range<usize>]) {
    let decoded = &line.decoded;
    let base = match line.stream {
        LogStream::Stderr => paint.style(Role::Stderr),
        LogStream::Stdout => paint.style(Role::Text),
    };
    let mut byte = start.min(decoded.text.len());
    let mut run = decoded.runs.partition_point(|run| run.start as usize <= byte);
    let mut style = run.checked_sub(1).map_or(Style::new(), |at| decoded.runs[at].style);
    let mut hits = matches.iter().peekable();
    let mut cell = 0;
    for c in decoded.text[byte..].chars() {
        while decoded.runs.get(run).is_some_and(|next| next.start as usize <= byte) {
            style = decoded.runs[run].style;
            run += 1;
        }
        while hits.peek().is_some_and(|hit| hit.end <= byte) {
            hits.next();
        }
        let wide = char_width(c) as u16;
        if cell + wide > place.width {
            break;
        }
        let mut shown = base.patch(fitted(paint, style));
        if hits.peek().is_some_and(|hit| hit.start <= byte) {
            shown = shown.patch(paint.style(Role::Match)).remove_modifier(Modifier::DIM);
        }
        // A mark that belongs to a character of the row before is not put on the margin.
        if wide > 0 || cell > 0 {
            paint.put(place.x + cell, place.y, c, shown);
        }
        cell += wide;
        byte += c.len_utf8();
    }
}

fn fitted(paint: &Paint, style: Style) -> Style {
    let fit = |color: Option<_>| color.map(|color| paint.theme.foreign(color));
    // Words on a ground of their own were coloured to be read on that.
    let ink = |color: Option<_>| color.map(|color| paint.theme.legible(color));
    let fg = if style.bg.is_some() { fit(style.fg) } else { ink(style.fg) };
    Style { fg, bg: fit(style.bg), ..style }
}
