//! The prune wizard: a plan is asked for, rows are spared, and exactly the rest goes.

use super::navigate::distance;
use crate::action::Action;
use crate::keys::{KeyCode, KeyEvent, Layer};
use crate::model::dialog::Dialog;
use crate::model::notice::NoticeKind;
use crate::model::prune::{SCOPES, Wizard};
use crate::model::{Model, Pane};
use crate::msg::Effect;
use teu_api::Command;
use teu_api::details::PruneScope;

pub(super) fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let scope = match model.pane {
        Pane::Containers => PruneScope::Containers,
        Pane::Images => PruneScope::Images,
        Pane::Volumes => PruneScope::Volumes,
        _ => PruneScope::Everything,
    };
    plan(model, scope, out);
}

fn plan(model: &mut Model, scope: PruneScope, out: &mut Vec<Effect>) {
    model.dialog = Some(Dialog::Prune(Wizard::new(scope)));
    out.push(Effect::Engine(Command::PlanPrune(scope)));
}

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let action = model.settings.keymap.lookup(Layer::List, key);
    let Some(Dialog::Prune(wizard)) = &mut model.dialog else { return };
    match key.code {
        KeyCode::Char(' ') => {
            wizard.turn();
            go(wizard, 1);
        }
        KeyCode::Char('a' | 'A') => wizard.turn_all(),
        KeyCode::Tab => {
            let at = SCOPES.iter().position(|(scope, _)| *scope == wizard.scope).unwrap_or(0);
            let scope = SCOPES[(at + 1) % SCOPES.len()].0;
            plan(model, scope, out);
        }
        KeyCode::Enter => carry_out(model, out),
        KeyCode::Char('q') => model.dialog = None,
        _ => {
            if let Some(
                action @ (Action::Up
                | Action::Down
                | Action::PageUp
                | Action::PageDown
                | Action::Top
                | Action::Bottom),
            ) = action
            {
                go(wizard, distance(action, 10));
            }
        }
    }
}

fn go(wizard: &mut Wizard, rows: isize) {
    let last = wizard.rows.as_ref().map_or(0, Vec::len).saturating_sub(1);
    wizard.at = wizard.at.saturating_add_signed(rows).min(last);
}

fn carry_out(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Dialog::Prune(wizard)) = &model.dialog else { return };
    let rows = wizard.chosen();
    if rows.is_empty() {
        return;
    }
    model.dialog = None;
    model.say(NoticeKind::Progress, format!("removing {}", crate::text::count(rows.len(), "thing")));
    out.push(Effect::Engine(Command::ApplyPrune(rows)));
}
