//! Keys and mouse events as plain data, their written form, and the keymap.

mod keymap;
mod mouse;
mod sequence;
mod table;
mod written;

pub(crate) use keymap::line_of;
pub use keymap::{Binding, Continuation, Keymap, KeymapProblem, Lookup};
pub use mouse::{MouseButton, MouseEvent, MouseKind};
pub use sequence::KeySequence;
pub use table::Layer;
pub use written::KeyParseError;

/// A key without its modifiers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyCode {
    /// A character; upper case where shift was held.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab; with shift for the back tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    F(u8),
}

/// A key with its modifiers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyEvent {
    /// The key.
    pub code: KeyCode,
    /// Whether control was held.
    pub ctrl: bool,
    /// Whether alt was held.
    pub alt: bool,
    /// Whether shift was held; never set for characters, whose case says it.
    pub shift: bool,
}

impl KeyEvent {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// A key as a terminal reports it, brought to one form: characters carry shift in their case, and control
    /// with a letter is always lower case.
    pub fn new(code: KeyCode, ctrl: bool, alt: bool, shift: bool) -> Self {
        match code {
            KeyCode::Char(c) if ctrl => {
                // The control characters 0x1c to 0x1f have two names each, and terminals report either.
                let name = match c {
                    '4' => '\\',
                    '5' => ']',
                    '6' => '^',
                    '7' => '_',
                    c => c.to_ascii_lowercase(),
                };
                Self { code: KeyCode::Char(name), ctrl, alt, shift: false }
            }
            KeyCode::Char(c) if shift && c.is_ascii_lowercase() => {
                Self { code: KeyCode::Char(c.to_ascii_uppercase()), ctrl, alt, shift: false }
            }
            KeyCode::Char(_) => Self { code, ctrl, alt, shift: false },
            _ => Self { code, ctrl, alt, shift },
        }
    }

    /// The character typed, when it is text and no command.
    pub fn typed(&self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}
