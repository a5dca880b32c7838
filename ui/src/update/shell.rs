//! Shells and attachments.

use crate::action::Action;
use crate::keys::{KeyCode, KeyEvent, Layer};
use crate::model::dialog::{Confirm, Deed, Dialog};
use crate::model::notice::NoticeKind;
use crate::model::{Focus, Model};
use crate::msg::Effect;
use crate::terminal::{encode_key, encode_paste};
use teu_api::{Command, ContainerId, SessionId};

/// Opens a shell in the selected container, or goes to the one that is open there.
pub(super) fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.containers.selected() else { return };
    let (id, name) = (row.snapshot.id.clone(), row.snapshot.name.clone());
    if let Some(at) = model.shells.of(&id) {
        model.shells.active = at;
        model.focus = Focus::Shell;
        return;
    }
    let left = model.offered.iter().position(|(container, _)| *container == id);
    match left {
        Some(at) => {
            let (id, session) = model.offered.remove(at);
            attach_to(model, id, name, session.id, out);
        }
        None => open_new(model, id, name, out),
    }
}

fn open_new(model: &mut Model, id: ContainerId, name: String, out: &mut Vec<Effect>) {
    let (ticket, size) = (model.ticket(), model.terminal_size());
    model.shells.open(ticket, id.clone(), name, size);
    model.focus = Focus::Shell;
    out.push(Effect::Engine(Command::OpenShell { id, size, ticket }));
}

fn attach_to(model: &mut Model, id: ContainerId, name: String, session: SessionId, out: &mut Vec<Effect>) {
    let (ticket, size) = (model.ticket(), model.terminal_size());
    model.shells.open(ticket, id.clone(), name, size);
    if let Some(shell) = model.shells.current_mut() {
        shell.session = Some(session);
    }
    model.focus = Focus::Shell;
    out.push(Effect::Engine(Command::AttachSession { id, session, size, ticket }));
}

/// Attaches to the first process of the selected container.
pub(super) fn attach(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.containers.selected() else { return };
    let (id, name) = (row.snapshot.id.clone(), row.snapshot.name.clone());
    let there =
        model.shells.tabs.iter().position(|s| s.container == id && s.session == Some(SessionId::MAIN));
    match there {
        Some(at) => {
            model.shells.active = at;
            model.focus = Focus::Shell;
        }
        None => attach_to(model, id, name, SessionId::MAIN, out),
    }
}

/// Opens every session that was left open; without any, goes back to the terminal in front.
pub(super) fn open_offered(model: &mut Model, out: &mut Vec<Effect>) {
    model.notices.dismiss(model.now);
    let first = model.shells.tabs.len();
    let offered = std::mem::take(&mut model.offered);
    let any = !offered.is_empty();
    for (id, session) in offered {
        let row = model.containers.items().iter().find(|row| row.snapshot.id == id);
        let name = row.map_or_else(|| id.short().to_owned(), |row| row.snapshot.name.clone());
        attach_to(model, id, name, session.id, out);
    }
    if any {
        model.shells.active = first;
    }
    model.focus = Focus::Shell;
}

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let prefix = model.settings.keymap.prefix;
    if model.shells.locked {
        // The prefix with alt is the one way out, or the lock could never be opened.
        if key == (KeyEvent { alt: true, ..prefix }) {
            model.shells.locked = false;
        } else {
            send_key(model, key, out);
        }
        return;
    }
    if std::mem::take(&mut model.shells.prefix) {
        let digit = key.typed().and_then(|c| c.to_digit(10)).filter(|n| *n > 0);
        if let Some(number) = digit {
            model.shells.active = (number as usize - 1).min(model.shells.tabs.len().saturating_sub(1));
        } else if key == prefix {
            act(model, Action::ShellLeave, out);
        } else if let Some(action) = model.settings.keymap.lookup(Layer::Shell, key) {
            act(model, action, out);
        }
        return;
    }
    if key == prefix {
        model.shells.prefix = true;
        return;
    }
    let page = usize::from(model.terminal_size().rows).saturating_sub(1).max(1) as isize;
    let scrolling =
        model.shells.current().is_some_and(|shell| shell.scrolling || shell.terminal.scroll() > 0);
    let rows = match (key.code, key.shift) {
        (KeyCode::PageUp, true) => Some(page),
        (KeyCode::PageDown, true) => Some(-page),
        (KeyCode::PageUp, _) if scrolling => Some(page),
        (KeyCode::PageDown, _) if scrolling => Some(-page),
        (KeyCode::Up | KeyCode::Char('k'), _) if scrolling => Some(1),
        (KeyCode::Down | KeyCode::Char('j'), _) if scrolling => Some(-1),
        (KeyCode::Home | KeyCode::Char('g'), _) if scrolling => Some(isize::MAX / 2),
        _ => None,
    };
    match rows {
        Some(rows) => scroll(model, rows),
        None if scrolling => {
            stop_scrolling(model);
            // Keys that only leave the scrollback are not for the program.
            if !matches!(key.code, KeyCode::Esc | KeyCode::End | KeyCode::Char('q' | 'G')) {
                send_key(model, key, out);
            }
        }
        None => send_key(model, key, out),
    }
}

