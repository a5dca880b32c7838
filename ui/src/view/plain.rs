//! The lists of volumes, networks, stacks and events.

use super::images::title;
use super::paint::Paint;
use crate::model::layout::inner;
use crate::model::list::List;
use crate::model::plain::PlainRow;
use crate::model::{Focus, Model, Pane};
use crate::text::{age, clean, fit_middle};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// The headings of a pane's further columns: the word, the width, and whether it stands on the right.
fn headings(pane: Pane) -> &'static [(&'static str, u16, bool)] {
    match pane {
        Pane::Volumes => &[("driver", 8, false), ("used", 4, true), ("size", 9, true)],
        Pane::Networks => &[("driver", 8, false), ("range", 18, false), ("used", 4, true)],
        Pane::Stacks => &[("running", 8, false), ("cpu", 6, true), ("memory", 9, true)],
        _ => &[("what", 24, false)],
    }
}

pub(super) fn draw(model: &Model, list: &List<PlainRow>, paint: &mut Paint, area: Rect) {
    if area.height < 3 {
        return;
    }
    let focused = model.focus == Focus::List;
    paint.pane(area, focused);
    title(paint, area, focused, model.pane.title(), list, model.now);
    let body = inner(area);
    let muted = paint.style(Role::Muted);
    let age_width = 7;
    let name_x = body.x + 4;
    let room = body.right().saturating_sub(name_x + 1 + age_width + 2);
    let mut shown = headings(model.pane);
    let cost = |columns: &[(&str, u16, bool)]| columns.iter().map(|(_, width, _)| width + 2).sum::<u16>();
    while !shown.is_empty() && cost(shown) + 12 > room {
        shown = &shown[..shown.len() - 1];
    }
    let name_width = room.saturating_sub(cost(shown));
    paint.text(name_x, body.y, name_width, "name", muted);
    let age_end = body.right().saturating_sub(1);
    paint.right(age_end, body.y, age_width, if model.pane == Pane::Events { "ago" } else { "made" }, muted);
    let mut x = name_x + name_width + 2;
    let mut places = Vec::new();
    for (word, width, right) in shown {
        if *right {
            paint.right(x + width, body.y, *width, word, muted);
        } else {
            paint.text(x, body.y, *width, word, muted);
        }
        places.push((x, *width, *right));
        x += width + 2;
    }
    for ((at, row), y) in list.rows().enumerate().skip(list.offset).zip(body.y + 1..body.bottom()) {
        let selected = at == list.at();
        if selected {
            paint.tint(Rect { y, height: 1, ..body }, paint.style(Role::Selection));
            if focused {
                paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
            }
        }
        if list.is_marked(&row.key) {
            paint.text(body.x + 1, y, 1, "+", paint.style(Role::Marked));
        }
        if let Some((sign, role)) = row.sign {
            paint.text(body.x + 2, y, 1, sign, paint.style(role));
        }
        let style = paint.style(Role::Text);
        let style = if selected && focused { style.add_modifier(Modifier::BOLD) } else { style };
        paint.text(name_x, y, name_width, &fit_middle(&clean(&row.name), usize::from(name_width)), style);
        for ((x, width, right), (text, role)) in places.iter().zip(&row.columns) {
            if *right {
                paint.right(x + width, y, *width, text, paint.style(*role));
            } else {
                paint.text(*x, y, *width, text, paint.style(*role));
            }
        }
        if row.at > 0 {
            paint.right(age_end, y, age_width, &age(row.at, model.now).0, muted);
        }
    }
    if list.is_empty() {
        let text = match (model.pane, list.filter().is_empty()) {
            (_, false) => "nothing matches; esc clears the filter",
            (Pane::Volumes, _) => "no volumes",
            (Pane::Networks, _) => "no networks",
            (Pane::Stacks, _) => "no stacks: teu compose up starts one",
            _ => "nothing has happened since teu was opened",
        };
        paint.text(name_x, body.y + 1, body.width.saturating_sub(5), text, muted);
    }
    paint.scrollbar(area, list.offset, usize::from(body.height.saturating_sub(1)), list.len());
}
