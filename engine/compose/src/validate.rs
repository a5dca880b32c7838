//! What is wrong with a text that someone is writing: everything that can be told at once, each with its place.

use crate::error::{ComposeError, Position};
use crate::files::Files;
use crate::load::{LoadOptions, load_from};
use crate::merge::strip;
use crate::schema;
use crate::yaml::parse;
use std::io;
use std::path::Path;

/// How grave a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The project cannot be loaded.
    Error,
    /// It can, but perhaps it is not what was meant.
    Warning,
}

/// Something about a text that its author should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// Where and what. The position is missing where it is about the whole.
    pub error: ComposeError,
}

/// Files of which one is as its author is writing it, saved or not.
struct Edited<'a> {
    path: &'a Path,
    text: &'a str,
    files: &'a dyn Files,
}

impl Files for Edited<'_> {
    fn read(&self, path: &Path) -> io::Result<String> {
        if path == self.path { Ok(self.text.to_owned()) } else { self.files.read(path) }
    }

    fn is_file(&self, path: &Path) -> bool {
        path == self.path || self.files.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.is_dir(path)
    }
}

/// Checks `text` as if it stood in the file at `path`, which is absolute and may be any of the project's files. Other
/// files come from `files`. None for a text that is in order; the gravest come first, then in the text's order.
pub fn validate(text: &str, path: &Path, options: &LoadOptions, files: &dyn Files) -> Vec<Finding> {
    let edited = Edited { path, text, files };
    let mut options = options.clone();
    let named = options.files.iter().any(|file| options.current_directory.join(file) == path);
    if !named && options.files.is_empty() {
        options.files.push(path.to_owned());
    }
    let mut found = Vec::new();
    match load_from(&options, &edited) {
        Ok(project) => found.extend(
            project
                .warnings
                .into_iter()
                .map(|warning| Finding { severity: Severity::Warning, error: ComposeError::new(warning) }),
        ),
        Err(error) => {
            found.push(Finding { severity: Severity::Error, error });
            // Loading stops at the first error; what the schema has to say is told whole.
            for error in mismatches(text, path, &options) {
                if found.iter().all(|known| known.error.position != error.position) {
                    found.push(Finding { severity: Severity::Error, error });
                }
            }
            found.sort_by_key(|finding| {
                finding.error.position.as_ref().map(|place| (place.file.clone(), place.line, place.column))
            });
        }
    }
    found
}

/// Everything in a text that the schema does not allow.
fn mismatches(text: &str, path: &Path, options: &LoadOptions) -> Vec<ComposeError> {
    let file = path.strip_prefix(&options.current_directory).unwrap_or(path).display().to_string();
    let mut found = Vec::new();
    for mut document in parse(text, 0).unwrap_or_default() {
        strip(&mut document);
        for wrong in schema::check_all(&document, &schema::PROJECT, &[]) {
            let position = (wrong.span.line > 0).then(|| Position {
                file: file.clone(),
                line: wrong.span.line,
                column: wrong.span.column,
            });
            found.push(ComposeError {
                position,
                ..ComposeError::new(wrong.message).at(wrong.path).hint(wrong.hint)
            });
        }
    }
    found
}
