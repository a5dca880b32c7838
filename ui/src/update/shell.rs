//! Shells and attachments: opening, keys, closing.

use super::{copy, split};
use crate::action::Action;
use crate::keys::{KeyCode, KeyEvent, Layer};
use crate::model::dialog::{Confirm, Deed, Dialog, Purpose};
use crate::model::notice::NoticeKind;
use crate::model::shells::{Kind, Shell};
use crate::model::{Focus, Model};
use crate::msg::Effect;
use crate::terminal::{Copying, Terminal, encode_focus, encode_key, encode_paste};
use teu_api::{Command, ContainerId, SessionId};

/// Gives the keys to the terminal in front, and puts away what lies over it.
pub(super) fn go_to(model: &mut Model) {
    model.overlay = None;
    model.focus = Focus::Shell;
}

/// Opens a shell in the selected container, or goes to the one that is open there.
pub(super) fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.containers.selected() else { return };
    let (id, name) = (row.snapshot.id.clone(), row.snapshot.name.clone());
    let open = model.shells.all.iter().find(|shell| shell.container == id && shell.kind == Kind::Shell);
    if let Some(ticket) = open.map(|shell| shell.ticket) {
        model.shells.show(ticket);
        go_to(model);
        return;
    }
    let left = model.offered.iter().position(|(container, _)| *container == id);
    match left {
        Some(at) => {
            let (id, session) = model.offered.remove(at);
            attach_to(model, id, name, session.id, out);
        }
        None => in_new_tab(model, (id, name), Kind::Shell, None, out),
    }
}

/// Opens a shell with this host's tools in the container of the terminal in front, or in the selected one.
pub(super) fn debug(model: &mut Model, out: &mut Vec<Effect>) {
    let here = model.shells.current().filter(|_| model.focus == Focus::Shell);
    let here = here.map(|shell| (shell.container.clone(), shell.name.clone()));
    let selected =
        model.containers.selected().map(|row| (row.snapshot.id.clone(), row.snapshot.name.clone()));
    if let Some(whose) = here.or(selected) {
        in_new_tab(model, whose, Kind::Debug, None, out);
    }
}

/// A terminal that is not open yet.
pub(super) fn new(
    model: &mut Model,
    (container, name): (ContainerId, String),
    kind: Kind,
    session: Option<SessionId>,
) -> Shell {
    Shell {
        ticket: model.ticket(),
        container,
        name,
        kind,
        session,
        title: if kind == Kind::Debug { "debug shell" } else { "shell" }.into(),
        terminal: Terminal::new(model.terminal_size()),
        copying: Copying::default(),
        dragged_from: None,
        ended: None,
        rang: false,
    }
}

fn in_new_tab(
    model: &mut Model,
    whose: (ContainerId, String),
    kind: Kind,
    session: Option<SessionId>,
    out: &mut Vec<Effect>,
) {
    let shell = new(model, whose, kind, session);
    let ticket = shell.ticket;
    model.shells.open(shell);
    go_to(model);
    ask(model, ticket, out);
}

/// Asks the engine for what a terminal is to show, with the size of its place.
pub(super) fn ask(model: &mut Model, ticket: u64, out: &mut Vec<Effect>) {
    let size = model.shell_size(ticket).unwrap_or_else(|| model.terminal_size());
    let Some(shell) = model.shells.by_ticket(ticket) else { return };
    shell.terminal.resize(size);
    let id = shell.container.clone();
    out.push(Effect::Engine(match shell.session {
        Some(session) => Command::AttachSession { id, session, size, ticket },
        None => Command::OpenShell { id, size, ticket, debug: shell.kind == Kind::Debug },
    }));
}

fn attach_to(model: &mut Model, id: ContainerId, name: String, session: SessionId, out: &mut Vec<Effect>) {
    let kind = if session == SessionId::MAIN { Kind::Main } else { Kind::Shell };
    in_new_tab(model, (id, name), kind, Some(session), out);
}

