//! Keys: to the terminal in front, to a dialog, to the line being typed, or through the keymap.

use super::{dialog, editor, filter, hub, overlay, perform, prompt, shell};
use crate::keys::{KeyCode, KeyEvent, KeySequence, Lookup};
use crate::model::dialog::Dialog;
use crate::model::notice::NoticeKind;
use crate::model::overlay::Overlay;
use crate::model::{Focus, Model};
use crate::msg::Effect;

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    if model.dialog.is_some() {
        dialog::key(model, key, out);
    } else if model.input.is_some() {
        filter::key(model, key, out);
    } else if matches!(model.overlay, Some(Overlay::Hub(_))) {
        hub::key(model, key, out);
    } else if matches!(model.overlay, Some(Overlay::Editor(_))) {
        editor::key(model, key, out);
    } else if model.focus == Focus::Shell && model.overlay.is_none() {
        shell::key(model, key, out);
    } else {
        command(model, key, out);
    }
}

/// A key that the keymap gives its meaning, alone or after others.
fn command(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let mut typed = std::mem::take(&mut model.typed);
    let begun = !typed.0.is_empty();
    if begun && key.code == KeyCode::Esc {
        return;
    }
    if begun && key.code == KeyCode::Backspace {
        typed.0.pop();
        model.typed = typed;
        return;
    }
    typed.0.push(key);
    match model.settings.keymap.resolve(&model.layers(), &typed) {
        Lookup::Action(action) if model.overlay.is_some() => overlay::act(model, action, out),
        Lookup::Action(action) => perform::perform(model, action, out),
        Lookup::Prefix => model.typed = typed,
        Lookup::Nothing if begun => {
            let text = format!("{typed} means nothing here");
            model.say(NoticeKind::Info, text);
        }
        Lookup::Nothing => {}
    }
}

/// Forgets the keys typed so far of several in a row: something else came in between.
pub(super) fn forget(model: &mut Model) {
    model.typed = KeySequence::default();
}

pub(super) fn paste(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    let typed = || text.chars().filter(|c| crate::text::is_safe(*c));
    if let Some(Dialog::Palette { text, at }) = &mut model.dialog {
        text.extend(typed());
        *at = 0;
    } else if matches!(model.dialog, Some(Dialog::Prompt(_))) {
        prompt::paste(model, text);
    } else if model.dialog.is_some() {
        // A dialog without a text field takes no text.
    } else if let Some(input) = &mut model.input {
        input.text.extend(typed());
        filter::apply(model);
    } else if let Some(Overlay::Hub(search)) = &mut model.overlay {
        hub::paste(search, text);
    } else if let Some(Overlay::Editor(editor)) = &mut model.overlay {
        editor.paste(text, model.now);
    } else if model.focus == Focus::Shell && model.overlay.is_none() {
        shell::paste(model, text, out);
    }
}
