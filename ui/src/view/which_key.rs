//! What can follow the keys typed so far: after the prefix key in a terminal, and after the first of several keys in a
//! row elsewhere.

use super::paint::Paint;
use crate::keys::Layer;
use crate::model::{Focus, Model};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Cells of a column: keys and words.
const COLUMN: u16 = 42;

/// Keys and words, and what they follow; none when nothing was begun.
fn rows(model: &Model) -> Option<(String, Vec<(String, String)>)> {
    let keymap = &model.settings.keymap;
    if model.focus == Focus::Shell {
        if !model.shells.prefix {
            return None;
        }
        let bindings = keymap.bindings(Layer::Shell).map(|binding| {
            let keys: Vec<String> = binding.keys.iter().take(2).map(ToString::to_string).collect();
            (keys.join(" "), binding.action.words().to_owned())
        });
        let rows = bindings.chain([("1 – 9".to_owned(), "that tab".to_owned())]).collect();
        return Some((keymap.prefix.to_string(), rows));
    }
    if model.typed.0.is_empty() {
        return None;
    }
    let next = keymap.continuations(&model.layers(), &model.typed);
    let row = |one: crate::keys::Continuation| {
        (
            one.key.to_string(),
            one.action.map_or_else(|| "more…".to_owned(), |action| action.words().to_owned()),
        )
    };
    Some((model.typed.to_string(), next.into_iter().map(row).collect()))
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let Some((begun, rows)) = rows(model) else { return };
    let least = if area.width >= 100 && rows.len() > 6 { 2 } else { 1 };
    // As many columns as it takes to show all of them.
    let most_rows = area.height.saturating_sub(3).max(1);
    let columns = (rows.len() as u16).div_ceil(most_rows).clamp(least, 4);
    let height = (rows.len() as u16).div_ceil(columns) + 2;
    let each = (area.width.saturating_sub(4) / columns).min(COLUMN);
    let wide = (each * columns + 2).min(area.width.saturating_sub(2));
    let keys_wide = if each < 30 { 6 } else { 11 };
    let popup = Rect {
        x: area.right().saturating_sub(wide + 1),
        y: area.bottom().saturating_sub(height + 1).max(area.y),
        width: wide,
        height: height.min(area.height),
    };
    paint.fill(popup, paint.style(Role::Surface));
    let accent = paint.style(Role::Accent);
    paint.border(popup, accent.patch(paint.style(Role::Surface).fg(accent.fg.unwrap_or_default())));
    paint.text(
        popup.x + 2,
        popup.y,
        popup.width,
        &format!(" {begun} then "),
        accent.add_modifier(Modifier::BOLD),
    );
    let per_column = usize::from(popup.height.saturating_sub(2)).max(1);
    for (at, (keys, words)) in rows.iter().enumerate() {
        let column = (at / per_column) as u16;
        if column >= columns {
            break;
        }
        let (x, y) = (popup.x + 2 + column * each, popup.y + 1 + (at % per_column) as u16);
        paint.text(x, y, keys_wide, keys, accent);
        let room = each.saturating_sub(keys_wide + 2);
        paint.text(x + keys_wide + 1, y, room, words, paint.style(Role::Text));
    }
}
