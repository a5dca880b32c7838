//! What takes the whole main area: its keys and its wheel.

use super::navigate::distance;
use super::{editor, explorer, monitor, perform, prompt};
use crate::action::Action;
use crate::model::Model;
use crate::model::notice::NoticeKind;
use crate::model::overlay::Overlay;
use crate::model::pager::Pager;
use crate::model::prompt::Purpose;
use crate::msg::Effect;
use crate::view::pager_height;

/// Cells that a step to the side goes.
const STEP: usize = 16;

/// Does what is meant in it; the rest is done as everywhere.
pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    let height = pager_height(model);
    if let Some(Overlay::File(pager)) = &mut model.overlay
        && in_file(pager, action, height)
    {
        return;
    }
    if let Some(Overlay::Editor(_)) = model.overlay {
        return editor::act(model, action, out);
    }
    if matches!(model.overlay, Some(Overlay::Monitor(_))) && monitor::act(model, action) {
        return;
    }
    match (&mut model.overlay, action) {
        (_, Action::Back | Action::Quit) => back(model),
        (Some(Overlay::File(_)), Action::Search) => {
            prompt::ask(model, "Search", "a regular expression", String::new(), Purpose::SearchFile);
        }
        (Some(Overlay::File(_)), Action::Extract) => explorer::ask_where(model),
        (Some(Overlay::File(pager)), Action::CopyLine) => {
            let rows = (pager.offset..pager.rows()).take(height).map(|at| pager.row(at));
            let text = rows.collect::<Vec<_>>().join("\n");
            model.say(NoticeKind::Done, "copied the lines in view");
            out.push(Effect::CopyToClipboard(text));
        }
        _ if belongs_below(action) => {}
        _ => perform::perform(model, action, out),
    }
}

/// What would change something that is not seen.
fn belongs_below(action: Action) -> bool {
    use Action::{Narrower, NextPane, NextTab, PreviousPane, PreviousTab, Wider, Zoom};
    matches!(action, NextPane | PreviousPane | NextTab | PreviousTab | Zoom | Wider | Narrower)
}

/// Whether a file is being edited, and what was written is not in it yet.
pub(super) fn is_edited(model: &Model) -> bool {
    matches!(&model.overlay, Some(Overlay::Editor(editor)) if editor.is_changed())
}

fn back(model: &mut Model) {
    if let Some(Overlay::File(pager)) = &mut model.overlay
        && pager.search.is_some()
    {
        let _ = pager.look_for("");
        return;
    }
    model.overlay = None;
}

fn in_file(pager: &mut Pager, action: Action, height: usize) -> bool {
    match action {
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Top | Action::Bottom => {
            scroll(pager, distance(action, height), height);
        }
        Action::Left => pager.left = pager.left.saturating_sub(STEP),
        Action::Right if !pager.wrap && !pager.hex => pager.left += STEP,
        Action::Right => {}
        Action::Hex => pager.turn(),
        Action::Wrap => {
            pager.wrap = !pager.wrap;
            pager.left = 0;
        }
        Action::NextMatch => pager.next_found(false),
        Action::PreviousMatch => pager.next_found(true),
        _ => return false,
    }
    true
}

fn scroll(pager: &mut Pager, rows: isize, height: usize) {
    let last = pager.rows().saturating_sub(height);
    pager.offset = pager.offset.saturating_add_signed(rows).min(last);
}

pub(super) fn wheel(model: &mut Model, rows: isize) {
    let height = pager_height(model);
    match &mut model.overlay {
        Some(Overlay::File(pager)) => scroll(pager, rows, height),
        Some(Overlay::Hub(hub)) => {
            let last = hub.rows().len().saturating_sub(1);
            hub.at = hub.at.saturating_add_signed(rows.signum()).min(last);
        }
        Some(Overlay::Monitor(_)) => monitor::go(model, rows.signum()),
        Some(Overlay::Editor(editor)) => {
            let row = editor.area.cursor().0.saturating_add_signed(rows);
            editor.put(row.min(editor.area.lines().len().saturating_sub(1)), 0);
        }
        None => {}
    }
}
