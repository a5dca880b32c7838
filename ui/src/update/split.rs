//! Terminals beside each other: splitting, going about, moving edges; and the arrangement of an earlier session.

use super::shell;
use crate::action::Action;
use crate::model::Model;
use crate::model::notice::NoticeKind;
use crate::model::shells::Kind;
use crate::model::split::{Axis, Direction, Split};
use crate::msg::Effect;
use teu_api::{ContainerId, SessionId};

/// Cells that one key moves an edge by.
const STEP: u16 = 2;

pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::ShellBeside => cut(model, Axis::Beside, out),
        Action::ShellBelow => cut(model, Axis::Below, out),
        Action::ShellOther => other(model),
        Action::ShellLeft => go(model, Direction::Left),
        Action::ShellRight => go(model, Direction::Right),
        Action::ShellUp => go(model, Direction::Up),
        Action::ShellDown => go(model, Direction::Down),
        Action::ShellPushLeft => push(model, Direction::Left),
        Action::ShellPushRight => push(model, Direction::Right),
        Action::ShellPushUp => push(model, Direction::Up),
        Action::ShellPushDown => push(model, Direction::Down),
        Action::ShellZoom => {
            if let Some(tab) = model.shells.tabs.get_mut(model.shells.active) {
                tab.zoomed = !tab.zoomed && matches!(tab.split, Split::Pair { .. });
            }
        }
        _ => break_out(model),
    }
}

/// Opens another shell of the same container beside or below the one in front.
fn cut(model: &mut Model, axis: Axis, out: &mut Vec<Effect>) {
    let Some(current) = model.shells.current() else { return };
    let whose = (current.container.clone(), current.name.clone());
    let kind = if current.kind == Kind::Debug { Kind::Debug } else { Kind::Shell };
    let mut area = model.regions().main;
    // The line of the tabs, which a split pane has above it.
    area.height = area.height.saturating_sub(1);
    let shell = shell::new(model, whose, kind, None);
    let ticket = shell.ticket;
    if model.shells.open_beside(shell, axis, area) {
        shell::ask(model, ticket, out);
    } else {
        model.say(NoticeKind::Info, "there is no room for another split here");
    }
}

fn go(model: &mut Model, direction: Direction) {
    let Some(tab) = model.shells.tab() else { return };
    let area = model.regions().main;
    if let Some(ticket) = tab.split.neighbour(tab.focus, direction, area) {
        model.shells.show(ticket);
    }
}

fn other(model: &mut Model) {
    let Some(tab) = model.shells.tab() else { return };
    let order = tab.split.tickets();
    let at = order.iter().position(|ticket| *ticket == tab.focus).unwrap_or(0);
    let next = order[(at + 1) % order.len()];
    model.shells.show(next);
}

fn push(model: &mut Model, direction: Direction) {
    let Some(tab) = model.shells.tab() else { return };
    let area = model.shell_area(tab);
    let at = model.shells.active;
    let tab = &mut model.shells.tabs[at];
    if tab.split.push(tab.focus, direction, STEP, area) {
        tab.zoomed = false;
        // So that the key alone can be pressed again and again.
        model.shells.prefix = true;
    }
}

/// Takes the terminal in front out of its split, into a tab of its own.
fn break_out(model: &mut Model) {
    let Some(tab) = model.shells.tab() else { return };
    if matches!(tab.split, Split::Leaf(_)) {
        return;
    }
    if let Some(shell) = model.shells.remove(model.shells.tabs[model.shells.active].focus) {
        model.shells.open(shell);
    }
}

/// Puts terminals that were just opened again, in tabs from `first` on, together as they were when they were left.
pub(super) fn restore(model: &mut Model, first: usize) {
    let found = |model: &Model, id: &ContainerId, session: SessionId| {
        let mut all = model.shells.all.iter();
        all.find(|shell| shell.container == *id && shell.session == Some(session)).map(|shell| shell.ticket)
    };
    for tab in std::mem::take(&mut model.remembered_splits) {
        let Some(split) = tab.arrange(&|id, session| found(model, id, session)) else { continue };
        let tickets = split.tickets();
        if tickets.len() < 2 {
            continue;
        }
        let mut at = model.shells.tabs.len();
        for index in (first..model.shells.tabs.len()).rev() {
            let there = model.shells.tabs[index].split.tickets();
            if there.iter().any(|ticket| tickets.contains(ticket)) {
                model.shells.tabs.remove(index);
                at = index;
            }
        }
        let focus = tickets[0];
        model.shells.tabs.insert(at, crate::model::shells::ShellTab { split, focus, zoomed: false });
    }
}
