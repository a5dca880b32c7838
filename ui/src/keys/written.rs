//! Keys as people write them: `e`, `S`, `ctrl-p`, `shift-tab`, `pgup`, `f5`, `space`.

use super::{KeyCode, KeyEvent};
use std::fmt;
use std::str::FromStr;

const NAMES: &[(&str, &str, KeyCode)] = &[
    ("enter", "↵", KeyCode::Enter),
    ("esc", "esc", KeyCode::Esc),
    ("tab", "tab", KeyCode::Tab),
    ("backspace", "⌫", KeyCode::Backspace),
    ("del", "del", KeyCode::Delete),
    ("ins", "ins", KeyCode::Insert),
    ("up", "↑", KeyCode::Up),
    ("down", "↓", KeyCode::Down),
    ("left", "←", KeyCode::Left),
    ("right", "→", KeyCode::Right),
    ("home", "home", KeyCode::Home),
    ("end", "end", KeyCode::End),
    ("pgup", "pgup", KeyCode::PageUp),
    ("pgdn", "pgdn", KeyCode::PageDown),
    ("space", "space", KeyCode::Char(' ')),
];

/// A key that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyParseError(pub String);

impl fmt::Display for KeyParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no key; write it like e, S, ctrl-p, shift-tab, pgup, f5 or space", self.0)
    }
}

impl std::error::Error for KeyParseError {}

impl FromStr for KeyEvent {
    type Err = KeyParseError;

    fn from_str(text: &str) -> Result<Self, KeyParseError> {
        let wrong = || KeyParseError(text.to_owned());
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        while let Some((modifier, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            match modifier {
                "ctrl" => ctrl = true,
                "alt" => alt = true,
                "shift" => shift = true,
                _ => break,
            }
            rest = tail;
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => KeyCode::Char(c),
            _ => match NAMES.iter().find(|(name, ..)| *name == rest) {
                Some((_, _, code)) => *code,
                None => {
                    let number = rest.strip_prefix('f').and_then(|n| n.parse::<u8>().ok());
                    KeyCode::F(number.filter(|n| (1..=24).contains(n)).ok_or_else(wrong)?)
                }
            },
        };
        Ok(Self::new(code, ctrl, alt, shift))
    }
}

impl fmt::Display for KeyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        if let Some((_, shown, _)) = NAMES.iter().find(|(_, _, code)| *code == self.code) {
            return f.write_str(shown);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_keys_are_read() {
        let ctrl_p: KeyEvent = "ctrl-p".parse().unwrap();
        assert_eq!(ctrl_p, KeyEvent::new(KeyCode::Char('p'), true, false, false));
        assert_eq!("S".parse::<KeyEvent>().unwrap().code, KeyCode::Char('S'));
        assert_eq!("-".parse::<KeyEvent>().unwrap().code, KeyCode::Char('-'));
        assert_eq!(
            "ctrl--".parse::<KeyEvent>().unwrap(),
            KeyEvent::new(KeyCode::Char('-'), true, false, false)
        );
        assert_eq!("shift-tab".parse::<KeyEvent>().unwrap(), KeyEvent::new(KeyCode::Tab, false, false, true));
        assert_eq!("ctrl-5".parse::<KeyEvent>().unwrap(), "ctrl-]".parse::<KeyEvent>().unwrap());
        assert_eq!("f12".parse::<KeyEvent>().unwrap().code, KeyCode::F(12));
        for wrong in ["", "f99", "hyper-x", "ctrl-", "pageup"] {
            assert!(wrong.parse::<KeyEvent>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn keys_are_shown_short() {
        for (written, shown) in
            [("enter", "↵"), ("ctrl-]", "ctrl-]"), ("space", "space"), ("shift-pgup", "shift-pgup")]
        {
            assert_eq!(written.parse::<KeyEvent>().unwrap().to_string(), shown);
        }
    }
}
