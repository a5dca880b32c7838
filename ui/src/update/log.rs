//! The log pane: scrolling, following, searching.

use super::navigate::distance;
use crate::action::Action;
use crate::model::Model;
use crate::model::log::{Level, Times, Window};
use crate::model::notice::NoticeKind;
use crate::msg::Effect;

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
        Action::Timestamps => {
            let at = Times::ALL.iter().position(|times| *times == model.log.times).unwrap_or(0);
            model.log.times = Times::ALL[(at + 1) % Times::ALL.len()];
            model.log.top.row = 0;
        }
        Action::Unfold => {
            model.log.unfold = !model.log.unfold;
            model.log.top.row = 0;
        }
        Action::Fold => fold(model, width, height),
        Action::NextMatch => search(model, true),
        Action::PreviousMatch => search(model, false),
        Action::Level => {
            let (next, name) = match model.log.level {
                Level::Unknown => (Level::Debug, "what has a level: debug and louder"),
                Level::Debug => (Level::Info, "info and louder"),
                Level::Info => (Level::Warning, "warnings and errors"),
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

/// Unfolds, or folds, the line of the match gone to, else the newest JSON line in view.
fn fold(model: &mut Model, width: usize, height: usize) {
    let found = model.log.search.as_ref().and_then(|search| search.at);
    let (top, _) = model.log.view_top(width, height);
    let is_json = |number: &u64| model.log.buffer.get(*number).is_some_and(|line| line.unfolded().is_some());
    let in_view = (top..top + height).rev().filter_map(|at| model.log.number(at));
    match found.into_iter().chain(in_view).find(is_json) {
        Some(number) => model.log.flip(number),
        None => model.say(NoticeKind::Info, "no line here is JSON"),
    }
}

/// A click on a line unfolds it, or folds it again.
pub(super) fn click(model: &mut Model, row: u16) {
    let (width, height) = extent(model);
    if let Some(number) = model.log.line_at(usize::from(row), width, height)
        && model.log.buffer.get(number).is_some_and(|line| line.unfolded().is_some())
    {
        model.log.flip(number);
    }
}

/// Reads another span of time.
pub(super) fn set_window(model: &mut Model, text: &str) -> Result<(), String> {
    let window = Window::parse(text)?;
    // The same words mean another span by now.
    if window == model.log.window && !text.is_empty() {
        model.log.sources.clear();
    }
    model.log.window = window;
    Ok(())
}

/// The name offered for a file that takes the log.
pub(super) fn file_name(model: &Model) -> String {
    let name = match &model.log.sources[..] {
        [(_, name)] => name.as_str(),
        _ => "merged",
    };
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    format!("{}.log", if safe.is_empty() { "container" } else { &safe })
}

/// Writes the lines that pass the filter to a file.
pub(super) fn export(model: &mut Model, name: String, out: &mut Vec<Effect>) {
    let log = &model.log;
    if name.trim().is_empty() || log.sources.is_empty() {
        return;
    }
    let merged = log.sources.len() > 1;
    let mut text = String::new();
    for line in (0..log.len()).filter_map(|at| log.number(at)).filter_map(|n| log.buffer.get(n)) {
        if let Some(lost) = line.lost {
            text.push_str(&crate::view::lost_text(lost));
            text.push('\n');
            continue;
        }
        text.push_str(&crate::text::date_and_clock(line.at, model.settings.utc_offset));
        text.push(' ');
        if merged {
            let name = log.sources.get(usize::from(line.source)).map_or("", |(_, name)| name);
            text.push_str(&crate::text::clean(name));
            text.push_str(" | ");
        }
        text.push_str(&line.decoded.text);
        text.push('\n');
    }
    out.push(Effect::WriteFile { name: name.trim().to_owned(), text });
}

/// The command that shows the same.
pub(crate) fn equivalent(model: &Model) -> String {
    let mut words = vec!["teu logs".to_owned()];
    let window = model.log.window.text();
    let (since, until) = window.split_once("..").unwrap_or((window, ""));
    for (option, value) in [("--since", since.trim()), ("--until", until.trim())] {
        if !value.is_empty() {
            words.push(format!(
                "{option} {}",
                if value.contains(' ') { format!("'{value}'") } else { value.to_owned() }
            ));
        }
    }
    if model.log.times != Times::Off {
        words.push("-t".into());
    }
    if model.log.follow && until.is_empty() {
        words.push("-f".into());
    }
    words.extend(model.log.sources.first().map(|(_, name)| name.clone()));
    words.join(" ")
}
