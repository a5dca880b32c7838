//! Failures as users meet them: one line that says what failed, on what, why, and what to do.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

/// What kind of failure it is; decides the exit code and how the user interface words it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FailureKind {
    /// The request itself is wrong: a flag, a name, a combination.
    Usage,
    /// The thing named does not exist.
    NotFound,
    /// The state does not allow it: already running, name taken, in use.
    Conflict,
    /// The command in the container cannot be executed (exit code 126).
    NotExecutable,
    /// The command in the container does not exist (exit code 127).
    CommandNotFound,
    /// This host or kernel cannot do it.
    Unsupported,
    /// Whoever asked for it took it back.
    Cancelled,
    /// Everything else: the kernel, the disk, the network.
    Internal,
}

/// One failure, ready to be shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// What failed, on what, and why: one line without a trailing stop.
    pub message: String,
    /// What the user can do about it: one line.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure of the given kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// A wrong request.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// A missing thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(FailureKind::NotFound, message)
    }

    /// A state that forbids the request.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Conflict, message)
    }

    /// A host that cannot do it.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Unsupported, message)
    }

    /// Work that was taken back before it was done.
    pub fn cancelled(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Cancelled, message)
    }

    /// A failure of the kernel, the disk or the network.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Internal, message)
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown(&self.message))?;
        match &self.hint {
            Some(hint) => write!(f, " ({})", Shown(hint)),
            None => Ok(()),
        }
    }
}

/// Whether a character does something to a terminal or to the text around it: controls, separators of lines, and the
/// marks that reorder text (Unicode's `Bidi_Control`).
pub fn is_commanding(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text for a terminal: names and paths in it are others' work, and command nothing.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|one| match one {
            '\n' | '\t' => f.write_char(one),
            one if is_commanding(one) => write!(f, "{}", one.escape_default()),
            one => f.write_char(one),
        })
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_failure_turn_nothing_and_command_nothing() {
        let failure = Failure::usage("no file a\x1b[2Jb\u{202e}c\u{2028}d").hint("not e\u{2066}f");
        assert_eq!(failure.to_string(), "no file a\\u{1b}[2Jb\\u{202e}c\\u{2028}d (not e\\u{2066}f)");
    }
}
