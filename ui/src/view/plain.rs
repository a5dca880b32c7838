//! The lists of volumes, networks, stacks and events.

use super::paint::Paint;
use super::table::{self, Line};
use crate::model::columns::{Column, Kind};
use crate::model::list::List;
use crate::model::plain::PlainRow;
use crate::model::{Model, Pane};
use crate::text::{age, clean, clock, fit_middle};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;

pub(super) fn draw(model: &Model, list: &List<PlainRow>, paint: &mut Paint, area: Rect) {
    let empty = match model.pane {
        Pane::Volumes => "no volumes",
        Pane::Networks => "no networks",
        Pane::Stacks => "no stacks: teu compose up starts one",
        _ => "nothing has happened yet",
    };
    let sign = |row: &PlainRow| row.sign;
    table::draw(model, paint, area, list, empty, sign, |paint, row, column, line| {
        cell(model, paint, row, column, line);
    });
}

fn cell(model: &Model, paint: &mut Paint, row: &PlainRow, column: &Column, line: Line) {
    let (x, y, width) = (column.x, line.y, column.width);
    match column.spec.kind {
        Kind::Name => {
            if let Some(seconds) = model.seconds_left(model.pane, &row.key) {
                table::draw_doomed(paint, &row.name, column, y, seconds);
                return;
            }
            let style = paint.style(Role::Text);
            let style = if line.strong { style.add_modifier(Modifier::BOLD) } else { style };
            paint.text(x, y, width, &fit_middle(&clean(&row.name), usize::from(width)), style);
        }
        Kind::Plain(at) => {
            let Some((text, role)) = row.columns.get(usize::from(at)) else { return };
            if column.spec.right {
                paint.right(x + width, y, width, text, paint.style(*role));
            } else {
                paint.text(x, y, width, text, paint.style(*role));
            }
        }
        // Events of one minute are told apart by the clock; those of other days by how long ago they were.
        _ if model.pane == Pane::Events && (0..DAY).contains(&(model.now - row.at)) => {
            let time = clock(row.at, model.settings.utc_offset);
            paint.right(x + width, y, width, &time, paint.style(Role::Time));
        }
        _ if row.at > 0 => {
            paint.right(x + width, y, width, &age(row.at, model.now).0, paint.style(Role::Muted));
        }
        _ => {}
    }
}
