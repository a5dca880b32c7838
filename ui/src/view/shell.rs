//! The terminals of the tab in front, in the whole main area.

use super::hit::Hit;
use super::paint::Paint;
use crate::keys::KeyEvent;
use crate::model::Model;
use crate::model::layout::inner;
use crate::model::shells::Shell;
use crate::model::split::Split;
use crate::terminal::RowText;
use crate::text::{clean, fit, width};
use crate::theme::Role;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// Most cells of a tab's name.
const TAB: usize = 28;

fn label(model: &Model, at: usize) -> String {
    let tab = &model.shells.tabs[at];
    let Some(shell) = model.shells.get(tab.focus) else { return String::new() };
    let number = if model.shells.tabs.len() > 1 { format!("{} ", at + 1) } else { String::new() };
    let parts = match tab.split.tickets().len() {
        1 => String::new(),
        parts if tab.zoomed => format!(" 1/{parts}"),
        parts => format!(" +{}", parts - 1),
    };
    let text = format!("{number}{}", name(shell));
    format!("{}{parts}", fit(&text, TAB))
}

/// The container's name, and what runs in it.
fn name(shell: &Shell) -> String {
    let (name, title) = (clean(&shell.name), shell.label());
    if title == name { name.into_owned() } else { format!("{name} · {title}") }
}

/// The tabs' places on the top border.
pub(super) fn tabs(model: &Model, area: Rect) -> Vec<(u16, u16, Hit)> {
    let mut x = area.x + 3;
    let place = |at: usize| {
        let wide = width(&label(model, at)) as u16;
        let here = (x, wide, Hit::ShellTab(at));
        x += wide + 2;
        here
    };
    (0..model.shells.tabs.len()).map(place).collect()
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) -> Option<Position> {
    let tab = model.shells.tab()?;
    let places = model.shell_places(tab);
    let alone = places.len() == 1;
    let mut cursor = None;
    for (ticket, place) in &places {
        let Some(shell) = model.shells.get(*ticket) else { continue };
        let focused = *ticket == tab.focus;
        paint.pane(*place, focused);
        let mut end = place.x + 2;
        if !alone {
            let style = if focused { paint.bold(Role::Accent) } else { paint.style(Role::Muted) };
            let room = place.width.saturating_sub(4);
            end += paint.text(place.x + 2, place.y, room, &format!(" {} ", name(shell)), style);
        }
        let spot = body(model, shell, focused, paint, *place);
        if focused {
            cursor = spot;
        }
        if focused && !alone {
            state(model, shell, paint, *place, end);
        }
    }
    let mut end = area.x + 2;
    for (at, (x, wide, _)) in tabs(model, area).into_iter().enumerate() {
        if x + wide + 2 >= area.right() {
            break;
        }
        let style =
            if at == model.shells.active { paint.bold(Role::Accent) } else { paint.style(Role::Muted) };
        paint.text(x - 1, area.y, wide + 2, &format!(" {} ", label(model, at)), style);
        end = x + wide + 1;
    }
    if let (true, Some(shell)) = (alone, model.shells.current()) {
        state(model, shell, paint, area, end);
    } else if matches!(tab.split, Split::Pair { .. }) {
        keys(model, paint, area.right().saturating_sub(1), area.y, area.right().saturating_sub(end + 2));
    }
    cursor
}

/// On the top border: locked, looked through, or how to get out.
fn state(model: &Model, shell: &Shell, paint: &mut Paint, area: Rect, end: u16) {
    let right = area.right().saturating_sub(2);
    let room = right.saturating_sub(end + 1);
    let muted = paint.style(Role::Muted);
    let accent = paint.style(Role::Accent);
    let warning = paint.style(Role::Warning);
    let back = shell.terminal.scroll();
    if model.shells.locked {
        let unlock = format!(" {} ", KeyEvent { alt: true, ..model.settings.keymap.prefix });
        paint.pieces_right(
            right,
            area.y,
            room,
            &[(" locked ", warning), (&unlock, accent), ("unlocks ", muted)],
        );
    } else if shell.copying.cursor.is_some() {
        let line = format!(" copy · {back} of {} lines back", shell.terminal.scrollback_len());
        let found = match shell.copying.search.as_ref().map(|search| (&search.text, search.at)) {
            Some((text, Some((at, count)))) => format!(" · /{} {} of {count}", clean(text), at + 1),
            _ => String::new(),
        };
        let long = [
            (line.as_str(), warning),
            (found.as_str(), accent),
            (" · ", paint.style(Role::Faint)),
            ("v ", accent),
            ("marks ", muted),
            ("y ", accent),
            ("copies ", muted),
            ("/ ", accent),
            ("searches ", muted),
            ("q ", accent),
            ("ends ", muted),
        ];
        if paint.pieces_right(right, area.y, room, &long) == right
            && paint.pieces_right(right, area.y, room, &[(&line, warning), (&found, accent), (" ", muted)])
                == right
        {
            paint.pieces_right(right, area.y, room, &[(" copy", warning), (&found, accent), (" ", muted)]);
        }
    } else if back > 0 {
        let text = format!(" {back} of {} lines back ", shell.terminal.scrollback_len());
        paint.pieces_right(right, area.y, room, &[(&text, warning), ("esc", accent), (" ends ", muted)]);
    } else if shell.ended.is_none()
        && model.shells.tab().is_some_and(|tab| matches!(tab.split, Split::Leaf(_)))
    {
        keys(model, paint, right, area.y, room);
    } else if model.shells.tab().is_some_and(|tab| tab.zoomed) {
        paint.pieces_right(right, area.y, room, &[(" alone for now ", warning)]);
    }
}