/// Attaches to the first process of the selected container.
pub(super) fn attach(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.containers.selected() else { return };
    let (id, name) = (row.snapshot.id.clone(), row.snapshot.name.clone());
    let there = model.shells.all.iter().find(|shell| shell.container == id && shell.kind == Kind::Main);
    match there.map(|shell| shell.ticket) {
        Some(ticket) => {
            model.shells.show(ticket);
            go_to(model);
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
        let shell = new(model, (id, name), Kind::Shell, Some(session.id));
        model.shells.open(shell);
    }
    if any {
        split::restore(model, first);
        model.shells.active = first;
        let new: Vec<u64> = model.shells.tabs[first..].iter().flat_map(|tab| tab.split.tickets()).collect();
        for ticket in new {
            ask(model, ticket, out);
        }
    }
    go_to(model);
}

/// Opens a terminal that has ended once more, in its place.
fn again(model: &mut Model, kind: Option<Kind>, out: &mut Vec<Effect>) {
    let ticket = model.ticket();
    let Some(shell) = model.shells.current_mut().filter(|shell| shell.ended.is_some()) else { return };
    let before = std::mem::replace(&mut shell.ticket, ticket);
    shell.kind = kind.unwrap_or(shell.kind);
    shell.session = (shell.kind == Kind::Main).then_some(SessionId::MAIN);
    shell.ended = None;
    shell.copying = Copying::default();
    shell.terminal = Terminal::new(shell.terminal.size());
    if let Some(tab) = model.shells.tabs.get_mut(model.shells.active) {
        tab.split.rename(before, ticket);
        tab.focus = ticket;
    }
    ask(model, ticket, out);
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
        after_prefix(model, key, out);
        return;
    }
    if key == prefix {
        model.shells.prefix = true;
        return;
    }
    let Some(shell) = model.shells.current_mut() else { return };
    if shell.copying.cursor.is_some() {
        copy::key(model, key, out);
        return;
    }
    shell.copying.selection = None;
    if shell.ended.is_some() {
        match key.code {
            KeyCode::Enter | KeyCode::Char('r') => again(model, None, out),
            KeyCode::Char('d') => again(model, Some(Kind::Debug), out),
            KeyCode::Esc | KeyCode::Char('q' | 'x') => close(model, out),
            _ => {}
        }
        return;
    }
    let page = (usize::from(shell.terminal.size().rows) - 1).max(1) as isize;
    let scrolled = shell.terminal.scroll() > 0;
    let rows = match (key.code, key.shift) {
        (KeyCode::PageUp, true) => Some(page),
        (KeyCode::PageDown, true) => Some(-page),
        (KeyCode::PageUp, _) if scrolled => Some(page),
        (KeyCode::PageDown, _) if scrolled => Some(-page),
        _ => None,
    };
    match rows {
        Some(rows) => scroll(model, rows),
        None if scrolled => {
            stop_scrolling(model);
            // A key that only leads back to the end is not for the program.
            if key.code != KeyCode::Esc {
                send_key(model, key, out);
            }
        }
        None => send_key(model, key, out),
    }
}

fn after_prefix(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let digit = key.typed().and_then(|c| c.to_digit(10)).filter(|n| *n > 0);
    if let Some(number) = digit {
        model.shells.active = (number as usize - 1).min(model.shells.tabs.len().saturating_sub(1));
    } else if key == model.settings.keymap.prefix {
        act(model, Action::ShellLeave, out);
    } else if let Some(action) = model.settings.keymap.lookup(Layer::Shell, key) {
        act(model, action, out);
    }
}

pub(super) fn scroll(model: &mut Model, rows: isize) {
    if let Some(shell) = model.shells.current_mut() {
        let lines = shell.terminal.scroll().saturating_add_signed(rows);
        shell.terminal.set_scroll(lines);
    }
}

