//! What can be wrong with a Dockerfile, and where.

use std::fmt;
use teu_api::Failure;

/// Why a build cannot be planned: one line, `Dockerfile:LINE: message (hint)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildError {
    /// The Dockerfile's line, counted from 1; 0 for the whole of it.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty for nothing.
    pub hint: String,
}

impl BuildError {
    /// An error about one line.
    pub fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), hint: String::new() }
    }

    /// An error about the whole file.
    pub fn new(message: impl Into<String>) -> Self {
        Self::at(0, message)
    }

    /// Adds advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Says where, when that is not said yet.
    #[must_use]
    pub fn or_at(mut self, line: usize) -> Self {
        if self.line == 0 {
            self.line = line;
        }
        self
    }

    /// The failure for people, about a Dockerfile of this name.
    pub fn in_file(self, name: &str) -> Failure {
        let place = if self.line == 0 { name.to_owned() } else { format!("{name}:{}", self.line) };
        Self { message: format!("{place}: {}", self.message), ..self }.into()
    }
}

impl From<BuildError> for Failure {
    /// Without the place, which whoever knows the file says.
    fn from(error: BuildError) -> Self {
        let failure = Self::usage(error.message);
        if error.hint.is_empty() { failure } else { failure.hint(error.hint) }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, " ({})", self.hint) }
    }
}

impl std::error::Error for BuildError {}

/// What reading a Dockerfile gives back.
pub type Result<T, E = BuildError> = std::result::Result<T, E>;
