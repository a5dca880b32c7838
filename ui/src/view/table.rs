//! A list drawn as a table: headings that say the order, rows, marks, and what stands there while it is empty.

use super::paint::Paint;
use crate::model::columns::{Column, MARGIN};
use crate::model::layout::inner;
use crate::model::list::{List, Row};
use crate::model::{Focus, Model};
use crate::text::{clean, fit_middle};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// The row that is drawn, as its cells need to know it.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// The row on the screen.
    pub y: u16,
    /// Whether it is selected while the list has the focus.
    pub strong: bool,
}

/// Draws the list of the pane in front; `empty` stands there without any rows, `sign` gives the sign before a row and its colour, `cell` draws one cell.
pub(super) fn draw<T: Row>(
    model: &Model,
    paint: &mut Paint,
    area: Rect,
    list: &List<T>,
    empty: &str,
    sign: impl Fn(&T) -> Option<(&'static str, Role)>,
    cell: impl Fn(&mut Paint, &T, &Column, Line),
) {
    if area.height < 3 {
        return;
    }
    let focused = model.focus == Focus::List;
    paint.pane(area, focused);
    let columns = model.columns();
    title(model, paint, area, &columns, list);
    let body = inner(area);
    heading(paint, &columns, body.y, list);
    for ((at, row), y) in list.rows().enumerate().skip(list.offset).zip(body.y + 1..body.bottom()) {
        let selected = at == list.at();
        if selected {
            paint.tint(Rect { y, height: 1, ..body }, paint.style(Role::Selection));
            if focused {
                paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
            }
        }
        if list.is_marked(row.key()) {
            paint.text(body.x + 1, y, 1, "+", paint.style(Role::Marked));
        }
        if let Some((sign, role)) = sign(row) {
            paint.text(body.x + 2, y, 1, sign, paint.style(role));
        }
        for column in &columns {
            cell(paint, row, column, Line { y, strong: selected && focused });
        }
    }
    if list.is_empty() {
        let text = if list.filter().is_empty() { empty } else { "nothing matches; esc clears the filter" };
        let room = body.width.saturating_sub(MARGIN);
        paint.text(body.x + MARGIN, body.y + 1, room, text, paint.style(Role::Muted));
    }
    paint.scrollbar(area, list.offset, usize::from(body.height.saturating_sub(1)), list.len());
}

/// The name, the counts, and on the right the filter, or the order where no heading shows it.
fn title<T: Row>(model: &Model, paint: &mut Paint, area: Rect, columns: &[Column], list: &List<T>) {
    let (total, passing) = list.counts();
    let counts = if passing == total { format!("{total} ") } else { format!("{passing} of {total} ") };
    let marks = match (list.marks(), list.is_ranging()) {
        (0, _) => String::new(),
        (n, false) => format!("· {n} marked "),
        (n, true) => format!("· {n} marked, move to mark more "),
    };
    let name = format!(" {} ", model.pane.title());
    let pieces = [
        (name.as_str(), paint.title_style(model.focus == Focus::List)),
        (counts.as_str(), paint.style(Role::Muted)),
        (marks.as_str(), paint.style(Role::Marked)),
    ];
    let used = paint.pieces(area.x + 2, area.y, area.width.saturating_sub(4), &pieces);
    let room = area.width.saturating_sub(used + 6);
    let right = area.right().saturating_sub(2);
    let filter = list.filter();
    if !filter.is_empty() {
        let role = if filter.error().is_some() { Role::Error } else { Role::Accent };
        let text = format!(" {} ", clean(filter.text()));
        let pieces = [(" filter", paint.style(Role::Muted)), (text.as_str(), paint.style(role))];
        paint.pieces_right(right, area.y, room, &pieces);
    } else if !columns.iter().any(|column| column.spec.sort == Some(list.sort_index())) {
        let specs = crate::model::columns::specs(model.pane);
        let word =
            specs.iter().find(|spec| spec.sort == Some(list.sort_index())).map_or("", |spec| spec.name);
        let text = format!(" by {word} {} ", if list.sort().1 { "▾" } else { "▴" });
        paint.pieces_right(right, area.y, room, &[(text.as_str(), paint.style(Role::Muted))]);
    }
}

/// A name that goes in so many seconds, unless that is taken back.
pub(super) fn draw_doomed(paint: &mut Paint, name: &str, column: &Column, y: u16, seconds: i64) {
    let text = format!("  gone in {seconds}s");
    let room = column.width.saturating_sub(text.len() as u16);
    let style = paint.style(Role::Muted).add_modifier(Modifier::CROSSED_OUT);
    let used = paint.text(column.x, y, room, &fit_middle(&clean(name), usize::from(room)), style);
    paint.text(column.x + used, y, column.width - used, &text, paint.style(Role::Warning));
}

fn heading<T: Row>(paint: &mut Paint, columns: &[Column], y: u16, list: &List<T>) {
    for column in columns {
        let sorted = column.spec.sort == Some(list.sort_index());
        let style = paint.style(if sorted { Role::Accent } else { Role::Muted });
        let arrow = match (sorted, list.sort().1) {
            (false, _) => "",
            (true, true) => "▾",
            (true, false) => "▴",
        };
        let text = format!("{}{arrow}", column.spec.heading);
        if column.spec.right {
            paint.right(column.x + column.width, y, column.width, &text, style);
        } else {
            paint.text(column.x, y, column.width, &text, style);
        }
    }
}
