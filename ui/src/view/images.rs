//! The list of images.

use super::paint::Paint;
use super::table::{self, Line};
use crate::model::columns::{Column, Kind};
use crate::model::image::ImageRow;
use crate::model::list::Row as _;
use crate::model::{Model, Pane};
use crate::text::{age, bytes, clean, fit_middle};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let images = &model.images;
    let sign = |row: &ImageRow| {
        let sign = if images.is_folded(row.key()) { "▸" } else { "▾" };
        row.tags().map(|_| (sign, Role::Accent))
    };
    let empty = "no images: f looks for one, p pulls, O imports";
    table::draw(model, paint, area, images, empty, sign, |paint, row, column, line| {
        cell(model, paint, row, column, line);
    });
}

fn cell(model: &Model, paint: &mut Paint, row: &ImageRow, column: &Column, line: Line) {
    let (x, y, width) = (column.x, line.y, column.width);
    let muted = paint.style(Role::Muted);
    let (text, role) = match column.spec.kind {
        Kind::Name => {
            let dangling = row.snapshot.tags.is_empty();
            let indent = if row.is_below() { 2.min(width) } else { 0 };
            let (x, width) = (x + indent, width - indent);
            let mut style = paint.style(if dangling { Role::Muted } else { Role::Text });
            if line.strong {
                style = style.add_modifier(Modifier::BOLD);
            }
            if let Some(seconds) = model.seconds_left(Pane::Images, row.key()) {
                table::draw_doomed(paint, row.label(), &Column { x, width, ..*column }, y, seconds);
                return;
            }
            let tags = row.tags().map_or(String::new(), |tags| format!("  {tags} tags"));
            let room = usize::from(width).saturating_sub(tags.len());
            let used = paint.text(x, y, width, &fit_middle(&clean(row.label()), room), style);
            paint.text(x + used, y, width - used, &tags, muted);
            return;
        }
        Kind::Id => {
            paint.text(x, y, width, row.short_id(), muted);
            return;
        }
        Kind::Size => (bytes(row.snapshot.size), Role::Text),
        Kind::Unique => (bytes(row.snapshot.unique), Role::Text),
        Kind::Shared => match row.shared() {
            0 => ("–".into(), Role::Faint),
            shared => (bytes(shared), Role::Muted),
        },
        Kind::Used if row.snapshot.containers > 0 => (row.snapshot.containers.to_string(), Role::Good),
        Kind::Used => ("–".into(), Role::Faint),
        _ => (row.snapshot.created_at.map_or("–".into(), |at| age(at, model.now).0), Role::Muted),
    };
    paint.right(x + width, y, width, &text, paint.style(role));
}
