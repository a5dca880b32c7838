//! The terminal in front, in the whole main area.

use super::hit::Hit;
use super::paint::Paint;
use crate::keys::{KeyEvent, Layer};
use crate::model::Model;
use crate::model::layout::inner;
use crate::text::{clean, fit, width};
use crate::theme::Role;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

/// Most cells of a tab's name.
const TAB: usize = 28;

fn label(model: &Model, at: usize) -> String {
    let shell = &model.shells.tabs[at];
    let title = if shell.terminal.title().is_empty() { &shell.title } else { shell.terminal.title() };
    let number = if model.shells.tabs.len() > 1 { format!("{} ", at + 1) } else { String::new() };
    let title = if *title == shell.name { String::new() } else { format!(" · {title}") };
    let text = format!("{number}{}{title}", clean(&shell.name));
    fit(&text, TAB).into_owned()
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
    let shell = model.shells.current()?;
    paint.pane(area, true);
    let prefix = model.settings.keymap.prefix;
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
    let right = area.right().saturating_sub(2);
    let room = right.saturating_sub(end + 1);
    let muted = paint.style(Role::Muted);
    let key = format!(" {prefix} ");
    let unlock = format!(" {} ", KeyEvent { alt: true, ..prefix });
    let accent = paint.style(Role::Accent);
    if model.shells.locked {
        paint.pieces_right(
            right,
            area.y,
            room,
            &[(" locked ", paint.style(Role::Warning)), (&unlock, accent), ("unlocks ", muted)],
        );
    } else if shell.terminal.scroll() > 0 {
        let text = format!(" {} of {} lines back ", shell.terminal.scroll(), shell.terminal.scrollback_len());
        paint.pieces_right(
            right,
            area.y,
            room,
            &[(&text, paint.style(Role::Warning)), ("esc", accent), (" ends ", muted)],
        );
    } else {
        let twice = format!(" {prefix} {prefix} ");
        let long = [
            (twice.as_str(), accent),
            ("leaves", muted),
            (" ·", paint.style(Role::Faint)),
            (key.as_str(), accent),
            ("menu ", muted),
        ];
        if paint.pieces_right(right, area.y, room, &long) == right {
            paint.pieces_right(right, area.y, room, &[(key.as_str(), accent), ("menu ", muted)]);
        }
    }
    let body = inner(area);
    let cursor = crate::terminal::draw(&shell.terminal, paint.theme, body, paint.buffer);
    if shell.session.is_none() {
        paint.text(body.x + 1, body.y, body.width, "opening…", muted);
        return None;
    }
    let total = shell.terminal.scrollback_len() + usize::from(body.height);
    if shell.terminal.scroll() > 0 {
        let offset = shell.terminal.scrollback_len() - shell.terminal.scroll();
        paint.scrollbar(area, offset, usize::from(body.height), total);
    }
    if model.shells.prefix {
        which_key(model, paint, area);
    }
    cursor
}

/// What can follow the prefix key.
fn which_key(model: &Model, paint: &mut Paint, area: Rect) {
    let keymap = &model.settings.keymap;
    let rows: Vec<(String, &str)> = keymap
        .bindings(Layer::Shell)
        .map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            (keys.join(" "), binding.action.words())
        })
        .chain([("1 – 9".to_owned(), "that shell")])
        .collect();
    let columns: u16 = if area.width >= 100 { 2 } else { 1 };
    let height = (rows.len() as u16).div_ceil(columns) + 2;
    let wide = (42 * columns + 2).min(area.width.saturating_sub(2));
    let popup = Rect {
        x: area.right().saturating_sub(wide + 1),
        y: area.bottom().saturating_sub(height + 1).max(area.y),
        width: wide,
        height: height.min(area.height),
    };
    paint.fill(popup, paint.style(Role::Surface));
    paint.border(
        popup,
        paint
            .style(Role::Accent)
            .patch(paint.style(Role::Surface).fg(paint.style(Role::Accent).fg.unwrap_or_default())),
    );
    let title = format!(" {} then ", keymap.prefix);
    let over = paint.style(Role::Accent).add_modifier(Modifier::BOLD);
    paint.text(popup.x + 2, popup.y, popup.width, &title, over);
    let per_column = usize::from(popup.height.saturating_sub(2));
    for (at, (keys, words)) in rows.iter().enumerate() {
        let column = (at / per_column.max(1)) as u16;
        let (x, y) = (popup.x + 2 + column * 42, popup.y + 1 + (at % per_column.max(1)) as u16);
        if column >= columns {
            break;
        }
        paint.text(x, y, 9, keys, paint.style(Role::Accent));
        paint.text(x + 10, y, 31, words, paint.style(Role::Text));
    }
}
