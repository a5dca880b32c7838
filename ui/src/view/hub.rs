//! Images looked for in registries, and pulls.

use super::dialog::list_offset;
use super::paint::Paint;
use crate::model::Model;
use crate::model::hub::{Hub, Pull};
use crate::model::layout::inner;
use crate::model::task::Outcome;
use crate::text::{bytes, clean, fit_middle, width};
use crate::theme::Role;
use ratatui::layout::{Position, Rect};
use teu_api::progress::{TransferPart, TransferPhase};

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect, hub: &Hub) -> Position {
    paint.pane(area, true);
    paint.text(area.x + 2, area.y, area.width, " Pull an image ", paint.title_style(true));
    let body = inner(area);
    let used = paint.text(body.x + 1, body.y, 2, "❯ ", paint.style(Role::Accent));
    let room = body.width.saturating_sub(used + 3);
    let typed = paint.text(body.x + 1 + used, body.y, room, &hub.text, paint.style(Role::Text));
    if hub.text.is_empty() {
        let words = "a name or a word; HOST/ alone or before it asks another registry";
        paint.text(body.x + 1 + used, body.y, room, words, paint.style(Role::Faint));
    }
    let pulls = rows_of_pulls(model);
    let below = (pulls.len() as u16).min(body.height.saturating_sub(2) * 2 / 3);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2 + below), ..body };
    draw_found(model, paint, list, hub);
    let start = pulls.len().saturating_sub(usize::from(below));
    for (row, y) in pulls.iter().skip(start).zip(list.bottom()..body.bottom()) {
        draw_pull(paint, Rect { y, height: 1, ..body }, row);
    }
    Position::new((body.x + 1 + used + typed).min(body.right().saturating_sub(1)), body.y)
}

fn draw_found(model: &Model, paint: &mut Paint, area: Rect, hub: &Hub) {
    let muted = paint.style(Role::Muted);
    let words = match (&hub.asked, &hub.found) {
        (None, _) => "↵ looks for it",
        (Some(asked), _) if *asked != hub.text.trim() => "↵ looks for it",
        (Some(_), None) => "looking…   ↵ pulls it as typed",
        (Some(_), Some(_)) => "↵ pulls the selected one",
    };
    paint.text(area.x + 1, area.y.saturating_sub(1), area.width.saturating_sub(2), words, muted);
    let rows = hub.rows();
    let name = rows.iter().map(|row| width(&row.name)).max().unwrap_or(0).clamp(16, 48) as u16;
    let name = name.min(area.width.saturating_sub(16));
    let offset = list_offset(hub.at, usize::from(area.height));
    for ((at, row), y) in rows.iter().enumerate().skip(offset).zip(area.top()..area.bottom()) {
        if at == hub.at {
            paint.tint(Rect { y, height: 1, ..area }, paint.style(Role::Selection));
            paint.text(area.x, y, 1, "▎", paint.style(Role::Accent));
        }
        let here = model.images.items().iter().any(|image| {
            image
                .snapshot
                .tags
                .iter()
                .any(|tag| tag == &row.name || tag.strip_suffix(":latest") == Some(row.name.as_str()))
        });
        let (sign, role) = match (here, row.official) {
            (true, _) => ("✓", Role::Good),
            (_, true) => ("★", Role::Accent),
            _ => (" ", Role::Muted),
        };
        paint.text(area.x + 1, y, 1, sign, paint.style(role));
        paint.text(
            area.x + 3,
            y,
            name,
            &fit_middle(&clean(&row.name), usize::from(name)),
            paint.style(Role::Text),
        );
        let stars = if row.stars > 0 { format!("{} ☆", row.stars) } else { String::new() };
        paint.right(area.x + 3 + name + 9, y, 8, &stars, paint.style(Role::Warning));
        let x = area.x + 3 + name + 11;
        paint.text(x, y, area.right().saturating_sub(x + 1), &row.description, muted);
    }
    if let Some(Err(failure)) = &hub.found {
        let y = area.y + rows.len() as u16 + 1;
        if y < area.bottom() {
            paint.text(
                area.x + 3,
                y,
                area.width.saturating_sub(4),
                &failure.to_string(),
                paint.style(Role::Error),
            );
        }
    } else if matches!(&hub.found, Some(Ok(found)) if found.is_empty()) && area.height > 2 {
        paint.text(area.x + 3, area.y + 2, area.width.saturating_sub(4), "nothing else was found", muted);
    }
}

