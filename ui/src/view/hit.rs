//! What is under the mouse.

use super::{detail, dialog, header, shell, status};
use crate::action::Action;
use crate::model::columns::{GAP, Spec};
use crate::model::layout::inner;
use crate::model::{Focus, Model, Pane, Tab};
use ratatui::layout::Position;

/// Something on the screen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hit {
    /// A pane's name in the top line.
    Pane(Pane),
    /// The count of shells in the top line.
    Shells,
    /// A shell's tab.
    ShellTab(usize),
    /// A detail tab.
    Tab(Tab),
    /// A column's heading: the order it stands for.
    Heading(usize),
    /// The gap after a column's heading, and where the column begins: it can be dragged.
    ColumnEdge(&'static Spec, u16),
    /// The border between list and details: it can be dragged.
    Split,
    /// A row of the list.
    Row(usize),
    /// The list, but no row.
    List,
    /// The detail pane.
    Detail,
    /// A key hint.
    Key(Action),
    /// Nothing.
    Nothing,
}

/// A place in a dialog.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DialogHit {
    /// Beside it.
    Outside,
    /// One of its rows.
    Row(usize),
    /// A button of a question: yes or no.
    Answer(bool),
    /// Elsewhere on it.
    Inside,
}

pub(crate) fn dialog(model: &Model, at: Position) -> DialogHit {
    if !dialog::place(model).contains(at) {
        return DialogHit::Outside;
    }
    let button = dialog::buttons(model)
        .into_iter()
        .find(|(x, y, wide, _)| at.y == *y && (*x..x + wide).contains(&at.x));
    if let Some((.., yes)) = button {
        return DialogHit::Answer(yes);
    }
    dialog::row_at(model, at).map_or(DialogHit::Inside, DialogHit::Row)
}

pub(crate) fn screen(model: &Model, at: Position) -> Hit {
    let regions = model.regions();
    let within = |x: u16, width: u16| (x..x + width).contains(&at.x);
    if regions.header.contains(at) {
        let segment = header::segments(model).into_iter().find(|s| within(s.x, s.width));
        return segment.map_or(Hit::Nothing, |s| s.hit);
    }
    if regions.status.contains(at) {
        let shell = model.focus == Focus::Shell && model.overlay.is_none();
        let hidden = model.notices.current(model.now).is_some() || shell;
        let hint = status::hints(model).into_iter().find(|h| within(h.x, h.width) && !hidden);
        return hint.map_or(Hit::Nothing, |h| h.hit);
    }
    if model.overlay.is_some() {
        return Hit::Nothing;
    }
    if model.focus == Focus::Shell {
        let tab = shell::tabs(model, regions.main).into_iter().find(|(x, wide, _)| within(*x, *wide));
        return tab.filter(|_| at.y == regions.main.y).map_or(Hit::Nothing, |(.., hit)| hit);
    }
    if model.is_split_at(at) {
        return Hit::Split;
    }
    if regions.detail.contains(at) {
        let tab = detail::tabs(model, regions.detail).into_iter().find(|(x, wide, ..)| within(*x, *wide));
        return tab.filter(|_| at.y == regions.detail.y).map_or(Hit::Detail, |(_, _, hit, _)| hit);
    }
    let body = inner(regions.list);
    if !body.contains(at) {
        return if regions.list.contains(at) { Hit::List } else { Hit::Nothing };
    }
    let (offset, count) = match model.pane {
        Pane::Containers => (model.containers.offset, model.containers.len()),
        Pane::Images => (model.images.offset, model.images.len()),
        _ => (model.plain().offset, model.plain().len()),
    };
    if at.y == body.y {
        for column in model.columns() {
            if within(column.x, column.width) {
                return column.spec.sort.map_or(Hit::List, Hit::Heading);
            }
            if within(column.x + column.width, GAP) {
                return Hit::ColumnEdge(column.spec, column.x);
            }
        }
        return Hit::List;
    }
    let row = offset + usize::from(at.y - body.y - 1);
    if row < count { Hit::Row(row) } else { Hit::List }
}
