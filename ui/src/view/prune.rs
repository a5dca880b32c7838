//! The prune wizard, drawn.

use super::dialog::list_offset;
use super::paint::Paint;
use crate::model::layout::inner;
use crate::model::prune::{SCOPES, Wizard};
use crate::text::{bytes, clean, count, fit_middle};
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// The rows of the wizard's list on the screen.
pub(super) fn list(at: Rect) -> Rect {
    let body = inner(at);
    Rect { y: body.y + 2, height: body.height.saturating_sub(4), ..body }
}

pub(super) fn draw(paint: &mut Paint, at: Rect, wizard: &Wizard) {
    let body = inner(at);
    let mut x = body.x + 1;
    for (scope, word) in SCOPES {
        let style = if scope == wizard.scope {
            paint.bold(Role::Accent).add_modifier(Modifier::UNDERLINED)
        } else {
            paint.style(Role::Muted)
        };
        x += paint.text(x, body.y, body.right().saturating_sub(x), word, style) + 2;
    }
    let list = list(at);
    let Some(rows) = &wizard.rows else {
        paint.text(
            list.x + 2,
            list.y,
            list.width,
            "looking for what is not in use…",
            paint.style(Role::Muted),
        );
        return;
    };
    if rows.is_empty() {
        paint.text(list.x + 2, list.y, list.width, "nothing to remove", paint.style(Role::Good));
    }
    let offset = list_offset(wizard.at, usize::from(list.height));
    let freed_by = wizard.bytes();
    for ((n, (row, _)), y) in rows.iter().enumerate().skip(offset).zip(list.top()..list.bottom()) {
        if n == wizard.at {
            paint.tint(Rect { y, height: 1, ..list }, paint.style(Role::Selection));
            paint.text(list.x, y, 1, "▎", paint.style(Role::Accent));
        }
        let goes = &wizard.goes(n);
        let (sign, role) = if *goes { ("✗", Role::Error) } else { ("·", Role::Faint) };
        paint.text(list.x + 1, y, 1, sign, paint.style(role));
        paint.text(list.x + 3, y, 9, row.kind.as_str(), paint.style(Role::Muted));
        let end = list.right().saturating_sub(1);
        paint.right(
            end,
            y,
            9,
            &bytes(freed_by[n]),
            paint.style(if *goes { Role::Text } else { Role::Faint }),
        );
        let reason_x = end.saturating_sub(9 + 2 + 18);
        let kept = wizard.kept_by(row).map(|name| format!("{} stays", clean(name)));
        let reason = kept.as_deref().unwrap_or(&row.reason);
        paint.text(reason_x, y, 18, reason, paint.style(Role::Muted));
        let room = reason_x.saturating_sub(list.x + 13 + 2);
        let name = if row.names.is_empty() { clean(&row.id).into_owned() } else { row.names.join(" ") };
        let role = if *goes { Role::Text } else { Role::Muted };
        paint.text(list.x + 13, y, room, &fit_middle(&clean(&name), usize::from(room)), paint.style(role));
    }
    paint.scrollbar(
        Rect { y: list.y.saturating_sub(1), height: list.height + 2, x: at.x, width: at.width },
        offset,
        usize::from(list.height),
        rows.len(),
    );
    let (number, freed) = wizard.figures();
    let text = format!("{number} of {} · frees {}", count(rows.len(), "thing"), bytes(freed));
    paint.text(body.x + 1, body.bottom() - 1, body.width, &text, paint.bold(Role::Text));
    let keys = "space spare   a all   tab what   ↵ remove   esc leave ";
    let room = body.width.saturating_sub(crate::text::width(&text) as u16 + 4);
    paint.pieces_right(body.right(), body.bottom() - 1, room, &[(keys, paint.style(Role::Muted))]);
}