/// A row of the pulls' part: a pull, or one of its parts.
enum PullRow<'a> {
    Whole(&'a Pull),
    Part(&'a TransferPart),
}

fn rows_of_pulls(model: &Model) -> Vec<PullRow<'_>> {
    let mut rows = Vec::new();
    for pull in &model.pulls.all {
        rows.push(PullRow::Whole(pull));
        if pull.outcome == Outcome::Open {
            rows.extend(pull.parts.iter().map(PullRow::Part));
        }
    }
    rows
}

fn draw_pull(paint: &mut Paint, area: Rect, row: &PullRow) {
    match row {
        PullRow::Whole(pull) => {
            let (sign, role, words) = match pull.outcome {
                Outcome::Open => {
                    let (current, total) = pull.bytes();
                    let words = if total > 0 {
                        format!("{} of {}", bytes(current), bytes(total))
                    } else {
                        pull.message.clone()
                    };
                    ("◌", Role::Info, words)
                }
                Outcome::Done => ("✓", Role::Good, pull.message.clone()),
                Outcome::Cancelled => ("∅", Role::Muted, pull.message.clone()),
                Outcome::Failed => ("✗", Role::Error, pull.message.clone()),
            };
            let name = format!(" {}  ", clean(&pull.name));
            let pieces = [
                (sign, paint.style(role)),
                (name.as_str(), paint.bold(Role::Text)),
                (words.as_str(), paint.style(role)),
            ];
            paint.pieces(area.x + 1, area.y, area.width.saturating_sub(2), &pieces);
        }
        PullRow::Part(part) => draw_part(paint, area, part),
    }
}

fn draw_part(paint: &mut Paint, area: Rect, part: &TransferPart) {
    let (words, role) = match part.phase {
        TransferPhase::Waiting => ("waiting", Role::Muted),
        TransferPhase::Downloading => ("fetching", Role::Info),
        TransferPhase::Retrying => ("again", Role::Warning),
        TransferPhase::Verifying => ("checking", Role::Info),
        TransferPhase::Extracting => ("unpacking", Role::Accent),
        TransferPhase::Exists => ("here already", Role::Muted),
        TransferPhase::Uploading => ("sending", Role::Info),
        TransferPhase::Mounted => ("taken over", Role::Muted),
        TransferPhase::Done => ("done", Role::Good),
    };
    let mut x = area.x + 4;
    paint.text(x, area.y, 12, &part.id, paint.style(Role::Muted));
    x += 14;
    paint.text(x, area.y, 12, words, paint.style(role));
    x += 13;
    let figures = format!("{:>9} of {:>9}", bytes(part.current.min(part.total)), bytes(part.total));
    let settled = matches!(part.phase, TransferPhase::Done | TransferPhase::Exists | TransferPhase::Waiting);
    let room = area.right().saturating_sub(x + 24);
    if part.total == 0 || room < 6 {
        return;
    }
    let share = if matches!(part.phase, TransferPhase::Done | TransferPhase::Exists) {
        1.0
    } else if part.phase == TransferPhase::Waiting {
        0.0
    } else {
        part.current as f64 / part.total as f64
    };
    super::monitor::draw_bar(paint, Rect { x, y: area.y, width: room.min(40), height: 1 }, share, role);
    if !settled {
        paint.text(x + room.min(40) + 1, area.y, 22, &figures, paint.style(Role::Muted));
    }
}
