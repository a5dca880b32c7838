//! Keys: to the terminal in front, to a dialog, to the line being typed, or through the keymap.

use super::{dialog, filter, perform, shell};
use crate::keys::{KeyEvent, Layer};
use crate::model::dialog::Dialog;
use crate::model::{Focus, Model};
use crate::msg::Effect;

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    if model.dialog.is_some() {
        dialog::key(model, key, out);
    } else if model.input.is_some() {
        filter::key(model, key);
    } else if model.focus == Focus::Shell {
        shell::key(model, key, out);
    } else {
        let layer = model.layer();
        if let Some(action) = model.settings.keymap.lookup(layer, key) {
            perform::perform(model, action, out);
        } else if layer == Layer::Detail
            && let Some(action) = model.settings.keymap.lookup(Layer::List, key)
        {
            perform::perform(model, action, out);
        }
    }
}

pub(super) fn paste(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    let typed = || text.chars().filter(|c| crate::text::is_safe(*c));
    if let Some(Dialog::Palette { text, at }) = &mut model.dialog {
        text.extend(typed());
        *at = 0;
    } else if model.dialog.is_some() {
        // A dialog without a text field takes no text.
    } else if let Some(input) = &mut model.input {
        input.text.extend(typed());
        filter::apply(model);
    } else if model.focus == Focus::Shell {
        shell::paste(model, text, out);
    }
}
