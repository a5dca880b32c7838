//! Questions that are answered by typing.

use super::explorer;
use crate::keys::{KeyCode, KeyEvent};
use crate::model::Model;
use crate::model::dialog::Dialog;
use crate::model::overlay::Overlay;
use crate::model::prompt::{Prompt, Purpose};
use crate::msg::Effect;

/// Asks.
pub(super) fn ask(model: &mut Model, title: &str, words: &str, text: String, purpose: Purpose) {
    let prompt = Prompt { title: title.to_owned(), words: words.to_owned(), text, error: None, purpose };
    model.dialog = Some(Dialog::Prompt(prompt));
}

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let Some(Dialog::Prompt(prompt)) = &mut model.dialog else { return };
    match key.code {
        KeyCode::Enter => return answer(model, out),
        KeyCode::Backspace => {
            prompt.text.pop();
        }
        KeyCode::Char('u') if key.ctrl => prompt.text.clear(),
        KeyCode::Char('w') if key.ctrl => {
            let kept = prompt.text.trim_end_matches('/').rfind(['/', ' ']).map_or(0, |at| at + 1);
            prompt.text.truncate(kept);
        }
        _ => {
            if let Some(c) = key.typed().filter(|c| crate::text::is_safe(*c)) {
                prompt.text.push(c);
            }
        }
    }
    typed(model);
}

/// Text was pasted into it.
pub(super) fn paste(model: &mut Model, text: &str) {
    if let Some(Dialog::Prompt(prompt)) = &mut model.dialog {
        prompt.text.extend(text.chars().filter(|c| crate::text::is_safe(*c)));
        typed(model);
    }
}

/// What takes effect with every key.
fn typed(model: &mut Model) {
    let Some(Dialog::Prompt(prompt)) = &mut model.dialog else { return };
    prompt.error = match (&prompt.purpose, &mut model.overlay) {
        (Purpose::FilterFiles, _) => {
            model.details.explorer.set_filter(&prompt.text);
            model.details.explorer.filter().error().map(str::to_owned)
        }
        (Purpose::SearchFile, Some(Overlay::File(pager))) => pager.look_for(&prompt.text).err(),
        _ => None,
    };
}

fn answer(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Prompt(prompt)) = model.dialog.take() else { return };
    match prompt.purpose.clone() {
        _ if prompt.error.is_some() => model.dialog = Some(Dialog::Prompt(prompt)),
        Purpose::FilterFiles => {}
        Purpose::SearchFile => {
            if let Some(Overlay::File(pager)) = &mut model.overlay
                && !pager.found.contains(&pager.offset)
            {
                pager.next_found(false);
            }
        }
        Purpose::Extract(from) if !prompt.text.trim().is_empty() => {
            explorer::extract(model, from, prompt.text.trim().to_owned(), out);
        }
        Purpose::Extract(_) => model.dialog = Some(Dialog::Prompt(prompt)),
    }
}

/// The question was dismissed.
pub(super) fn dismissed(model: &mut Model, prompt: &Prompt) {
    match (&prompt.purpose, &mut model.overlay) {
        (Purpose::FilterFiles, _) => model.details.explorer.set_filter(""),
        (Purpose::SearchFile, Some(Overlay::File(pager))) => {
            let _ = pager.look_for("");
        }
        _ => {}
    }
}
