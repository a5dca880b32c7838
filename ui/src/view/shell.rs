//! The terminal in front, in the whole main area.

use super::hit::Hit;
use super::paint::Paint;
use crate::keys::KeyEvent;
use crate::model::Model;
use crate::model::layout::inner;
use crate::text::{clean, fit, width};
use crate::theme::Role;
use ratatui::layout::{Position, Rect};

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
    cursor
}
