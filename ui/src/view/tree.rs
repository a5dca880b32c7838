//! Trees drawn: documents.

use super::paint::Paint;
use crate::model::layout::inner;
use crate::model::tree::Tree;
use crate::model::{Focus, Model};
use crate::theme::Role;
use ratatui::layout::Rect;

/// Why the tree is empty.
fn reason(model: &Model) -> (String, Role) {
    let failure = model.details.document.as_ref().and_then(|(_, document)| document.as_ref().err());
    failure.map_or(("reading…".into(), Role::Muted), |failure| (failure.message.clone(), Role::Error))
}

/// Whether what was read is of what is selected.
fn is_current(model: &Model) -> bool {
    let selected = match model.pane {
        crate::model::Pane::Containers => model.containers.selected().map(|row| row.snapshot.id.as_str()),
        _ => model.plain().selected().map(|row| row.key.as_str()),
    };
    model.details.document.as_ref().map(|(id, _)| id.as_str()) == selected
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect, tree: &Tree) {
    let body = inner(area);
    if tree.is_empty() || !is_current(model) {
        let (text, role) = if is_current(model) { reason(model) } else { ("reading…".into(), Role::Muted) };
        paint.text(body.x + 1, body.y, body.width.saturating_sub(2), &text, paint.style(role));
        return;
    }
    let focused = model.focus == Focus::Detail;
    for ((at, node), y) in tree.rows().enumerate().skip(tree.offset).zip(body.top()..body.bottom()) {
        if focused && at == tree.at() {
            paint.tint(Rect { y, height: 1, ..body }, paint.style(Role::Selection));
            paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
        }
        let mut x = body.x + 1 + (2 * node.depth).min(body.width / 2);
        let open = tree.is_open(node);
        if node.below > 0 {
            paint.text(x, y, 1, if open { "▾" } else { "▸" }, paint.style(Role::Muted));
        }
        x += 2;
        for (text, role) in &node.pieces {
            x += paint.text(x, y, body.right().saturating_sub(x + 1), text, paint.style(*role));
        }
        if node.below > 0 && !open {
            for (text, role) in &node.folded {
                x += paint.text(x, y, body.right().saturating_sub(x + 1), text, paint.style(*role));
            }
        }
    }
    paint.scrollbar(area, tree.offset, usize::from(body.height), tree.len());
}
