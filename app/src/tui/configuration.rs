//! The user's settings: `config.toml` in the configuration folder.

use std::fs;
use std::path::Path;
use teu_ui::Confirmation;

/// What the file may say; what it does not say is left as it is.
#[derive(Default, PartialEq, Debug)]
pub struct Configuration {
    /// `theme = "nord"`.
    pub theme: Option<String>,
    /// `confirm = "all"`, `"removals"` or `"nothing"`.
    pub confirm: Option<Confirmation>,
    /// `undo-seconds = 4`: how long a removal can be taken back; 0 removes at once.
    pub undo_seconds: Option<u32>,
    /// `readonly = true`.
    pub readonly: Option<bool>,
}

/// Reads the file; what is wrong in it is told with its line, what is right is used.
pub fn read(path: &Path, notices: &mut Vec<String>) -> Configuration {
    let Ok(text) = fs::read_to_string(path) else { return Configuration::default() };
    let (configuration, problems) = parse(&text);
    notices.extend(problems.into_iter().map(|(line, why)| format!("{}:{line}: {why}", path.display())));
    configuration
}

fn parse(text: &str) -> (Configuration, Vec<(usize, String)>) {
    let mut found = Configuration::default();
    let mut problems = Vec::new();
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let start = error.span().map_or(0, |span| span.start);
            let line = text.as_bytes().iter().take(start).filter(|byte| **byte == b'\n').count() + 1;
            return (found, vec![(line, error.message().to_owned())]);
        }
    };
    for (key, value) in &table {
        let is_key =
            |line: &str| line.trim_start().strip_prefix(key).is_some_and(|r| r.trim_start().starts_with('='));
        let line = text.lines().position(is_key).map_or(1, |at| at + 1);
        let known = match key.as_str() {
            "theme" => {
                found.theme = value.as_str().map(str::to_owned);
                found.theme.is_some()
            }
            "confirm" => {
                found.confirm = match value.as_str() {
                    Some("all") => Some(Confirmation::All),
                    Some("removals") => Some(Confirmation::Removals),
                    Some("nothing") => Some(Confirmation::Nothing),
                    _ => None,
                };
                found.confirm.is_some()
            }
            "undo-seconds" => {
                found.undo_seconds =
                    value.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 3600);
                found.undo_seconds.is_some()
            }
            "readonly" => {
                found.readonly = value.as_bool();
                found.readonly.is_some()
            }
            _ => {
                let message =
                    format!("there is no setting {key}; there are theme, confirm, undo-seconds and readonly");
                problems.push((line, message));
                continue;
            }
        };
        if !known {
            let wanted = match key.as_str() {
                "theme" => "a theme's name",
                "confirm" => "\"all\", \"removals\" or \"nothing\"",
                "undo-seconds" => "a number from 0 to 3600",
                _ => "true or false",
            };
            problems.push((line, format!("{key} is {value}, not {wanted}")));
        }
    }
    (found, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_is_used_and_what_is_wrong_is_told_with_its_line() {
        let (found, problems) =
            parse("theme = \"nord\"\nconfirm = \"sometimes\"\n\nundo-seconds = 9\nfly = 1\n");
        assert_eq!(found.theme.as_deref(), Some("nord"));
        assert_eq!((found.confirm, found.undo_seconds), (None, Some(9)));
        let lines: Vec<usize> = problems.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 5], "{problems:?}");
        assert_eq!(parse("theme = \n").1[0].0, 1);
    }
}
