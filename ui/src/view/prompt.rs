//! A question that is answered by typing.

use super::paint::Paint;
use crate::model::layout::inner;
use crate::model::prompt::Prompt;
use crate::text::{clean, width};
use crate::theme::Role;
use ratatui::layout::{Position, Rect};

/// Rows that it takes.
pub(super) const HEIGHT: u16 = 5;

pub(super) fn draw(paint: &mut Paint, at: Rect, prompt: &Prompt) -> Position {
    let body = inner(at);
    let room = body.width.saturating_sub(3);
    let (words, role) = match &prompt.error {
        Some(error) => (error.as_str(), Role::Error),
        None => (prompt.words.as_str(), Role::Muted),
    };
    paint.text(body.x + 1, body.y, room, words, paint.style(role));
    let y = body.y + 1;
    let used = paint.text(body.x + 1, y, 2, "❯ ", paint.style(Role::Accent));
    let room = room.saturating_sub(used + 1);
    let text = clean(&prompt.text);
    // The end is what is being typed.
    let mut shown = &*text;
    while width(shown) > usize::from(room) {
        let mut rest = shown.chars();
        rest.next();
        shown = rest.as_str();
    }
    let typed = paint.text(body.x + 1 + used, y, room, shown, paint.style(Role::Text));
    let keys = " ↵ go   esc leave ";
    paint.pieces_right(at.right() - 2, at.bottom() - 1, at.width, &[(keys, paint.style(Role::Muted))]);
    Position::new(body.x + 1 + used + typed, y)
}