fn keys(model: &Model, paint: &mut Paint, right: u16, y: u16, room: u16) {
    let prefix = model.settings.keymap.prefix;
    let muted = paint.style(Role::Muted);
    let accent = paint.style(Role::Accent);
    let (key, twice) = (format!(" {prefix} "), format!(" {prefix} {prefix} "));
    let long = [
        (twice.as_str(), accent),
        ("leaves", muted),
        (" ·", paint.style(Role::Faint)),
        (key.as_str(), accent),
        ("menu ", muted),
    ];
    if paint.pieces_right(right, y, room, &long) == right {
        paint.pieces_right(right, y, room, &[(key.as_str(), accent), ("menu ", muted)]);
    }
}

/// One terminal's cells with what is marked and found in it; gives the cursor's place.
fn body(model: &Model, shell: &Shell, focused: bool, paint: &mut Paint, area: Rect) -> Option<Position> {
    let body = inner(area);
    let terminal = &shell.terminal;
    let mut cursor = crate::terminal::draw(terminal, paint.theme, body, paint.buffer);
    if shell.session.is_none() && shell.ended.is_none() {
        paint.text(body.x + 1, body.y, body.width.saturating_sub(1), "opening…", paint.style(Role::Muted));
        return None;
    }
    let top = terminal.top_line();
    let shown = body.height.min(terminal.size().rows);
    if let Some(regex) = shell.copying.search.as_ref().and_then(|search| search.regex.as_ref()) {
        for row in 0..shown {
            for hit in RowText::of(terminal.screen(), row).matches(regex) {
                over(paint, body, row, hit.start..hit.end, paint.style(Role::Match));
            }
        }
    }
    if let Some(selection) = &shell.copying.selection {
        for row in 0..shown {
            if let Some(columns) = selection.columns(top + u64::from(row)) {
                // Not beyond the text: what is highlighted is what is copied.
                let width = RowText::of(terminal.screen(), row).width;
                over(
                    paint,
                    body,
                    row,
                    columns.start..columns.end.min(width.max(1)),
                    paint.style(Role::Selection),
                );
            }
        }
    }
    if let Some(spot) = shell.copying.cursor {
        let row = spot.line.checked_sub(top).filter(|row| *row < u64::from(shown));
        cursor = row.map(|row| {
            Position::new(body.x + spot.column.min(body.width.saturating_sub(1)), body.y + row as u16)
        });
    }
    if terminal.scroll() > 0 {
        let total = terminal.scrollback_len() + usize::from(body.height);
        let offset = terminal.scrollback_len() - terminal.scroll();
        paint.scrollbar(area, offset, usize::from(body.height), total);
    }
    if let Some(ended) = &shell.ended {
        ended_line(model, shell, ended, focused, paint, area);
        return shell.copying.cursor.and(cursor);
    }
    cursor
}

fn over(paint: &mut Paint, body: Rect, row: u16, columns: std::ops::Range<u16>, style: Style) {
    let end = columns.end.min(body.width);
    let width = end.saturating_sub(columns.start);
    paint.tint(Rect { x: body.x + columns.start, y: body.y + row, width, height: 1 }, style);
}

/// On the bottom border: how a terminal ended, and what can be done about it.
fn ended_line(model: &Model, shell: &Shell, ended: &str, focused: bool, paint: &mut Paint, area: Rect) {
    let (y, room) = (area.bottom().saturating_sub(1), area.width.saturating_sub(4));
    let (accent, muted) = (paint.style(Role::Accent), paint.style(Role::Muted));
    let what = format!(" ✗ {} ", clean(ended));
    let live = model
        .containers
        .items()
        .iter()
        .any(|row| row.snapshot.id == shell.container && row.snapshot.state.status.is_live());
    let mut pieces = vec![(what.as_str(), paint.style(Role::Error))];
    if focused && live {
        pieces.extend([
            ("↵ ", accent),
            ("opens it again  ", muted),
            ("d ", accent),
            ("debug shell  ", muted),
        ]);
    }
    if focused {
        pieces.extend([("esc ", accent), ("closes ", muted)]);
    }
    paint.pieces(area.x + 2, y, room, &pieces);
}
