//! Columns: the one sorted by, and how wide they are.

use super::navigate::with_list;
use crate::model::columns::Spec;
use crate::model::notice::NoticeKind;
use crate::model::{Model, Pane};

/// Sorts by the column so many places further to the right among those in view that can be sorted by.
pub(super) fn sort(model: &mut Model, places: isize) {
    let sorts: Vec<usize> = model.columns().iter().filter_map(|column| column.spec.sort).collect();
    if sorts.is_empty() {
        return;
    }
    with_list!(model, list => {
        let next = match sorts.iter().position(|sort| *sort == list.sort_index()) {
            Some(at) => (at as isize + places).rem_euclid(sorts.len() as isize) as usize,
            None => 0,
        };
        if sorts[next] != list.sort_index() {
            list.set_sort(sorts[next]);
        }
    });
}

/// Makes the column that the list is sorted by so many cells wider.
pub(super) fn widen(model: &mut Model, cells: i32) {
    let sort = with_list!(model, list => list.sort_index());
    let column = model.columns().into_iter().find(|column| column.spec.sort == Some(sort));
    match column {
        Some(column) => resize(model, column.spec, i32::from(column.width) + cells),
        None => model.say(NoticeKind::Info, "the column sorted by has no room here; s chooses another"),
    }
}

pub(super) fn resize(model: &mut Model, spec: &'static Spec, cells: i32) {
    let pane = model.pane;
    model.widths.set(pane, spec, cells.clamp(0, i32::from(u16::MAX)) as u16);
}

pub(super) fn reset(model: &mut Model) {
    let pane = model.pane;
    model.widths.forget(pane);
}
