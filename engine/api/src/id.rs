//! Identifiers: what names a container, and what a user may type for one.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of hexadecimal digits shown in listings, as Docker shows them.
const SHORT: usize = 12;

/// A container's identity: 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContainerId(String);

impl ContainerId {
    /// Makes an id from 32 random bytes. The caller supplies the randomness so that this crate needs no kernel.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Accepts a full id as stored: 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        valid.then(|| Self(text.to_owned()))
    }

    /// The full id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, as listings show them.
    pub fn short(&self) -> &str {
        &self.0[..SHORT]
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContainerId({})", self.short())
    }
}

/// A session inside a container: 0 is its first process, others are exec sessions numbered by the supervisor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u32);

impl SessionId {
    /// The container's first process.
    pub const MAIN: Self = Self(0);
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whether a text may name a container, volume or network: Docker's `[a-zA-Z0-9][a-zA-Z0-9_.-]+`.
pub fn is_valid_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.len() >= 2
        && text.len() <= 255
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// Whether a text may name a network: like other names, and one letter is enough, as with Docker.
pub fn is_valid_network_name(text: &str) -> bool {
    is_valid_name(text) || (text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_hexadecimal_and_parse_back() {
        let id = ContainerId::from_bytes([0xab; 32]);
        assert_eq!(id.short(), "abababababab");
        assert_eq!(ContainerId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(ContainerId::parse("abc"), None);
        assert_eq!(ContainerId::parse(&id.as_str().to_uppercase()), None);
    }

    #[test]
    fn names_follow_docker() {
        for good in ["web", "a1", "my_app.v2-x", "0day"] {
            assert!(is_valid_name(good), "{good}");
        }
        for bad in ["", "a", "-web", ".web", "we b", "w/b", "wéb", "a\n"] {
            assert!(!is_valid_name(bad), "{bad}");
        }
    }
}
