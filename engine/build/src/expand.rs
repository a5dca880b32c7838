//! Variables in instructions: `$NAME`, `${NAME:-word}` and their like, with quotes and escapes, as BuildKit expands
//! them.

use crate::error::{BuildError, Result};
use std::iter::Peekable;
use std::str::Chars;

/// What variables stand for.
pub trait Lookup {
    /// A variable's value; `None` where it is not set.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Lookup for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name)
    }
}

/// Expands one word: quotes and escapes are gone from the result, spaces stay.
pub fn word(text: &str, escape: char, variables: &dyn Lookup) -> Result<String> {
    let mut reader = Reader { depth: 0, rest: text.chars().peekable(), escape, variables };
    reader.until(None, Escapes::Removed).map(|words| words.text)
}

/// Expands a word that may become several: spaces outside of quotes part them, also such that variables brought.
pub fn words(text: &str, escape: char, variables: &dyn Lookup) -> Result<Vec<String>> {
    let mut reader = Reader { depth: 0, rest: text.chars().peekable(), escape, variables };
    reader.until(None, Escapes::Removed).map(Words::finish)
}

/// Expands a document: only `$` and the backslash before it, another one, or a line's end mean something.
pub fn text(text: &str, variables: &dyn Lookup) -> Result<String> {
    let mut reader = Reader { depth: 0, rest: text.chars().peekable(), escape: '\\', variables };
    let mut result = String::with_capacity(text.len());
    while let Some(c) = reader.rest.next() {
        match c {
            '$' => result.push_str(&reader.variable()?),
            '\\' => match reader.rest.next() {
                Some('\n') => {}
                Some(next @ ('$' | '\\')) => result.push(next),
                Some(next) => result.extend(['\\', next]),
                None => result.push('\\'),
            },
            c => result.push(c),
        }
    }
    Ok(result)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Removed,
    /// In a pattern an escape still has a meaning.
    Kept,
}

/// One text, and at the same time the words that it is parted into.
#[derive(Default)]
struct Words {
    text: String,
    parted: Vec<String>,
    word: Option<String>,
}

impl Words {
    /// A character that is part of a word whatever it is.
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.word.get_or_insert_default().push(c);
    }

    fn quoted(&mut self, text: &str) {
        self.text.push_str(text);
        self.word.get_or_insert_default().push_str(text);
    }

    /// Text whose spaces part words.
    fn spread(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.text.push(c);
                self.parted.extend(self.word.take());
            } else {
                self.push(c);
            }
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.parted.extend(self.word);
        self.parted
    }
}

/// How deep substitutions may lie in each other.
const DEEPEST: u32 = 100;

struct Reader<'a> {
    depth: u32,
    rest: Peekable<Chars<'a>>,
    escape: char,
    variables: &'a dyn Lookup,
}

