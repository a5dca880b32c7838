//! The line being typed: filters and searches take effect with every key.

use super::navigate::with_list;
use crate::keys::{KeyCode, KeyEvent};
use crate::model::dialog::{Input, Purpose};
use crate::model::notice::NoticeKind;
use crate::model::{Model, Pane};
use crate::msg::Effect;
use teu_api::Command;

pub(super) fn open(model: &mut Model, purpose: Purpose) {
    let before = match purpose {
        Purpose::FilterList => with_list!(model, list => list.filter().text().to_owned()),
        Purpose::FilterLog => model.log.filter.clone(),
        Purpose::Pull | Purpose::Import => String::new(),
        Purpose::SearchLog => model.log.search.as_ref().map_or(String::new(), |search| search.text.clone()),
        Purpose::LogWindow => model.log.window.text().to_owned(),
        Purpose::ExportLog => super::log::file_name(model),
        Purpose::SearchShell => {
            let search = model.shells.current().and_then(|shell| shell.copying.search.as_ref());
            search.map_or(String::new(), |search| search.text.clone())
        }
    };
    let search = matches!(purpose, Purpose::SearchLog | Purpose::SearchShell);
    let text = if search { String::new() } else { before.clone() };
    model.input = Some(Input { purpose, text, before, error: None });
}

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let Some(input) = &mut model.input else { return };
    match key.code {
        KeyCode::Esc => {
            input.text = std::mem::take(&mut input.before);
            apply(model);
            model.input = None;
        }
        KeyCode::Char('c') if key.ctrl => {
            input.text = std::mem::take(&mut input.before);
            apply(model);
            model.input = None;
        }
        KeyCode::Enter => {
            let (purpose, text) = (input.purpose, input.text.trim().to_owned());
            apply(model);
            if purpose == Purpose::LogWindow
                && let Err(wrong) = super::log::set_window(model, &text)
            {
                if let Some(input) = &mut model.input {
                    input.error = Some(wrong);
                }
                return;
            }
            model.input = None;
            fetch(model, purpose, &text, out);
            if purpose == Purpose::ExportLog {
                super::log::export(model, text, out);
            }
            if purpose == Purpose::SearchLog {
                super::log::search(model, false);
            }
            if purpose == Purpose::SearchShell {
                super::copy::search_on(model, false);
            }
        }
        KeyCode::Backspace if input.text.is_empty() => model.input = None,
        KeyCode::Backspace => {
            input.text.pop();
            apply(model);
        }
        KeyCode::Char('u') if key.ctrl => {
            input.text.clear();
            apply(model);
        }
        KeyCode::Char('w') if key.ctrl => {
            let kept = input.text.trim_end().rfind(' ').map_or(0, |at| at + 1);
            input.text.truncate(kept);
            apply(model);
        }
        KeyCode::Up if input.purpose == Purpose::FilterList => with_list!(model, list => list.move_by(-1)),
        KeyCode::Down if input.purpose == Purpose::FilterList => with_list!(model, list => list.move_by(1)),
        _ => {
            if let Some(c) = key.typed().filter(|c| crate::text::is_safe(*c)) {
                input.text.push(c);
                apply(model);
            }
        }
    }
}

/// Asks for the image that was typed.
fn fetch(model: &mut Model, purpose: Purpose, text: &str, out: &mut Vec<Effect>) {
    if text.is_empty() {
        return;
    }
    let command = match purpose {
        Purpose::Pull => Command::Pull(text.to_owned()),
        Purpose::Import => {
            let (path, name) = text.rsplit_once(' ').unwrap_or((text, ""));
            Command::Import { path: path.trim().to_owned(), name: name.to_owned() }
        }
        _ => return,
    };
    model.say(NoticeKind::Progress, format!("asked for {text}"));
    out.push(Effect::Engine(command));
}

/// Makes what was typed take effect.
pub(super) fn apply(model: &mut Model) {
    let Some(input) = &model.input else { return };
    let (purpose, text) = (input.purpose, input.text.clone());
    let error = match purpose {
        Purpose::FilterList => with_list!(model, list => {
            list.set_filter(&text);
            list.filter().error().map(str::to_owned)
        }),
        Purpose::Pull | Purpose::Import => None,
        Purpose::FilterLog => model.log.set_filter(&text).err(),
        Purpose::SearchLog => model.log.set_search(&text).err(),
        Purpose::SearchShell => super::copy::set_search(model, &text).err(),
        // They take effect as a whole.
        Purpose::LogWindow => crate::model::log::Window::parse(&text).err(),
        Purpose::ExportLog => None,
    };
    if let Some(input) = &mut model.input {
        input.error = error;
    }
}
