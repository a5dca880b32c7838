//! The list of long work: looked at, and taken back.

use super::dialog::close;
use crate::keys::{KeyCode, KeyEvent};
use crate::model::Model;
use crate::model::dialog::Dialog;
use crate::msg::Effect;
use teu_api::Command;

pub(super) fn key(model: &mut Model, key: KeyEvent, movement: Option<isize>, out: &mut Vec<Effect>) {
    let last = model.tasks.latest_first().count().saturating_sub(1);
    let Some(Dialog::Tasks { selected }) = &mut model.dialog else { return };
    let at = model.tasks.place(*selected);
    if let Some(rows) = movement {
        *selected = model.tasks.at(at.saturating_add_signed(rows).min(last));
        return;
    }
    match key.code {
        KeyCode::Char('x') | KeyCode::Delete => {
            let task = model.tasks.latest_first().nth(at).filter(|task| task.ended.is_none());
            out.extend(task.map(|task| Effect::Engine(Command::CancelTask(task.id))));
        }
        KeyCode::Char('q' | '@') => close(model),
        _ => {}
    }
}