impl Reader<'_> {
    /// Reads up to a character, which is taken as well, or to the end.
    fn until(&mut self, stop: Option<char>, escapes: Escapes) -> Result<Words> {
        let mut words = Words::default();
        loop {
            let Some(c) = self.rest.next() else {
                return match stop {
                    None => Ok(words),
                    Some(stop) => Err(BuildError::new(format!("syntax error: missing '{stop}'"))),
                };
            };
            match c {
                c if Some(c) == stop => return Ok(words),
                '\'' => {
                    let mut text = String::new();
                    loop {
                        match self.rest.next() {
                            Some('\'') => break,
                            Some(c) => text.push(c),
                            None => return Err(unterminated("single-quote")),
                        }
                    }
                    words.quoted(&text);
                }
                '"' => {
                    let text = self.double_quoted(escapes)?;
                    words.quoted(&text);
                }
                '$' => {
                    let text = self.variable()?;
                    words.spread(&text);
                }
                c if c == self.escape => {
                    if escapes == Escapes::Kept {
                        words.push(c);
                    }
                    // One at the end stands for itself no more.
                    let Some(next) = self.rest.next() else { return Ok(words) };
                    words.push(next);
                }
                c if c.is_whitespace() && stop.is_none() => words.spread(c.encode_utf8(&mut [0; 4])),
                c => words.push(c),
            }
        }
    }

    fn double_quoted(&mut self, escapes: Escapes) -> Result<String> {
        let mut text = String::new();
        loop {
            match self.rest.next() {
                None => return Err(unterminated("double-quote")),
                Some('"') => return Ok(text),
                Some('$') => text.push_str(&self.variable()?),
                Some(c) if c == self.escape => {
                    if escapes == Escapes::Kept {
                        text.push(c);
                    }
                    match self.rest.next() {
                        None => return Err(unterminated("double-quote")),
                        // Before any other character it means nothing and stays.
                        Some(next) if !matches!(next, '"' | '$') && next != self.escape => {
                            if escapes == Escapes::Removed {
                                text.push(c);
                            }
                            text.push(next);
                        }
                        Some(next) => text.push(next),
                    }
                }
                Some(c) => text.push(c),
            }
        }
    }

    /// What follows a `$`.
    fn variable(&mut self) -> Result<String> {
        if self.rest.peek() != Some(&'{') {
            let name = self.name();
            return Ok(if name.is_empty() {
                "$".to_owned()
            } else {
                self.variables.get(&name).unwrap_or_default()
            });
        }
        self.rest.next();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(BuildError::new("substitutions lie too deep in each other"));
        }
        let value = self.substitution();
        self.depth -= 1;
        value
    }

    /// What follows `${`.
    fn substitution(&mut self) -> Result<String> {
        match self.rest.peek() {
            None => return Err(BuildError::new("syntax error: missing '}'")),
            // Nothing to substitute.
            Some('{' | '}' | ':') => return Err(BuildError::new("syntax error: bad substitution")),
            Some(_) => {}
        }
        let name = self.name();
        let value = self.variables.get(&name);
        let mut modifier = self.rest.next();
        if modifier == Some('}') {
            return Ok(value.unwrap_or_default());
        }
        let empty_is_unset = modifier == Some(':');
        let mut shown = modifier.map(String::from).unwrap_or_default();
        if empty_is_unset {
            modifier = self.rest.next();
            shown.extend(modifier);
        }
        let is_set = value.as_ref().is_some_and(|value| !(empty_is_unset && value.is_empty()));
        match modifier {
            Some('-') => {
                let word = self.until(Some('}'), Escapes::Removed)?.text;
                Ok(if is_set { value.unwrap_or_default() } else { word })
            }
            Some('+') => {
                let word = self.until(Some('}'), Escapes::Removed)?.text;
                Ok(if is_set { word } else { String::new() })
            }
            Some('?') => {
                let word = self.until(Some('}'), Escapes::Removed)?.text;
                match value {
                    Some(value) if is_set => Ok(value),
                    _ => {
                        let reason =
                            if word.is_empty() { "is not allowed to be unset".to_owned() } else { word };
                        Err(BuildError::new(format!("{name}: {reason}")))
                    }
                }
            }
            Some(side @ ('#' | '%')) if !empty_is_unset => {
                let longest = self.rest.peek() == Some(&side);
                if longest {
                    self.rest.next();
                }
                let pattern = self.until(Some('}'), Escapes::Kept)?.text;
                Ok(without(&value.unwrap_or_default(), &pattern, self.escape, side == '#', longest))
            }
            Some('/') if !empty_is_unset => {
                let all = self.rest.peek() == Some(&'/');
                if all {
                    self.rest.next();
                }
                let pattern = self.until(Some('/'), Escapes::Kept)?.text;
                let replacement = self.until(Some('}'), Escapes::Removed)?.text;
                Ok(replace(&value.unwrap_or_default(), &pattern, self.escape, &replacement, all))
            }
            None => Err(BuildError::new("syntax error: missing '}'")),
            Some(_) => Err(BuildError::new(format!("unsupported modifier ({shown}) in substitution"))),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.rest.peek().copied() {
            if name.is_empty() && c.is_ascii_digit() {
                while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
                    name.push(digit);
                }
                return name;
            }
            if name.is_empty() && matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!') {
                self.rest.next();
                return c.to_string();
            }
            if !(c.is_alphanumeric() || c == '_') {
                break;
            }
            name.push(c);
            self.rest.next();
        }
        name
    }
}

fn unterminated(what: &str) -> BuildError {
    BuildError::new(format!("unexpected end of statement while looking for matching {what}"))
}

