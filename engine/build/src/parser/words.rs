//! How an instruction's rest is parted: flags, words with their quotes, name and value.

use crate::error::{BuildError, Result};

/// What becomes of quotes and escapes in [`parts`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quotes {
    /// They stay.
    Kept,
    /// They go.
    Removed,
}

/// What a keyword and the rest are parted by. A line feed is none: only documents have it.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// The keyword, its flags and the rest.
pub(super) fn command(line: &str) -> (String, Vec<String>, String) {
    let line = line.trim();
    let Some((keyword, rest)) = line.split_once(is_separator) else {
        return (line.to_owned(), Vec::new(), String::new());
    };
    let (flags, rest) = flags(rest.trim_start_matches(is_separator));
    (keyword.to_owned(), flags, rest.trim().to_owned())
}

/// The `--flags` at the beginning, with quotes and backslashes taken away; `--` ends them.
fn flags(line: &str) -> (Vec<String>, &str) {
    let mut flags = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        if !rest.starts_with("--") {
            return (flags, rest);
        }
        let (mut word, mut quote, mut quoted) = (String::new(), None, false);
        let mut characters = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, c)) = characters.next() {
            match (quote, c) {
                (None, c) if c.is_whitespace() => {
                    end = at;
                    break;
                }
                (None, '\'' | '"') => (quote, quoted) = (Some(c), true),
                (Some(open), c) if c == open => quote = None,
                (_, '\\') => word.extend(characters.next().map(|(_, c)| c)),
                (_, c) => word.push(c),
            }
        }
        rest = &rest[end..];
        if word == "--" {
            return (flags, rest);
        }
        if quoted || !word.is_empty() {
            flags.push(word);
        }
    }
}

/// Words, with quotes and escapes left in them for the expansion that follows.
pub(super) fn raw(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut begun) = (String::new(), None, false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match quote {
            None if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
                continue;
            }
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        begun = true;
        if c == escape && quote != Some('\'') {
            // One at the end of the line is dropped; what follows any other is taken as it is.
            let Some(next) = characters.next() else {
                begun = !word.is_empty();
                break;
            };
            word.extend([c, next]);
            continue;
        }
        word.push(c);
    }
    if begun {
        words.push(word);
    }
    words
}

/// Words as a shell parts them, without any expansion.
pub fn parts(text: &str, escape: char, quotes: Quotes) -> Vec<String> {
    let raw = raw(text, escape);
    if quotes == Quotes::Kept {
        return raw;
    }
    raw.iter()
        .map(|word| {
            let (mut plain, mut quote) = (String::new(), None);
            let mut characters = word.chars();
            while let Some(c) = characters.next() {
                match quote {
                    None if matches!(c, '\'' | '"') => quote = Some(c),
                    Some(open) if c == open => quote = None,
                    quote if c == escape && quote != Some('\'') => plain.extend(characters.next()),
                    _ => plain.push(c),
                }
            }
            plain
        })
        .collect()
}

/// Parted by spaces alone.
pub(super) fn spaced(text: &str) -> Vec<String> {
    text.split(is_separator).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `NAME value`, or `NAME=value NAME=value …`: for each a name, a value, and `=` where there was one.
pub(super) fn pairs(text: &str, keyword: &str, escape: char) -> Result<Vec<String>> {
    let words = raw(text, escape);
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    if !first.contains('=') {
        let (name, value) = text
            .split_once(is_separator)
            .ok_or_else(|| BuildError::new(format!("{} must have two arguments", keyword.to_uppercase())))?;
        return Ok(vec![name.to_owned(), value.trim_start_matches(is_separator).to_owned(), String::new()]);
    }
    let mut pairs = Vec::with_capacity(3 * words.len());
    for word in &words {
        let (name, value) = word.split_once('=').ok_or_else(|| {
            BuildError::new(format!(
                "Syntax error - can't find = in {word:?}. Must be of the form: name=value"
            ))
        })?;
        pairs.extend([name.to_owned(), value.to_owned(), "=".to_owned()]);
    }
    Ok(pairs)
}
