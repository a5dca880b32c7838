//! Keys, mouse events and pasted text as the bytes that programs in a terminal expect (xterm's control sequences).

use crate::keys::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseKind};
use vt100::{MouseProtocolEncoding, MouseProtocolMode, Screen};

/// A key's bytes; empty when the terminal has none for it.
pub fn encode_key(key: KeyEvent, screen: &Screen) -> Vec<u8> {
    let modifiers = 1 + u8::from(key.shift) + 2 * u8::from(key.alt) + 4 * u8::from(key.ctrl);
    let plain = modifiers == 1;
    let cursor = |letter: char| match (plain, screen.application_cursor()) {
        (true, true) => format!("\x1bO{letter}").into_bytes(),
        (true, false) => format!("\x1b[{letter}").into_bytes(),
        (false, _) => format!("\x1b[1;{modifiers}{letter}").into_bytes(),
    };
    let tilde = |number: u8| {
        if plain {
            format!("\x1b[{number}~").into_bytes()
        } else {
            format!("\x1b[{number};{modifiers}~").into_bytes()
        }
    };
    let with_alt = |mut bytes: Vec<u8>| {
        if key.alt {
            bytes.insert(0, 0x1b);
        }
        bytes
    };
    match key.code {
        KeyCode::Char(c) if key.ctrl => with_alt(control(c).map_or_else(Vec::new, |byte| vec![byte])),
        KeyCode::Char(c) => with_alt(c.to_string().into_bytes()),
        KeyCode::Enter => with_alt(vec![b'\r']),
        KeyCode::Esc => with_alt(vec![0x1b]),
        KeyCode::Tab if key.shift => b"\x1b[Z".to_vec(),
        KeyCode::Tab => with_alt(vec![b'\t']),
        KeyCode::Backspace => with_alt(vec![if key.ctrl { 0x08 } else { 0x7f }]),
        KeyCode::Up => cursor('A'),
        KeyCode::Down => cursor('B'),
        KeyCode::Right => cursor('C'),
        KeyCode::Left => cursor('D'),
        KeyCode::Home => cursor('H'),
        KeyCode::End => cursor('F'),
        KeyCode::Insert => tilde(2),
        KeyCode::Delete => tilde(3),
        KeyCode::PageUp => tilde(5),
        KeyCode::PageDown => tilde(6),
        KeyCode::F(n @ 1..=4) => {
            let letter = char::from(b'P' + n - 1);
            if plain {
                format!("\x1bO{letter}").into_bytes()
            } else {
                format!("\x1b[1;{modifiers}{letter}").into_bytes()
            }
        }
        KeyCode::F(n @ 5..=12) => tilde([15, 17, 18, 19, 20, 21, 23, 24][usize::from(n) - 5]),
        KeyCode::F(_) => Vec::new(),
    }
}

/// The control character that a key with control held types.
fn control(c: char) -> Option<u8> {
    Some(match c {
        'a'..='z' => c as u8 - b'a' + 1,
        ' ' | '@' | '2' => 0,
        '[' | '3' => 0x1b,
        '\\' | '4' => 0x1c,
        ']' | '5' => 0x1d,
        '^' | '6' => 0x1e,
        '_' | '-' | '/' | '7' => 0x1f,
        '?' | '8' => 0x7f,
        _ => return None,
    })
}

/// Pasted text's bytes: bracketed where the program asked for it, and never able to end its own brackets.
pub fn encode_paste(text: &str, screen: &Screen) -> Vec<u8> {
    let text = text.replace("\r\n", "\r").replace('\n', "\r");
    if !screen.bracketed_paste() {
        return text.into_bytes();
    }
    let inside: String = text.chars().filter(|c| *c != '\u{1b}' && *c != '\u{9b}').collect();
    format!("\x1b[200~{inside}\x1b[201~").into_bytes()
}

/// What a program hears that asked for it: its terminal has the keyboard, or has lost it.
pub fn encode_focus(gained: bool) -> Vec<u8> {
    if gained { b"\x1b[I".to_vec() } else { b"\x1b[O".to_vec() }
}