/// A shell pattern: `*`, `?`, and escaped characters. What follows the last `*` met is tried again one character further
/// on, so that no pattern takes long.
fn matches(pattern: &[char], text: &[char], escape: char) -> bool {
    let (mut at, mut index) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    loop {
        match pattern.get(at) {
            Some('*') => {
                again = Some((at, index));
                at += 1;
                continue;
            }
            None if index == text.len() => return true,
            Some('?') if index < text.len() => {
                (at, index) = (at + 1, index + 1);
                continue;
            }
            Some(c) => {
                let escaped = if *c == escape { pattern.get(at + 1) } else { None };
                if text.get(index) == Some(escaped.unwrap_or(c)) {
                    at += if escaped.is_some() { 2 } else { 1 };
                    index += 1;
                    continue;
                }
            }
            None => {}
        }
        match again {
            Some((star, from)) if from < text.len() => {
                again = Some((star, from + 1));
                (at, index) = (star + 1, from + 1);
            }
            _ => return false,
        }
    }
}

/// `${NAME#pattern}`, `##`, `%`, `%%`.
fn without(value: &str, pattern: &str, escape: char, from_start: bool, longest: bool) -> String {
    let (text, pattern): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let fits = |length: &usize| {
        let part = if from_start { &text[..*length] } else { &text[text.len() - *length..] };
        matches(&pattern, part, escape)
    };
    let mut lengths = 0..=text.len();
    let found = if longest { lengths.rev().find(fits) } else { lengths.find(fits) };
    let Some(length) = found else { return value.to_owned() };
    if from_start { text[length..].iter().collect() } else { text[..text.len() - length].iter().collect() }
}

/// `${NAME/pattern/replacement}`, `//`: the longest match at each place.
fn replace(value: &str, pattern: &str, escape: char, replacement: &str, all: bool) -> String {
    let (text, pattern): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let (mut result, mut at) = (String::new(), 0);
    while at < text.len() {
        let found = (at + 1..=text.len()).rev().find(|end| matches(&pattern, &text[at..*end], escape));
        let Some(end) = found else {
            result.push(text[at]);
            at += 1;
            continue;
        };
        result.push_str(replacement);
        at = end;
        if !all {
            break;
        }
    }
    result.extend(&text[at..]);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "A" => Some("a b".into()),
            "EMPTY" => Some(String::new()),
            "PATH_" => Some("/usr/local/bin.tar.gz".into()),
            "1" => Some("one".into()),
            _ => None,
        }
    }

    fn one(text: &str) -> String {
        word(text, '\\', &variables).unwrap_or_else(|error| format!("error: {error}"))
    }

    #[test]
    fn variables_quotes_and_escapes() {
        for (text, expected) in [
            ("x$A", "xa b"),
            ("${A}x", "a bx"),
            ("'$A'", "$A"),
            ("\"$A\"", "a b"),
            ("\\$A", "$A"),
            ("\"\\$A \\x\"", "$A \\x"),
            ("$", "$"),
            ("$.", "$."),
            ("$NONE.", "."),
            ("$1x", "onex"),
            ("${A:-w}", "a b"),
            ("${NONE:-w$A}", "wa b"),
            ("${EMPTY:-w}", "w"),
            ("${EMPTY-w}", ""),
            ("${EMPTY:+w}", ""),
            ("${EMPTY+w}", "w"),
            ("${NONE+w}", ""),
            ("${NONE:?gone}", "error: NONE: gone"),
            ("${NONE?}", "error: NONE: is not allowed to be unset"),
            ("${PATH_#*/}", "usr/local/bin.tar.gz"),
            ("${PATH_##*/}", "bin.tar.gz"),
            ("${PATH_%.*}", "/usr/local/bin.tar"),
            ("${PATH_%%.*}", "/usr/local/bin"),
            ("${PATH_/local/x}", "/usr/x/bin.tar.gz"),
            ("${PATH_//\\//-}", "-usr-local-bin.tar.gz"),
            ("${A", "error: syntax error: missing '}'"),
            ("${}", "error: syntax error: bad substitution"),
            ("${A:#x}", "error: unsupported modifier (:#) in substitution"),
            ("${A^x}", "error: unsupported modifier (^) in substitution"),
            ("'x", "error: unexpected end of statement while looking for matching single-quote"),
            ("x\\", "x"),
        ] {
            assert_eq!(one(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_parted_after_the_expansion() {
        let all = |text: &str| words(text, '\\', &variables).unwrap();
        assert_eq!(all("$A c"), ["a", "b", "c"]);
        assert_eq!(all("\"$A\" ''"), ["a b", ""]);
        assert_eq!(all("x\\ y$NONE"), ["x y"]);
        assert_eq!(all("  "), [""; 0]);
    }

    #[test]
    fn another_escape_leaves_backslashes_alone() {
        assert_eq!(word("c:\\x`$A", '`', &variables).unwrap(), "c:\\x$A");
    }
}
