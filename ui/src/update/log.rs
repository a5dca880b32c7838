//! The log pane: scrolling, following, searching.

use super::navigate::distance;
use crate::action::Action;
use crate::model::Model;
use crate::model::log::Level;
use crate::model::notice::NoticeKind;

/// The log's text area: width and height in cells.
fn extent(model: &Model) -> (usize, usize) {
    let area = model.log_area();
    let width = usize::from(area.width).saturating_sub(crate::view::log_margin(model));
    (width.max(1), usize::from(area.height))
}

pub(super) fn go(model: &mut Model, action: Action) {
    let (width, height) = extent(model);
    match action {
        Action::Top => model.log.to_top(),
        Action::Bottom => model.log.follow = true,
        _ => model.log.scroll(distance(action, height), width, height),
    }
}

pub(super) fn wheel(model: &mut Model, rows: isize) {
    let (width, height) = extent(model);
    model.log.scroll(rows, width, height);
}

pub(super) fn act(model: &mut Model, action: Action) {
    let (width, height) = extent(model);
    match action {
        Action::Follow if model.log.follow => {
            let (at, row) = model.log.end_top(width, height);
            if let Some(line) = model.log.number(at) {
                model.log.top = crate::model::log::Place { line, row };
            }
            model.log.follow = false;
        }
        Action::Follow => model.log.follow = true,
        Action::Wrap => {
            model.log.wrap = !model.log.wrap;
            model.log.left = 0;
            model.log.top.row = 0;
        }
        Action::Timestamps => model.log.times = !model.log.times,
        Action::Unfold => {
            model.log.unfold = !model.log.unfold;
            model.log.top.row = 0;
        }
        Action::NextMatch => search(model, true),
        Action::PreviousMatch => search(model, false),
        Action::Level => {
            let (next, name) = match model.log.level {
                Level::Unknown => (Level::Info, "info and louder"),
                Level::Debug | Level::Info => (Level::Warning, "warnings and errors"),
                Level::Warning => (Level::Error, "errors"),
                Level::Error => (Level::Unknown, "everything"),
            };
            model.log.set_level(next);
            model.say(NoticeKind::Info, format!("the log shows {name}"));
        }
        Action::LogUp => model.log.scroll(-(height as isize / 2).max(1), width, height),
        _ => model.log.scroll((height as isize / 2).max(1), width, height),
    }
}

pub(super) fn search(model: &mut Model, newer: bool) {
    let (width, height) = extent(model);
    let Some(text) = model.log.search.as_ref().map(|search| search.text.clone()) else { return };
    if !model.log.next_match(newer, width, height) {
        model.say(NoticeKind::Info, format!("no line matches {text}"));
    }
}
