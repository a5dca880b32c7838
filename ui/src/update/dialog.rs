//! Keys while a dialog is open.

use super::navigate::distance;
use super::{confirm, palette_rows, perform, tasks, themes};
use crate::action::Action;
use crate::keys::{KeyCode, KeyEvent, Layer};
use crate::model::Model;
use crate::model::dialog::{Confirm, Deed, Dialog};
use crate::msg::Effect;
use teu_api::Command;

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let interrupt = key.ctrl && key.code == KeyCode::Char('c');
    if key.code == KeyCode::Esc || interrupt {
        close(model);
        return;
    }
    let movement = movement(model, key);
    match model.dialog.as_mut() {
        Some(Dialog::Confirm(_)) => confirm_key(model, key, out),
        Some(Dialog::Prune(_)) => super::prune::key(model, key, out),
        Some(Dialog::Prompt(_)) => super::prompt::key(model, key, out),
        Some(Dialog::Palette { text, at }) => match key.code {
            KeyCode::Up => *at = at.saturating_sub(1),
            KeyCode::Down => *at += 1,
            KeyCode::Enter => choose(model, out),
            KeyCode::Backspace => {
                text.pop();
                *at = 0;
            }
            _ => {
                if let Some(c) = key.typed() {
                    text.push(c);
                    *at = 0;
                }
            }
        },
        Some(Dialog::Menu { rows, at }) => match (movement, key.code) {
            (_, KeyCode::Enter) => choose(model, out),
            (Some(rows_moved), _) => {
                *at = at.saturating_add_signed(rows_moved).min(rows.len().saturating_sub(1));
            }
            _ => {
                let hit = rows.iter().position(|row| row.key.as_deref() == Some(&key.to_string()));
                if let Some(hit) = hit {
                    *at = hit;
                    choose(model, out);
                } else if key.typed() == Some('q') {
                    close(model);
                }
            }
        },
        Some(Dialog::Themes { at, .. }) => match (movement, key.code) {
            (_, KeyCode::Enter) => choose(model, out),
            (Some(rows), _) => {
                *at = at.saturating_add_signed(rows).min(model.themes.len().saturating_sub(1));
                let name = model.themes[*at].name.clone();
                themes::wear(model, &name);
            }
            _ if key.typed() == Some('q') => close(model),
            _ => {}
        },
        Some(Dialog::Tasks { .. }) => tasks::key(model, key, movement, out),
        Some(Dialog::Help { scroll } | Dialog::Notices { scroll }) => match movement {
            Some(rows) => {
                let rows = if matches!(model.dialog, Some(Dialog::Notices { .. })) { -rows } else { rows };
                let most = crate::view::dialog_overflow(model);
                if let Some(Dialog::Help { scroll } | Dialog::Notices { scroll }) = &mut model.dialog {
                    *scroll = scroll.saturating_add_signed(rows).min(most);
                }
            }
            None => {
                let _ = scroll;
                close(model);
            }
        },
        None => {}
    }
    clamp_palette(model);
}

fn clamp_palette(model: &mut Model) {
    if let Some(Dialog::Palette { text, .. }) = &model.dialog {
        let last = palette_rows(model, text).len().saturating_sub(1);
        if let Some(Dialog::Palette { at, .. }) = &mut model.dialog {
            *at = (*at).min(last);
        }
    }
}

fn movement(model: &Model, key: KeyEvent) -> Option<isize> {
    let action = model.settings.keymap.lookup(Layer::List, key)?;
    let moves = matches!(
        action,
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Top | Action::Bottom
    );
    moves.then(|| distance(action, 10))
}

pub(super) fn close(model: &mut Model) {
    match model.dialog.take() {
        Some(Dialog::Themes { before, .. }) => themes::wear(model, &before),
        Some(Dialog::Prompt(prompt)) => super::prompt::dismissed(model, &prompt),
        _ => {}
    }
}

/// Takes the selected row.
pub(super) fn choose(model: &mut Model, out: &mut Vec<Effect>) {
    match model.dialog.take() {
        Some(Dialog::Menu { rows, at }) => {
            if let Some(row) = rows.get(at) {
                perform::perform(model, row.action, out);
            }
        }
        Some(Dialog::Palette { text, at }) => {
            if let Some(row) = palette_rows(model, &text).get(at) {
                perform::perform(model, row.action, out);
            }
        }
        Some(Dialog::Themes { .. }) => themes::keep(model, out),
        other => model.dialog = other,
    }
}

fn confirm_key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let Some(Dialog::Confirm(question)) = &mut model.dialog else { return };
    match key.code {
        KeyCode::Char('y' | 'Y') => confirm::answer(model, true, out),
        KeyCode::Char('n' | 'N' | 'q') => confirm::answer(model, false, out),
        KeyCode::Enter => {
            let yes = question.yes;
            confirm::answer(model, yes, out);
        }
        KeyCode::Tab | KeyCode::Left | KeyCode::Right | KeyCode::Char('h' | 'l') => {
            question.yes = !question.yes;
        }
        _ => {}
    }
}

pub(super) fn confirm_demo_down(model: &mut Model) {
    model.dialog = Some(Dialog::Confirm(Confirm {
        title: "Remove the demo?".into(),
        lines: vec!["Its containers and its images go; nothing else does.".into()],
        verb: "Remove",
        yes: true,
        then: Deed::Ask(vec![Command::DemoDown]),
    }));
}