/// A mouse event's bytes at a cell of the terminal, when the program asked for such events.
pub fn encode_mouse(event: MouseEvent, column: u16, row: u16, screen: &Screen) -> Option<Vec<u8>> {
    let mode = screen.mouse_protocol_mode();
    let (button, release, drag) = match event.kind {
        MouseKind::Down(button) => (number(button), false, false),
        MouseKind::Up(button) => (number(button), true, false),
        MouseKind::Drag(button) => (number(button) + 32, false, true),
        MouseKind::ScrollUp => (64, false, false),
        MouseKind::ScrollDown => (65, false, false),
        MouseKind::ScrollLeft => (66, false, false),
        MouseKind::ScrollRight => (67, false, false),
        // No button, in motion.
        MouseKind::Moved => (3 + 32, false, true),
    };
    let wanted = match mode {
        MouseProtocolMode::None => false,
        MouseProtocolMode::Press => !release && !drag,
        MouseProtocolMode::PressRelease => !drag,
        MouseProtocolMode::ButtonMotion => event.kind != MouseKind::Moved,
        MouseProtocolMode::AnyMotion => true,
    };
    if !wanted {
        return None;
    }
    let held = 4 * u8::from(event.shift) + 8 * u8::from(event.alt) + 16 * u8::from(event.ctrl);
    let (x, y) = (u32::from(column) + 1, u32::from(row) + 1);
    match screen.mouse_protocol_encoding() {
        MouseProtocolEncoding::Sgr => {
            let last = if release { 'm' } else { 'M' };
            Some(format!("\x1b[<{};{x};{y}{last}", button + held).into_bytes())
        }
        encoding => {
            let button = if release { 3 } else { button };
            let mut bytes = b"\x1b[M".to_vec();
            bytes.push(32 + button + held);
            for place in [x, y] {
                match encoding {
                    MouseProtocolEncoding::Utf8 => {
                        let c = char::from_u32(32 + place).unwrap_or(' ');
                        bytes.extend(c.to_string().bytes());
                    }
                    // One byte cannot say more than column 223.
                    _ => bytes.push(u8::try_from(32 + place).ok()?),
                }
            }
            Some(bytes)
        }
    }
}

fn number(button: MouseButton) -> u8 {
    match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Terminal;
    use teu_api::session::TerminalSize;

    fn after(bytes: &[u8]) -> Terminal {
        let mut terminal = Terminal::new(TerminalSize { columns: 80, rows: 24 });
        terminal.process(bytes);
        terminal
    }

    fn key(written: &str, terminal: &Terminal) -> Vec<u8> {
        encode_key(written.parse().unwrap(), terminal.screen())
    }

    #[test]
    fn keys_become_bytes() {
        let plain = after(b"");
        let expected: &[(&str, &[u8])] = &[
            ("a", b"a"),
            ("ctrl-c", b"\x03"),
            ("ctrl-]", b"\x1d"),
            ("alt-x", b"\x1bx"),
            ("up", b"\x1b[A"),
            ("ctrl-right", b"\x1b[1;5C"),
            ("shift-tab", b"\x1b[Z"),
            ("f1", b"\x1bOP"),
            ("f5", b"\x1b[15~"),
            ("pgup", b"\x1b[5~"),
            ("backspace", b"\x7f"),
            ("é", "é".as_bytes()),
        ];
        for (written, bytes) in expected {
            assert_eq!(key(written, &plain), *bytes, "{written}");
        }
        assert_eq!(key("up", &after(b"\x1b[?1h")), b"\x1bOA");
    }

    #[test]
    fn a_paste_cannot_leave_its_brackets() {
        let bracketed = after(b"\x1b[?2004h");
        let sent = encode_paste("rm\n\x1b[201~evil", bracketed.screen());
        assert_eq!(sent, b"\x1b[200~rm\r[201~evil\x1b[201~");
        assert_eq!(encode_paste("a\r\nb", after(b"").screen()), b"a\rb");
    }

    #[test]
    fn the_mouse_is_reported_as_asked() {
        let press = MouseEvent {
            kind: MouseKind::Down(MouseButton::Left),
            column: 9,
            row: 9,
            ctrl: false,
            alt: false,
            shift: false,
        };
        assert_eq!(encode_mouse(press, 2, 3, after(b"").screen()), None);
        assert_eq!(
            encode_mouse(press, 2, 3, after(b"\x1b[?1000h\x1b[?1006h").screen()).unwrap(),
            b"\x1b[<0;3;4M"
        );
        assert_eq!(encode_mouse(press, 2, 3, after(b"\x1b[?1000h").screen()).unwrap(), b"\x1b[M #$");
        assert_eq!(encode_mouse(press, 300, 3, after(b"\x1b[?1000h").screen()), None);
        let wide = encode_mouse(press, 300, 3, after(b"\x1b[?1000h\x1b[?1005h").screen()).unwrap();
        assert_eq!(wide, "\x1b[M \u{14d}$".as_bytes());
        let moved = MouseEvent { kind: MouseKind::Moved, ..press };
        assert_eq!(encode_mouse(moved, 2, 3, after(b"\x1b[?1002h\x1b[?1006h").screen()), None);
        let any = after(b"\x1b[?1003h\x1b[?1006h");
        assert_eq!(encode_mouse(moved, 2, 3, any.screen()).unwrap(), b"\x1b[<35;3;4M");
    }
}
