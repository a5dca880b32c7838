//! The answer to a question.

use super::{lifecycle, remove, shell};
use crate::model::Model;
use crate::model::dialog::{Deed, Dialog};
use crate::msg::Effect;

pub(super) fn answer(model: &mut Model, yes: bool, out: &mut Vec<Effect>) {
    let Some(Dialog::Confirm(confirm)) = model.dialog.take() else { return };
    if !yes {
        return;
    }
    match confirm.then {
        Deed::Remove(removals) => remove::schedule(model, removals),
        Deed::Lifecycle(action) => lifecycle::carry_out(model, action, out),
        Deed::Ask(commands) => out.extend(commands.into_iter().map(Effect::Engine)),
        Deed::LeaveEditor => model.overlay = None,
        Deed::CloseShell => shell::close(model, out),
    }
}
