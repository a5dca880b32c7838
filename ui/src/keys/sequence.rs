//! Keys typed one after the other.

use super::{KeyEvent, KeyParseError};
use std::fmt;
use std::str::FromStr;

/// One key, or several in a row: `t l`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct KeySequence(pub Vec<KeyEvent>);

impl From<KeyEvent> for KeySequence {
    fn from(key: KeyEvent) -> Self {
        Self(vec![key])
    }
}

impl FromStr for KeySequence {
    type Err = KeyParseError;

    fn from_str(text: &str) -> Result<Self, KeyParseError> {
        let keys: Vec<KeyEvent> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeyParseError(text.to_owned())) } else { Ok(Self(keys)) }
    }
}

impl fmt::Display for KeySequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            key.fmt(f)?;
        }
        Ok(())
    }
}