pub(super) fn scroll(model: &mut Model, rows: isize) {
    if let Some(shell) = model.shells.current_mut() {
        let lines = shell.terminal.scroll().saturating_add_signed(rows);
        shell.terminal.set_scroll(lines);
        shell.scrolling = shell.terminal.scroll() > 0;
    }
}

fn stop_scrolling(model: &mut Model) {
    if let Some(shell) = model.shells.current_mut() {
        shell.terminal.set_scroll(0);
        shell.scrolling = false;
    }
}

fn send_key(model: &Model, key: KeyEvent, out: &mut Vec<Effect>) {
    if let Some(shell) = model.shells.current() {
        send(shell.ticket, encode_key(key, shell.terminal.screen()), out);
    }
}

pub(super) fn send(ticket: u64, bytes: Vec<u8>, out: &mut Vec<Effect>) {
    if !bytes.is_empty() {
        out.push(Effect::Engine(Command::SessionInput { ticket, bytes }));
    }
}

pub(super) fn paste(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    stop_scrolling(model);
    if let Some(shell) = model.shells.current() {
        send(shell.ticket, encode_paste(text, shell.terminal.screen()), out);
    }
}

pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    model.shells.prefix = false;
    match action {
        Action::ShellLeave => model.focus = Focus::List,
        Action::ShellNext => model.shells.turn(1),
        Action::ShellPrevious => model.shells.turn(-1),
        Action::ShellNew => {
            if let Some(shell) = model.shells.current() {
                let (id, name) = (shell.container.clone(), shell.name.clone());
                open_new(model, id, name, out);
            }
        }
        Action::ShellScroll => {
            let half = isize::try_from(model.terminal_size().rows / 2).unwrap_or(1);
            scroll(model, half.max(1));
        }
        Action::ShellLock => {
            model.shells.locked = true;
            let key = KeyEvent { alt: true, ..model.settings.keymap.prefix };
            model.say(NoticeKind::Info, format!("every key goes to the shell; {key} ends that"));
        }
        Action::ShellCopy => {
            if let Some(shell) = model.shells.current() {
                out.push(Effect::CopyToClipboard(shell.terminal.text()));
                model.say(NoticeKind::Done, "copied what is on the screen");
            }
        }
        Action::ShellPrefix => {
            let prefix = model.settings.keymap.prefix;
            send_key(model, prefix, out);
        }
        _ => ask_to_close(model),
    }
}

fn ask_to_close(model: &mut Model) {
    let Some(shell) = model.shells.current() else { return };
    let main = shell.session == Some(SessionId::MAIN);
    let line = if main {
        "The pane is closed; the container's main process goes on."
    } else {
        "What runs in it is hung up. Leaving it instead keeps it running."
    };
    model.dialog = Some(Dialog::Confirm(Confirm {
        title: format!("End {} in {}?", shell.title, crate::text::clean(&shell.name)),
        lines: vec![line.into()],
        verb: "End",
        yes: true,
        then: Deed::CloseShell,
    }));
}

pub(super) fn close(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(shell) = model.shells.current() else { return };
    let (ticket, id, session) = (shell.ticket, shell.container.clone(), shell.session);
    match session {
        Some(session) if session != SessionId::MAIN => {
            out.push(Effect::Engine(Command::SessionClose { id, session }));
        }
        _ => out.push(Effect::Engine(Command::SessionDetach { ticket })),
    }
    model.shells.remove(ticket);
    super::engine::leave_if_empty(model);
}
