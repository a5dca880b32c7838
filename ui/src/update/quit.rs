//! Leaving: containers go on, shells go on, removals asked for are carried out.

use crate::model::Model;
use crate::msg::Effect;
use teu_api::Command;

pub(super) fn quit(model: &mut Model, out: &mut Vec<Effect>) {
    for removal in std::mem::take(&mut model.pending) {
        out.push(Effect::Engine(removal.command));
    }
    for shell in &model.shells.all {
        out.push(Effect::Engine(Command::SessionDetach { ticket: shell.ticket }));
    }
    out.push(Effect::Quit);
}
