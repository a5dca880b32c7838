//! The list of long work, drawn.

use super::dialog::list_offset;
use super::paint::Paint;
use crate::model::Model;
use crate::model::layout::inner;
use crate::model::task::{Outcome, Task};
use crate::text::{clean, clock, duration};
use crate::theme::Role;
use ratatui::layout::Rect;

pub(super) fn draw(model: &Model, paint: &mut Paint, at: Rect, selected: usize) {
    let body = inner(at);
    let tasks: Vec<&Task> = model.tasks.latest_first().collect();
    if tasks.is_empty() {
        let text = "no long work so far: pulling, pruning and the like show here";
        paint.text(body.x + 2, body.y, body.width, text, paint.style(Role::Muted));
    }
    let offset = list_offset(selected, usize::from(body.height));
    for ((n, task), y) in tasks.iter().enumerate().skip(offset).zip(body.top()..body.bottom()) {
        if n == selected {
            paint.tint(Rect { y, height: 1, ..body }, paint.style(Role::Selection));
            paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
        }
        let (sign, role) = match task.outcome {
            Outcome::Open => ("◌", Role::Info),
            Outcome::Failed => ("✗", Role::Error),
            Outcome::Cancelled => ("∅", Role::Muted),
            Outcome::Done => ("✓", Role::Good),
        };
        paint.text(body.x + 2, y, 1, sign, paint.style(role));
        paint.text(body.x + 4, y, 8, &clock(task.began, model.settings.utc_offset), paint.style(Role::Time));
        let half = body.width.saturating_sub(16) / 2;
        paint.text(body.x + 14, y, half, &clean(&task.title), paint.style(Role::Text));
        let took = task.ended.map_or_else(|| "goes on".to_owned(), |end| duration((end - task.began).max(0)));
        let text = match task.outcome {
            Outcome::Cancelled => format!("cancelled after {took}"),
            Outcome::Open | Outcome::Failed if !task.text.is_empty() => clean(&task.text).into_owned(),
            _ => took,
        };
        let role = if task.outcome == Outcome::Failed { Role::Error } else { Role::Muted };
        paint.text(body.x + 15 + half, y, half, &text, paint.style(role));
    }
    paint.scrollbar(at, offset, usize::from(body.height), tasks.len());
    let keys = if tasks.get(selected).is_some_and(|task| task.ended.is_none()) {
        " x cancels it   esc closes "
    } else {
        " esc closes "
    };
    paint.pieces_right(at.right() - 2, at.bottom() - 1, at.width, &[(keys, paint.style(Role::Muted))]);
}
