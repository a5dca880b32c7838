//! A stack drawn: a box for each service above those that it needs.

use super::board::{health, need_sign, sign, step};
use super::paint::Paint;
use crate::model::graph::{BOX, Node, lay_out};
use crate::model::layout::inner;
use crate::model::{Focus, Model};
use crate::text::{clean, fit, width};
use crate::theme::Role;
use ratatui::layout::Rect;

/// Widest box.
const WIDEST: usize = 26;

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let body = inner(area);
    let rows = model.service_rows();
    if rows.is_empty() {
        let text = if model.stacks.selected().is_some() { "reading…" } else { "no stack is selected" };
        paint.text(body.x + 1, body.y, body.width.saturating_sub(2), text, paint.style(Role::Muted));
        return;
    }
    let second: Vec<(String, Role)> = rows
        .iter()
        .map(|row| {
            let doing = step(model, row);
            if !doing.is_empty() {
                return (doing, Role::Info);
            }
            let (word, role) = health(row);
            let wanted = (row.service.wanted as usize).max(row.containers.len());
            (format!("{}/{wanted} {word}", row.running()), role)
        })
        .collect();
    let nodes: Vec<Node> = rows
        .iter()
        .zip(&second)
        .map(|(row, (second, _))| Node {
            width: (width(&row.service.name) + 2).max(width(second)).clamp(8, WIDEST - 4) + 4,
            needs: (row.service.needs.iter())
                .filter_map(|(need, _)| rows.iter().position(|other| other.service.name == *need))
                .collect(),
        })
        .collect();
    let layout = lay_out(&nodes);
    let selected = model.board.at.min(rows.len() - 1);
    // The selected box is always in view; what fits stands in the middle.
    let place = layout.boxes[selected];
    let (room_x, room_y) = (usize::from(body.width), usize::from(body.height));
    let shift = |at: usize, size: usize, whole: usize, room: usize| -> isize {
        if whole <= room {
            return -((room - whole) as isize / 2);
        }
        let middle = (at + size / 2) as isize - room as isize / 2;
        middle.clamp(0, (whole - room) as isize)
    };
    let left = shift(place.x, place.width, layout.width, room_x);
    let top = shift(place.y, BOX, layout.height, room_y).max(if layout.height <= room_y { -1 } else { 0 });
    let on_screen = |x: usize, y: usize| -> Option<(u16, u16)> {
        let (x, y) = (x as isize - left, y as isize - top);
        let inside = (0..room_x as isize).contains(&x) && (0..room_y as isize).contains(&y);
        inside.then(|| (body.x + x as u16, body.y + y as u16))
    };
    let concerns = |bonds: &[(usize, usize)]| bonds.iter().any(|(a, b)| *a == selected || *b == selected);
    let focused = model.focus == Focus::Detail;
    for (x, y, c, bonds) in layout.lines() {
        if let Some((x, y)) = on_screen(x, y) {
            let role = if focused && concerns(bonds) { Role::Accent } else { Role::Muted };
            paint.put(x, y, c, paint.style(role));
        }
    }
    for (x, y, from, to) in &layout.ends {
        let Some((x, y)) = on_screen(*x, *y) else { continue };
        let target = &rows[*to].service.name;
        let need = rows[*from].service.needs.iter().find(|(name, _)| name == target).map(|(_, need)| *need);
        let mark = need.map_or("", need_sign);
        let (_, role) = sign(rows[*to].condition());
        paint.put(x, y, mark.chars().next().unwrap_or('▾'), paint.style(role));
    }
    for (at, (row, place)) in rows.iter().zip(&layout.boxes).enumerate() {
        let (mark, role) = sign(row.condition());
        let chosen = focused && at == selected;
        let border = if chosen { paint.bold(Role::Accent) } else { paint.style(role) };
        let right = place.x + place.width - 1;
        let mut put = |x: usize, y: usize, c: char| {
            if let Some((x, y)) = on_screen(x, y) {
                paint.put(x, y, c, border);
            }
        };
        let (corners, across, down) = if chosen {
            (['┏', '┓', '┗', '┛'], '━', '┃')
        } else {
            (['╭', '╮', '╰', '╯'], '─', '│')
        };
        for x in place.x + 1..right {
            put(x, place.y, across);
            put(x, place.y + BOX - 1, across);
        }
        for y in place.y + 1..place.y + BOX - 1 {
            put(place.x, y, down);
            put(right, y, down);
        }
        put(place.x, place.y, corners[0]);
        put(right, place.y, corners[1]);
        put(place.x, place.y + BOX - 1, corners[2]);
        put(right, place.y + BOX - 1, corners[3]);
        let room = place.width.saturating_sub(4);
        let (text, text_role) = &second[at];
        let name_role = if row.containers.is_empty() { Role::Muted } else { Role::Text };
        let name = format!("{mark} {}", clean(&row.service.name));
        let line = |y: usize, text: &str, style, paint: &mut Paint| {
            // Cell by cell: a box may be cut by an edge.
            let mut x = place.x + 2;
            for c in fit(text, room).chars() {
                if let Some((x, y)) = on_screen(x, y) {
                    paint.put(x, y, c, style);
                }
                x += crate::text::char_width(c);
            }
        };
        let name_style = if chosen { paint.bold(name_role) } else { paint.style(name_role) };
        line(place.y + 1, &name, name_style, paint);
        line(place.y + 2, text, paint.style(*text_role), paint);
        if let Some((x, y)) = on_screen(place.x + 2, place.y + 1) {
            paint.put(x, y, mark.chars().next().unwrap_or(' '), paint.style(role));
        }
    }
    let foot = " ▾ started  ♥ healthy  ✓ completed ";
    let room = area.width.saturating_sub(4);
    paint.pieces_right(area.right() - 2, area.bottom() - 1, room, &[(foot, paint.style(Role::Muted))]);
    if layout.width > room_x || layout.height > room_y {
        let more = format!(" {}×{}, ↑ ↓ go through it ", layout.width, layout.height);
        paint.text(
            area.x + 2,
            area.bottom() - 1,
            room.saturating_sub(width(foot) as u16),
            &more,
            paint.style(Role::Faint),
        );
    }
}
