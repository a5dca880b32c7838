//! The list of images.

use super::paint::Paint;
use crate::model::layout::inner;
use crate::model::list::{List, Row};
use crate::model::{Focus, Model};
use crate::text::{age, bytes, clean, fit_middle};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// A list's title: its name, its counts, and on the right the filter or the order.
pub(super) fn title<T: Row>(
    paint: &mut Paint,
    area: Rect,
    focused: bool,
    name: &str,
    list: &List<T>,
    _now: i64,
) {
    let total = list.items().len();
    let counts =
        if list.len() == total { format!("{total} ") } else { format!("{} of {total} ", list.len()) };
    let marks = if list.marks() > 0 { format!("· {} marked ", list.marks()) } else { String::new() };
    let name = format!(" {name} ");
    let pieces = [
        (name.as_str(), paint.title_style(focused)),
        (counts.as_str(), paint.style(Role::Muted)),
        (marks.as_str(), paint.style(Role::Marked)),
    ];
    let used = paint.pieces(area.x + 2, area.y, area.width.saturating_sub(4), &pieces);
    let room = area.width.saturating_sub(used + 6);
    let filter = list.filter();
    if filter.is_empty() {
        let (sort, descending) = list.sort();
        let text = format!(" by {sort} {} ", if descending { "▾" } else { "▴" });
        paint.pieces_right(
            area.right().saturating_sub(2),
            area.y,
            room,
            &[(text.as_str(), paint.style(Role::Muted))],
        );
    } else {
        let role = if filter.error().is_some() { Role::Error } else { Role::Accent };
        let text = format!(" {} ", clean(filter.text()));
        let pieces = [(" filter", paint.style(Role::Muted)), (text.as_str(), paint.style(role))];
        paint.pieces_right(area.right().saturating_sub(2), area.y, room, &pieces);
    }
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    if area.height < 3 {
        return;
    }
    let focused = model.focus == Focus::List;
    paint.pane(area, focused);
    title(paint, area, focused, "Images", &model.images, model.now);
    let body = inner(area);
    let end = body.right().saturating_sub(1);
    let (size, used, made) = (9, 6, 8);
    let wide = body.width >= 64;
    let name_x = body.x + 3;
    let figures = size + used + 4 + if wide { made + 14 + 4 } else { 0 };
    let name_width = end.saturating_sub(name_x + figures);
    let muted = paint.style(Role::Muted);
    let mut x = end;
    let mut places = Vec::new();
    for (heading, width) in [("made", made), ("used", used), ("size", size)] {
        if heading == "made" && !wide {
            continue;
        }
        paint.right(x, body.y, width, heading, muted);
        places.push((heading, x, width));
        x = x.saturating_sub(width + 2);
    }
    paint.text(name_x, body.y, name_width, "image", muted);
    let id_x = name_x + name_width + 2;
    if wide {
        paint.text(id_x, body.y, 12, "id", muted);
    }
    let rows = model.images.rows().enumerate().skip(model.images.offset);
    for ((at, row), y) in rows.zip(body.y + 1..body.bottom()) {
        let selected = at == model.images.at();
        if selected {
            paint.tint(Rect { y, height: 1, ..body }, paint.style(Role::Selection));
            if focused {
                paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
            }
        }
        if model.images.is_marked(row.key()) {
            paint.text(body.x + 1, y, 1, "+", paint.style(Role::Marked));
        }
        let dangling = row.snapshot.tags.is_empty();
        let mut style = paint.style(if dangling { Role::Muted } else { Role::Text });
        if selected && focused {
            style = style.add_modifier(Modifier::BOLD);
        }
        paint.text(name_x, y, name_width, &fit_middle(&clean(row.name()), usize::from(name_width)), style);
        if wide {
            paint.text(id_x, y, 12, row.short_id(), muted);
        }
        for (heading, end, width) in &places {
            let (text, role) = match *heading {
                "size" => (bytes(row.snapshot.size), Role::Text),
                "used" if row.snapshot.containers > 0 => (row.snapshot.containers.to_string(), Role::Good),
                "used" => ("–".into(), Role::Faint),
                _ => (row.snapshot.created_at.map_or("–".into(), |at| age(at, model.now).0), Role::Muted),
            };
            paint.right(*end, y, *width, &text, paint.style(role));
        }
    }
    if model.images.is_empty() {
        let text = if model.images.filter().is_empty() {
            "no images"
        } else {
            "nothing matches; esc clears the filter"
        };
        paint.text(name_x, body.y + 1, body.width.saturating_sub(4), text, muted);
    }
    paint.scrollbar(
        area,
        model.images.offset,
        usize::from(body.height.saturating_sub(1)),
        model.images.len(),
    );
}
