//! Whether the terminal is light or dark: it is asked (OSC 11), and its answer is taken out of the keys.
//!
//! Nothing waits for the answer: many terminals give none. It comes in as if it were typed, as alt-], digits and letters,
//! and a bell or alt-\, and must not reach the keymap.

use crossterm::event::{Event, KeyCode, KeyModifiers};

/// The question.
pub const QUERY: &[u8] = b"\x1b]11;?\x07";

/// More keys than this are no answer.
const LONGEST: usize = 40;

/// What became of an event.
#[derive(PartialEq, Debug)]
pub enum Sifted {
    /// It is no part of an answer.
    Through(Event),
    /// It is part of an answer.
    Kept,
    /// It ends the answer: whether the background is light.
    Answer(Option<bool>),
}

/// Takes one answer out of a stream of events.
#[derive(Default)]
pub struct Sieve {
    waiting: bool,
    answer: Option<String>,
}

impl Sieve {
    /// Expects an answer.
    pub fn expect(&mut self) {
        self.waiting = true;
    }

    /// Looks at an event.
    pub fn sift(&mut self, event: Event) -> Sifted {
        let Event::Key(key) = &event else { return Sifted::Through(event) };
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let Some(answer) = &mut self.answer else {
            if self.waiting && alt && key.code == KeyCode::Char(']') {
                self.answer = Some(String::new());
                return Sifted::Kept;
            }
            return Sifted::Through(event);
        };
        let ends = ctrl && key.code == KeyCode::Char('g') || alt && key.code == KeyCode::Char('\\');
        match key.code {
            KeyCode::Char(c) if !ends && answer.len() < LONGEST => {
                answer.push(c);
                Sifted::Kept
            }
            _ => {
                let light = is_light(answer);
                *self = Self::default();
                Sifted::Answer(light)
            }
        }
    }
}

/// Reads `11;rgb:ffff/ffff/ffff`.
fn is_light(answer: &str) -> Option<bool> {
    let colors = answer.strip_prefix("11;rgb:").or_else(|| answer.strip_prefix("11;rgba:"))?;
    let part = |text: &str| {
        let most =
            16_u32.checked_pow(u32::try_from(text.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
        Some(f64::from(u32::from_str_radix(text, 16).ok()?) / f64::from(most))
    };
    let parts: Vec<f64> = colors.split('/').take(3).map(part).collect::<Option<_>>()?;
    let [red, green, blue] = parts[..] else { return None };
    Some(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)
}

/// What `COLORFGBG` says (`15;0`, `0;default;15`): whether the background is light.
pub fn from_variable(value: &str) -> Option<bool> {
    let background: u8 = value.rsplit(';').next()?.parse().ok()?;
    Some(matches!(background, 7 | 9..=15))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyEvent;

    fn key(code: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(code), modifiers))
    }

    #[test]
    fn an_answer_never_reaches_the_keymap() {
        let mut sieve = Sieve::default();
        assert_eq!(sieve.sift(key(']', KeyModifiers::ALT)), Sifted::Through(key(']', KeyModifiers::ALT)));
        sieve.expect();
        assert_eq!(sieve.sift(key('j', KeyModifiers::NONE)), Sifted::Through(key('j', KeyModifiers::NONE)));
        assert_eq!(sieve.sift(key(']', KeyModifiers::ALT)), Sifted::Kept);
        for c in "11;rgb:fafa/fafa/f5f5".chars() {
            assert_eq!(sieve.sift(key(c, KeyModifiers::NONE)), Sifted::Kept);
        }
        assert_eq!(sieve.sift(key('\\', KeyModifiers::ALT)), Sifted::Answer(Some(true)));
        assert_eq!(sieve.sift(key('q', KeyModifiers::NONE)), Sifted::Through(key('q', KeyModifiers::NONE)));
    }

    #[test]
    fn backgrounds_are_light_or_dark() {
        assert_eq!(is_light("11;rgb:1e1e/1e1e/2e2e"), Some(false));
        assert_eq!(is_light("11;rgb:ff/ff/ff"), Some(true));
        assert_eq!(is_light("11;nonsense"), None);
        assert_eq!(is_light("11;rgb://"), None);
        assert_eq!(from_variable("15;0"), Some(false));
        assert_eq!(from_variable("0;default;15"), Some(true));
        assert_eq!(from_variable("default"), None);
    }
}
