//! The lines at the top that speak to the parser: `# syntax=`, `# escape=`, `# check=`.

use crate::error::{BuildError, Result};

/// What the top of a Dockerfile says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directives {
    /// The front end that the author wants, an image's name.
    pub syntax: Option<String>,
    /// What the author says of checks.
    pub check: Option<String>,
    /// The character that escapes others and continues lines: a backslash or a backtick.
    pub escape: char,
    escape_is_set: bool,
    over: bool,
}

impl Default for Directives {
    fn default() -> Self {
        Self { syntax: None, check: None, escape: '\\', escape_is_set: false, over: false }
    }
}

impl Directives {
    /// Looks at a line; the first that is none ends them.
    pub(super) fn look_at(&mut self, line: &str) -> Result<()> {
        if self.over {
            return Ok(());
        }
        let Some((name, value)) = split(line) else {
            self.over = true;
            return Ok(());
        };
        let name = name.to_ascii_lowercase();
        let twice = || Err(BuildError::new(format!("only one {name} parser directive can be used")));
        match name.as_str() {
            "syntax" if self.syntax.is_some() => return twice(),
            "check" if self.check.is_some() => return twice(),
            "escape" if self.escape_is_set => return twice(),
            "syntax" => self.syntax = Some(value.to_owned()),
            "check" => self.check = Some(value.to_owned()),
            "escape" => {
                self.escape = match value {
                    "\\" => '\\',
                    "`" => '`',
                    other => {
                        return Err(BuildError::new(format!(
                            "invalid escape token '{other}' does not match ` or \\"
                        )));
                    }
                };
                self.escape_is_set = true;
            }
            // An ordinary comment that looks like one.
            _ => {}
        }
        Ok(())
    }
}

/// `# name = value`.
fn split(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    (is_name && !value.is_empty()).then_some((name, value))
}
