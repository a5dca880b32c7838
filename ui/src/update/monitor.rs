//! The overview of what host and containers use.

use super::navigate::{self, distance};
use crate::action::Action;
use crate::model::monitor::{self, ORDERS};
use crate::model::overlay::Overlay;
use crate::model::{Model, Pane, Tab};
use crate::view::monitor_rows;

/// Does what is meant in it; false for what is done as everywhere.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Top | Action::Bottom => {
            go(model, distance(action, usize::from(monitor_rows(model).height)));
        }
        Action::Sort => {
            if let Some(Overlay::Monitor(state)) = &mut model.overlay {
                state.order = (state.order + 1) % ORDERS.len();
            }
        }
        Action::Open => open(model),
        _ => return false,
    }
    true
}

pub(super) fn go(model: &mut Model, rows: isize) {
    let Some(Overlay::Monitor(state)) = &model.overlay else { return };
    let last = monitor::rows(model, state.order).len().saturating_sub(1);
    if let Some(Overlay::Monitor(state)) = &mut model.overlay {
        state.at = state.at.min(last).saturating_add_signed(rows).min(last);
    }
}

/// Goes to the selected container's graphs.
fn open(model: &mut Model) {
    let Some(Overlay::Monitor(state)) = &model.overlay else { return };
    let rows = monitor::rows(model, state.order);
    let Some(id) = rows.get(state.at).map(|row| row.snapshot.id.as_str().to_owned()) else { return };
    model.overlay = None;
    navigate::show(model, Pane::Containers);
    model.containers.select_key(&id);
    navigate::show_tab(model, Tab::Stats);
}
