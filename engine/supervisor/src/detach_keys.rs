//! The keys that leave an attached session, found in what is typed: Docker's syntax, `ctrl-p,ctrl-q` by default.
//!
//! Pure: the client that owns the terminal feeds it and sends on what it lets through.

use teu_api::Failure;

/// Docker's default.
pub const DEFAULT: &str = "ctrl-p,ctrl-q";

/// A key sequence and how much of it was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DetachKeys {
    sequence: Vec<u8>,
    matched: usize,
}

impl DetachKeys {
    /// Reads `KEY[,KEY…]`, where a key is one character or `ctrl-` and one of `a`-`z`, `@`, `[`, `\`, `]`, `^`, `_`.
    /// An empty text means that nothing leaves the session.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let sequence = if text.is_empty() {
            Vec::new()
        } else {
            text.split(',').map(parse_key).collect::<Option<Vec<u8>>>().ok_or_else(|| {
                Failure::usage(format!("invalid detach keys ({text})"))
                    .hint("write keys like `a` or `ctrl-p`, separated by commas")
            })?
        };
        Ok(Self { sequence, matched: 0 })
    }

    /// Takes what was typed. Returns what goes to the session, and whether the user left. The beginning of a sequence is
    /// held back until the next key decides; what was typed after the sequence is dropped.
    pub fn feed(&mut self, typed: &[u8]) -> (Vec<u8>, bool) {
        if self.sequence.is_empty() {
            return (typed.to_vec(), false);
        }
        let mut passed = Vec::with_capacity(typed.len() + self.matched);
        for &byte in typed {
            // What was held back may itself hold a later start of the sequence: fall back to the longest one.
            while self.matched > 0 && self.sequence[self.matched] != byte {
                let shorter = self.longest_border(self.matched);
                passed.extend_from_slice(&self.sequence[..self.matched - shorter]);
                self.matched = shorter;
            }
            if self.sequence[self.matched] == byte {
                self.matched += 1;
            } else {
                passed.push(byte);
            }
            if self.matched == self.sequence.len() {
                self.matched = 0;
                return (passed, true);
            }
        }
        (passed, false)
    }

    /// What is held back, for a session whose input ends here.
    pub fn finish(&mut self) -> Vec<u8> {
        let held = self.sequence[..self.matched].to_vec();
        self.matched = 0;
        held
    }

    /// The length of the longest proper prefix that ends the first `length` bytes of the sequence.
    fn longest_border(&self, length: usize) -> usize {
        let prefix = &self.sequence[..length];
        (0..length).rev().find(|&border| prefix.ends_with(&prefix[..border])).unwrap_or(0)
    }
}

impl Default for DetachKeys {
    fn default() -> Self {
        Self { sequence: vec![0x10, 0x11], matched: 0 }
    }
}

fn parse_key(text: &str) -> Option<u8> {
    match text.strip_prefix("ctrl-").map(str::as_bytes) {
        Some(&[key @ b'a'..=b'z']) => Some(key - b'a' + 1),
        Some(b"@") => Some(0),
        Some(&[key @ b'['..=b'_']) => Some(key - b'[' + 27),
        Some(_) => None,
        None => match text.as_bytes() {
            &[key] if key.is_ascii() => Some(key),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_is_dockers() {
        assert_eq!(DetachKeys::default(), DetachKeys::parse(DEFAULT).unwrap());
    }

    #[test]
    fn keys_are_found_across_reads_and_given_back_when_they_lead_nowhere() {
        let mut keys = DetachKeys::default();
        assert_eq!(keys.feed(b"ls\x10"), (b"ls".to_vec(), false));
        assert_eq!(keys.feed(b"x"), (b"\x10x".to_vec(), false));
        assert_eq!(keys.feed(b"\x10\x10"), (b"\x10".to_vec(), false));
        assert_eq!(keys.feed(b"\x11rest"), (Vec::new(), true));
        assert_eq!(keys.feed(b"a\x10"), (b"a".to_vec(), false));
        assert_eq!(keys.finish(), b"\x10");
    }

    #[test]
    fn a_sequence_that_repeats_itself_is_found() {
        let mut keys = DetachKeys::parse("a,b,a,c").unwrap();
        assert_eq!(keys.feed(b"ababac"), (b"ab".to_vec(), true));
    }

    #[test]
    fn syntax() {
        assert_eq!(DetachKeys::parse("ctrl-@,ctrl-[,ctrl-_,~").unwrap().sequence, [0, 27, 31, b'~']);
        assert_eq!(DetachKeys::parse("").unwrap().feed(b"\x10\x11"), (b"\x10\x11".to_vec(), false));
        for bad in ["ctrl-", "ctrl-1", "ctrl-ab", "ab", "a,,b", "é", ","] {
            assert!(DetachKeys::parse(bad).is_err(), "{bad}");
        }
    }
}
