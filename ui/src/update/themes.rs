//! The theme picker: a theme is worn while it is looked at.

use crate::model::Model;
use crate::model::dialog::Dialog;
use crate::msg::Effect;

pub(super) fn open(model: &mut Model) {
    let before = model.theme.name.clone();
    let at = model.themes.iter().position(|theme| theme.name == before).unwrap_or(0);
    model.dialog = Some(Dialog::Themes { at, before });
}

pub(super) fn wear(model: &mut Model, name: &str) {
    if let Some(theme) = model.themes.iter().find(|theme| theme.name == name) {
        model.theme = theme.clone().with_depth(model.settings.color_depth);
    }
}

/// Wears the theme for the terminal's background, unless the user has chosen one.
pub(super) fn suit(model: &mut Model, light: bool) {
    if !model.settings.theme_chosen {
        wear(model, if light { crate::theme::LIGHT } else { crate::theme::DARK });
        model.dirty = true;
    }
}

pub(super) fn keep(model: &Model, out: &mut Vec<Effect>) {
    out.push(Effect::SaveTheme(model.theme.name.clone()));
}
