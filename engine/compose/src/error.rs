//! What can be wrong with a project, and where.

use std::fmt;
use teu_api::Failure;

/// A place in a file; lines and columns count from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    /// The file as the user named it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why a project cannot be loaded: one line, `file:line:column: path.of.key: message (hint)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ComposeError {
    /// Where, if it is about one place.
    pub position: Option<Position>,
    /// The key's path from the top of the file, `services.web.ports`; empty for the whole project.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty for nothing.
    pub hint: String,
    /// Whether a file is missing, rather than wrong.
    pub missing: bool,
}

impl ComposeError {
    /// An error about no place in particular.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            position: None,
            path: String::new(),
            message: message.into(),
            hint: String::new(),
            missing: false,
        }
    }

    /// Adds the key's path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Says that a file is missing.
    #[must_use]
    pub fn missing(mut self) -> Self {
        self.missing = true;
        self
    }
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = &self.position {
            write!(f, "{position}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for ComposeError {}

impl From<ComposeError> for Failure {
    fn from(error: ComposeError) -> Self {
        let hint = error.hint.clone();
        let plain = ComposeError { hint: String::new(), ..error };
        let failure = if plain.missing {
            Failure::not_found(plain.to_string())
        } else {
            Failure::usage(plain.to_string())
        };
        if hint.is_empty() { failure } else { failure.hint(hint) }
    }
}

/// The word of `known` that `word` most likely was meant to be, if any is near.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase().replace('-', "_");
    let limit = match word.len() {
        0..=2 => 0,
        3..=4 => 1,
        length => 2 + length / 8,
    };
    known
        .into_iter()
        .map(|candidate| (distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(steps, _)| *steps <= limit)
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, candidate)| candidate)
}

/// Advice naming the nearest known word, or nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|candidate| format!("did you mean `{candidate}`?")).unwrap_or_default()
}

/// How many letters must be changed, added, taken away or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let mut best =
                (above[column] + usize::from(a != b)).min(above[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *a == right[column - 1] && left[row - 1] == *b {
                best = best.min(before[column - 1] + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_of_the_finger() {
        let known = ["image", "environment", "ports", "depends_on"];
        assert_eq!(nearest("imgae", known), Some("image"));
        assert_eq!(nearest("enviroment", known), Some("environment"));
        assert_eq!(nearest("depends-on", known), Some("depends_on"));
        assert_eq!(nearest("port", known), Some("ports"));
        assert_eq!(nearest("wrongField", known), None);
    }

    #[test]
    fn display_joins_place_path_message_and_hint() {
        let error = ComposeError {
            position: Some(Position { file: "compose.yaml".into(), line: 3, column: 5 }),
            ..ComposeError::new("unknown key").at("services.web.imgae").hint("did you mean `image`?")
        };
        assert_eq!(
            error.to_string(),
            "compose.yaml:3:5: services.web.imgae: unknown key (did you mean `image`?)"
        );
    }
}