fn stop_scrolling(model: &mut Model) {
    if let Some(shell) = model.shells.current_mut() {
        shell.terminal.set_scroll(0);
        shell.copying = Copying { search: shell.copying.search.take(), ..Copying::default() };
    }
}

pub(super) fn send_key(model: &Model, key: KeyEvent, out: &mut Vec<Effect>) {
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

/// Tells programs that asked for it whether their terminal has the keyboard, wherever that has changed.
pub(super) fn tell_focus(model: &mut Model, out: &mut Vec<Effect>) {
    let here = model.shells.tab().map(|tab| tab.focus);
    let now = here.filter(|_| model.focus == Focus::Shell && model.has_keyboard);
    let before = std::mem::replace(&mut model.shells.told_focus, now);
    if before == now {
        return;
    }
    for (ticket, gained) in before.map(|t| (t, false)).into_iter().chain(now.map(|t| (t, true))) {
        if let Some(shell) = model.shells.get(ticket).filter(|shell| shell.terminal.wants_focus()) {
            send(shell.ticket, encode_focus(gained), out);
        }
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
                let whose = (shell.container.clone(), shell.name.clone());
                in_new_tab(model, whose, Kind::Shell, None, out);
            }
        }
        Action::ShellAgain => again(model, None, out),
        Action::Debug => super::perform::perform(model, Action::Debug, out),
        Action::ShellScroll => copy::enter(model),
        Action::ShellSearch => {
            copy::enter(model);
            super::filter::open(model, Purpose::SearchShell);
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
        Action::ShellClose => ask_to_close(model, out),
        action => split::act(model, action, out),
    }
}

fn ask_to_close(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(shell) = model.shells.current() else { return };
    if shell.ended.is_some() {
        close(model, out);
        return;
    }
    let line = if shell.kind == Kind::Main {
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
    match session.filter(|_| shell.ended.is_none()) {
        Some(session) if session != SessionId::MAIN => {
            out.push(Effect::Engine(Command::SessionClose { id, session }));
        }
        _ => out.push(Effect::Engine(Command::SessionDetach { ticket })),
    }
    model.shells.remove(ticket);
    leave_if_empty(model);
}

/// A terminal's session is over. One that ended well goes; any other stays to be looked at.
pub(super) fn closed(model: &mut Model, ticket: u64, exit_code: Option<i32>) {
    let Some(shell) = model.shells.by_ticket(ticket) else { return };
    let text = match exit_code {
        Some(0) => format!("{} in {} ended", shell.title, shell.name),
        Some(code) => {
            shell.ended = Some(match signal(code) {
                Some(name) => format!("ended by {name} (exit code {code})"),
                None => format!("ended with exit code {code}"),
            });
            return;
        }
        None => format!("left {} in {}; it goes on", shell.title, shell.name),
    };
    model.shells.remove(ticket);
    leave_if_empty(model);
    model.say(NoticeKind::Info, text);
}

/// A terminal could not be opened, or broke off; says whether it stays to tell why.
pub(super) fn failed(model: &mut Model, ticket: u64, failure: &teu_api::Failure) -> bool {
    let Some(shell) = model.shells.by_ticket(ticket) else { return false };
    if shell.kind == Kind::Shell && failure.kind == teu_api::FailureKind::CommandNotFound {
        shell.ended = Some(failure.message.clone());
        return true;
    }
    model.shells.remove(ticket);
    leave_if_empty(model);
    false
}

/// The signal that an exit code stands for.
fn signal(code: i32) -> Option<&'static str> {
    Some(match code - 128 {
        1 => "SIGHUP",
        2 => "SIGINT",
        6 => "SIGABRT",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        _ => return None,
    })
}

pub(super) fn leave_if_empty(model: &mut Model) {
    if model.shells.all.is_empty() && model.focus == Focus::Shell {
        model.focus = Focus::List;
    }
}
