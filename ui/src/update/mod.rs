//! Messages change the model. One action, one file.

mod clipboard;
mod columns;
mod confirm;
mod copy;
mod dialog;
mod editor;
mod engine;
mod explorer;
mod filter;
mod hub;
mod journal;
mod key;
mod lifecycle;
mod log;
mod menu;
mod monitor;
mod mouse;
mod navigate;
mod overlay;
mod perform;
mod ports;
mod prompt;
mod prune;
mod quit;
mod remove;
mod settle;
mod shell;
mod split;
mod stack;
mod tasks;
mod themes;

use crate::model::Model;
use crate::model::notice::NoticeKind;
use crate::msg::{Effect, Msg};

pub(crate) use lifecycle::{equivalent, obstacle};
pub(crate) use menu::palette_rows;

/// Takes a message and the time (nanoseconds since the epoch); says what is to be done outside.
pub fn update(model: &mut Model, msg: Msg, now: i64) -> Vec<Effect> {
    if model.now == 0 {
        model.notices.begin(now);
    }
    model.now = now;
    let mut effects = Vec::new();
    let out = &mut effects;
    match msg {
        Msg::Key(key) => {
            model.dirty = true;
            key::key(model, key, out);
        }
        Msg::Mouse(event) => {
            key::forget(model);
            mouse::mouse(model, event, out);
        }
        Msg::Paste(text) => {
            model.dirty = true;
            key::paste(model, &text, out);
        }
        Msg::Resize { columns, rows } => {
            model.size = (columns, rows);
            model.dirty = true;
        }
        Msg::Engine(event) => engine::event(model, event, out),
        Msg::Tick => model.dirty = true,
        Msg::Background { light } => themes::suit(model, light),
        // Looks the same with and without it, but for programs in terminals.
        Msg::FocusGained => model.has_keyboard = true,
        Msg::FocusLost => model.has_keyboard = false,
    }
    settle::settle(model, out);
    effects
}

impl Model {
    fn say(&mut self, kind: NoticeKind, text: impl Into<String>) {
        self.notices.say(self.now, kind, text);
        self.dirty = true;
    }
}
