//! Looking for images in registries, and pulling them.

use crate::keys::{KeyCode, KeyEvent};
use crate::model::Model;
use crate::model::hub::Hub;
use crate::model::notice::NoticeKind;
use crate::model::overlay::Overlay;
use crate::msg::Effect;
use teu_api::Command;

pub(super) fn open(model: &mut Model) {
    model.overlay = Some(Overlay::Hub(Hub::default()));
}

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let Some(Overlay::Hub(hub)) = &mut model.overlay else { return };
    let last = hub.rows().len().saturating_sub(1);
    match key.code {
        KeyCode::Esc => model.overlay = None,
        KeyCode::Char('c' | 'q') if key.ctrl => model.overlay = None,
        KeyCode::Up => hub.at = hub.at.saturating_sub(1),
        KeyCode::Down => hub.at = (hub.at + 1).min(last),
        KeyCode::PageUp => hub.at = hub.at.saturating_sub(10),
        KeyCode::PageDown => hub.at = (hub.at + 10).min(last),
        KeyCode::Enter => go(model, out),
        KeyCode::Backspace => {
            hub.text.pop();
        }
        KeyCode::Char('u') if key.ctrl => hub.text.clear(),
        _ => {
            if let Some(c) = key.typed().filter(|c| crate::text::is_safe(*c)) {
                hub.text.push(c);
            }
        }
    }
}

/// Looks for what was typed; for what was found already, pulls the selected one.
fn go(model: &mut Model, out: &mut Vec<Effect>) {
    let ticket = model.ticket();
    let Some(Overlay::Hub(hub)) = &mut model.overlay else { return };
    let text = hub.text.trim().to_owned();
    if text.is_empty() {
        return;
    }
    if hub.asked.as_ref() != Some(&text) {
        hub.asked = Some(text.clone());
        hub.found = None;
        hub.at = 0;
        hub.ticket = ticket;
        out.push(Effect::Engine(Command::SearchImages { term: text, ticket }));
        return;
    }
    let Some(name) = hub.rows().get(hub.at).map(|row| row.name.clone()) else { return };
    if model.settings.readonly {
        return model.say(NoticeKind::Info, "teu was opened read-only");
    }
    if model.pulls.going(&name).is_some() {
        return model.say(NoticeKind::Info, format!("{name} is being pulled"));
    }
    model.pulls.begin(&name);
    out.push(Effect::Engine(Command::Pull(name)));
}

/// Text was pasted.
pub(super) fn paste(hub: &mut Hub, text: &str) {
    hub.text.extend(text.chars().filter(|c| crate::text::is_safe(*c)));
}
