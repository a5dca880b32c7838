//! Moving about: the selection, the focus, the panes, the tabs.

use crate::action::Action;
use crate::model::dialog::Dialog;
use crate::model::{Focus, Model, Pane, Tab};
use crate::msg::Effect;
use ratatui::layout::Position;

/// Runs an expression on the list of the pane in front, whatever it lists.
macro_rules! with_list {
    ($model:expr, $list:ident => $body:expr) => {
        match $model.pane {
            Pane::Containers => {
                let $list = &mut $model.containers;
                $body
            }
            Pane::Images => {
                let $list = &mut $model.images;
                $body
            }
            Pane::Volumes => {
                let $list = &mut $model.volumes;
                $body
            }
            Pane::Networks => {
                let $list = &mut $model.networks;
                $body
            }
            Pane::Stacks => {
                let $list = &mut $model.stacks;
                $body
            }
            Pane::Events => {
                let $list = &mut $model.events;
                $body
            }
        }
    };
}
pub(super) use with_list;

pub(super) fn show(model: &mut Model, pane: Pane) {
    model.overlay = None;
    model.pane = pane;
    model.focus = Focus::List;
    model.zoomed = false;
    model.detail_scroll = 0;
}

/// Brings a tab to the front and goes there, where the pane has it.
pub(super) fn show_tab(model: &mut Model, tab: Tab) {
    if Tab::of(model.pane).contains(&tab) {
        model.overlay = None;
        model.set_tab(tab);
        model.focus = Focus::Detail;
    }
}

pub(super) fn turn_focus(model: &mut Model, back: bool) {
    let detail = model.focus == Focus::Detail;
    if super::explorer::is_open(model) && detail && super::explorer::turn_part(model, back) {
        return;
    }
    model.focus = if model.focus == Focus::List { Focus::Detail } else { Focus::List };
}

pub(super) fn turn_tab(model: &mut Model, places: isize) {
    let tabs = Tab::of(model.pane);
    let at = tabs.iter().position(|tab| *tab == model.tab()).unwrap_or(0) as isize;
    model.set_tab(tabs[(at + places).rem_euclid(tabs.len() as isize) as usize]);
}

/// One step back: what was opened last goes first.
pub(super) fn back(model: &mut Model) {
    let filtered = with_list!(model, list => !list.filter().is_empty());
    if matches!(model.dialog, Some(Dialog::Help { .. })) {
        model.dialog = None;
    } else if model.zoomed {
        model.zoomed = false;
    } else if model.focus == Focus::Detail
        && super::explorer::is_open(model)
        && !model.details.explorer.filter().is_empty()
    {
        model.details.explorer.set_filter("");
    } else if model.focus == Focus::Detail && model.log.search.is_some() {
        model.log.search = None;
    } else if model.focus == Focus::Detail && !model.log.filter.is_empty() {
        let _ = model.log.set_filter("");
    } else if model.focus == Focus::Detail {
        model.focus = Focus::List;
    } else if model.notices.dismiss(model.now) {
        // The message is gone: that was the step.
    } else if with_list!(model, list => list.clear_marks()) {
        // The marks are gone: that was the step.
    } else if filtered {
        with_list!(model, list => list.set_filter(""));
    } else if model.pane != Pane::Containers {
        show(model, Pane::Containers);
    }
}

/// The distance a movement goes in a view of so many rows.
pub(super) fn distance(action: Action, height: usize) -> isize {
    let page = height.saturating_sub(1).max(1) as isize;
    match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::Top => isize::MIN / 2,
        _ => isize::MAX / 2,
    }
}

pub(super) fn go(model: &mut Model, action: Action) {
    match model.focus {
        Focus::List => {
            let rows = distance(action, model.list_height());
            with_list!(model, list => list.move_by(rows));
            model.detail_scroll = 0;
        }
        Focus::Detail if model.tab() == Tab::Logs => {
            super::log::go(model, action);
        }
        Focus::Detail if super::stack::shows_services(model) => super::stack::go(model, action),
        Focus::Detail if super::explorer::is_open(model) => super::explorer::go(model, action),
        _ => {
            let rows = distance(action, usize::from(model.log_area().height));
            if let Some(tree) = model.tree_mut() {
                tree.move_by(rows);
                return;
            }
            let most = crate::view::detail_rows(model).saturating_sub(usize::from(model.log_area().height));
            model.detail_scroll = model.detail_scroll.saturating_add_signed(rows).min(most);
        }
    }
}

pub(super) fn sideways(model: &mut Model, right: bool) {
    if model.focus == Focus::List && model.pane == Pane::Images {
        // A repository unfolds and folds; right of a tag are its layers.
        if !model.images.fold(!right) && right && model.selected_image().is_some() {
            show_tab(model, Tab::Layers);
        }
        return;
    }
    if model.focus != Focus::Detail {
        return;
    }
    if super::explorer::is_open(model) {
        return super::explorer::sideways(model, right);
    }
    let is_log = model.tab() == Tab::Logs;
    if let Some(tree) = model.tree_mut() {
        if right {
            tree.turn();
        } else if !tree.fold() {
            model.focus = Focus::List;
        }
        return;
    }
    match (is_log, right) {
        (true, true) if !model.log.wrap => model.log.left += 16,
        (true, false) if !model.log.wrap && model.log.left > 0 => {
            model.log.left = model.log.left.saturating_sub(16);
        }
        (_, false) => model.focus = Focus::List,
        _ => {}
    }
}

/// A click on a line of a tree selects it; on the selected one, or a double click, folds or unfolds it.
pub(super) fn click(model: &mut Model, at: Position, double: bool, out: &mut Vec<Effect>) {
    if super::explorer::is_open(model) {
        return super::explorer::click(model, at, double, out);
    }
    let area = model.log_area();
    if !area.contains(at) {
        return;
    }
    if model.tab() == Tab::Logs {
        super::log::click(model, at.y - area.y);
        return;
    }
    if let Some(tree) = model.tree_mut() {
        let row = tree.offset + usize::from(at.y - area.y);
        if row < tree.len() {
            let again = row == tree.at();
            tree.select(row);
            if again || double {
                tree.turn();
            }
        }
    }
}

pub(super) fn reverse(model: &mut Model) {
    with_list!(model, list => list.reverse());
}

pub(super) fn mark(model: &mut Model, action: Action) {
    with_list!(model, list => match action {
        Action::Mark => {
            list.end_range();
            list.toggle_mark();
            list.move_by(1);
        }
        Action::MarkRange => list.mark_range(),
        _ => list.mark_all(),
    });
}
