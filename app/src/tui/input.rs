//! The terminal's events as the user interface's messages.

use crossterm::event::{self, Event, KeyEventKind, KeyModifiers};
use teu_ui::Msg;
use teu_ui::keys::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseKind};

/// The message of a terminal event; none where it says nothing to us.
pub fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => convert_key(key).map(Msg::Key),
        Event::Key(_) => None,
        Event::Mouse(mouse) => Some(Msg::Mouse(convert_mouse(mouse))),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize { columns, rows }),
        Event::FocusGained => Some(Msg::FocusGained),
        Event::FocusLost => Some(Msg::FocusLost),
    }
}

fn convert_key(key: event::KeyEvent) -> Option<KeyEvent> {
    let held = |modifier| key.modifiers.contains(modifier);
    let mut shift = held(KeyModifiers::SHIFT);
    let code = match key.code {
        event::KeyCode::Char(c) => KeyCode::Char(c),
        event::KeyCode::Enter => KeyCode::Enter,
        event::KeyCode::Esc => KeyCode::Esc,
        event::KeyCode::Tab => KeyCode::Tab,
        event::KeyCode::BackTab => {
            shift = true;
            KeyCode::Tab
        }
        event::KeyCode::Backspace => KeyCode::Backspace,
        event::KeyCode::Delete => KeyCode::Delete,
        event::KeyCode::Insert => KeyCode::Insert,
        event::KeyCode::Up => KeyCode::Up,
        event::KeyCode::Down => KeyCode::Down,
        event::KeyCode::Left => KeyCode::Left,
        event::KeyCode::Right => KeyCode::Right,
        event::KeyCode::Home => KeyCode::Home,
        event::KeyCode::End => KeyCode::End,
        event::KeyCode::PageUp => KeyCode::PageUp,
        event::KeyCode::PageDown => KeyCode::PageDown,
        event::KeyCode::F(number) => KeyCode::F(number),
        _ => return None,
    };
    Some(KeyEvent::new(code, held(KeyModifiers::CONTROL), held(KeyModifiers::ALT), shift))
}

fn convert_mouse(mouse: event::MouseEvent) -> MouseEvent {
    let button = |button| match button {
        event::MouseButton::Left => MouseButton::Left,
        event::MouseButton::Right => MouseButton::Right,
        event::MouseButton::Middle => MouseButton::Middle,
    };
    let kind = match mouse.kind {
        event::MouseEventKind::Down(which) => MouseKind::Down(button(which)),
        event::MouseEventKind::Up(which) => MouseKind::Up(button(which)),
        event::MouseEventKind::Drag(which) => MouseKind::Drag(button(which)),
        event::MouseEventKind::ScrollUp => MouseKind::ScrollUp,
        event::MouseEventKind::ScrollDown => MouseKind::ScrollDown,
        event::MouseEventKind::ScrollLeft => MouseKind::ScrollLeft,
        event::MouseEventKind::ScrollRight => MouseKind::ScrollRight,
        event::MouseEventKind::Moved => MouseKind::Moved,
    };
    let held = |modifier| mouse.modifiers.contains(modifier);
    MouseEvent {
        kind,
        column: mouse.column,
        row: mouse.row,
        ctrl: held(KeyModifiers::CONTROL),
        alt: held(KeyModifiers::ALT),
        shift: held(KeyModifiers::SHIFT),
    }
}
