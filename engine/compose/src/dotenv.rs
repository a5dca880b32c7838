//! Environment files: `NAME=value` lines with quotes, `export`, comments, several lines in quotes, and variables.

use crate::template::{TemplateError, substitute};
use std::collections::{BTreeMap, BTreeSet};

/// Why an environment file cannot be read, and on which line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DotenvError {
    pub line: u32,
    pub message: String,
}

/// Where a variable's value may also come from; it wins over the file's own.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a file in the format that Compose defines. `into` may hold earlier files' values: they can be referred to and
/// are replaced.
pub(crate) fn parse(
    text: &str,
    into: &mut BTreeMap<String, String>,
    lookup: Lookup<'_>,
) -> Result<(), DotenvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut reader = Reader { rest: &text, line: 1 };
    while reader.skip_blank() {
        let line = reader.line;
        let fail = |message: String| DotenvError { line, message };
        let Some((name, inherited)) = reader.name().map_err(fail)? else { break };
        if name.contains(' ') {
            return Err(DotenvError { line, message: format!("the name `{name}` cannot contain a space") });
        }
        if inherited {
            // A name alone takes its value from outside, and is nothing where there is none.
            if let Some(value) = lookup(&name) {
                into.insert(name, value);
            }
            continue;
        }
        let value = reader.value(into, lookup).map_err(|message| DotenvError { line, message })?;
        into.insert(name, value);
    }
    Ok(())
}

/// Reads a file line by line without any meaning of quotes or variables (`format: raw`).
pub(crate) fn parse_raw(text: &str, into: &mut BTreeMap<String, String>, lookup: Lookup<'_>) {
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once('=') {
            Some((name, value)) => {
                into.insert(name.to_owned(), value.to_owned());
            }
            None => {
                if let Some(value) = lookup(line) {
                    into.insert(line.to_owned(), value);
                }
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
}

impl Reader<'_> {
    fn advance(&mut self, bytes: usize) {
        self.line += self.rest[..bytes].matches('\n').count() as u32;
        self.rest = &self.rest[bytes..];
    }

    /// Skips empty lines and comments; whether anything is left.
    fn skip_blank(&mut self) -> bool {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.advance(blank);
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.advance(end);
        }
    }

    /// Reads a name up to `=`, `:` or the end of the line (then it is inherited).
    fn name(&mut self) -> Result<Option<(String, bool)>, String> {
        if let Some(after) = self.rest.strip_prefix("export")
            && after.starts_with([' ', '\t'])
        {
            let skip = self.rest.len() - after.trim_start_matches([' ', '\t']).len();
            self.advance(skip);
        }
        for (index, letter) in self.rest.char_indices() {
            match letter {
                '=' | ':' | '\n' => {
                    let name = self.rest[..index].trim_end().to_owned();
                    if name.is_empty() {
                        return Err("a value without a name".into());
                    }
                    self.advance(index + 1);
                    return Ok(Some((name, letter == '\n')));
                }
                '_' | '.' | '-' | '[' | ']' | ' ' | '\t' => {}
                letter if letter.is_alphanumeric() => {}
                letter => return Err(format!("unexpected character `{letter}` in a variable's name")),
            }
        }
        let name = self.rest.trim_end().to_owned();
        let all = self.rest.len();
        self.advance(all);
        Ok((!name.is_empty()).then_some((name, true)))
    }

    fn value(&mut self, into: &BTreeMap<String, String>, lookup: Lookup<'_>) -> Result<String, String> {
        let skip = self.rest.len() - self.rest.trim_start_matches([' ', '\t']).len();
        self.advance(skip);
        let expand = |text: &str| {
            let both = |name: &str| lookup(name).or_else(|| into.get(name).cloned());
            substitute(text, &both, &mut BTreeSet::new()).map_err(|error: TemplateError| error.message())
        };
        let Some(quote) = self.rest.chars().next().filter(|first| matches!(first, '\'' | '"')) else {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            let line = &self.rest[..end];
            // A comment begins after white space only, so that `colour=#fff` keeps its value.
            let bare = line.find(" #").map_or(line, |comment| &line[..comment]).trim_end();
            let value = if bare.starts_with('#') { String::new() } else { expand(bare)? };
            self.advance(end);
            return Ok(value);
        };
        let mut escaped = false;
        for (index, letter) in self.rest.char_indices().skip(1) {
            if letter == quote && !escaped {
                let inside = &self.rest[1..index];
                let value =
                    if quote == '"' { expand(&unescape(inside))? } else { inside.replace(r"\'", "'") };
                // Compose reads on right after the closing quote, as if it were a new line.
                self.advance(index + 1);
                return Ok(value);
            }
            escaped = letter == '\\' && !escaped;
        }
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        Err(format!("the quote is never closed: {}", &self.rest[..end]))
    }
}

/// Resolves the escapes of double quotes; a dollar sign that is escaped is no variable. What is no escape stays as it is.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let mut letters = after.chars();
        let known = match letters.next() {
            Some('n') => "\n",
            Some('r') => "\r",
            Some('t') => "\t",
            Some('a') => "\u{7}",
            Some('b') => "\u{8}",
            Some('f') => "\u{c}",
            Some('v') => "\u{b}",
            Some('"') => "\"",
            Some('\\') => "\\",
            Some('$') => "$$",
            Some('0') => match octal(letters.as_str()) {
                Some(letter) => {
                    out.push(letter);
                    rest = &after[4..];
                    continue;
                }
                None => "",
            },
            _ => "",
        };
        if known.is_empty() {
            out.push('\\');
            rest = after;
        } else {
            out.push_str(known);
            rest = letters.as_str();
        }
    }
    out.push_str(rest);
    out
}

/// The letter of three octal digits.
fn octal(text: &str) -> Option<char> {
    let digits = text.get(..3).filter(|digits| digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')))?;
    u8::from_str_radix(digits, 8).ok().map(char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> BTreeMap<String, String> {
        let mut into = BTreeMap::new();
        parse(text, &mut into, &|name| (name == "OUT").then(|| "side".to_owned())).unwrap();
        into
    }

    #[test]
    fn values_quotes_and_comments() {
        let found = read(
            "# c\nA=1\nexport B = two # note\nC='x $A # y'\nD=\"q \\\"$A\\\"\\n\" # c\nE=\nF: yaml\nG=a#b\nOUT\nNONE\nH=\"l1\nl2\"\nI=${A:-z}-${OUT}\nJ=last",
        );
        for (name, value) in [
            ("A", "1"),
            ("B", "two"),
            ("C", "x $A # y"),
            ("D", "q \"1\"\n"),
            ("E", ""),
            ("F", "yaml"),
            ("G", "a#b"),
            ("OUT", "side"),
            ("H", "l1\nl2"),
            ("I", "1-side"),
            ("J", "last"),
        ] {
            assert_eq!(found.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert!(!found.contains_key("NONE"));
    }

    #[test]
    fn escapes_of_quotes() {
        for (text, value) in [
            (r#"A="a\n\tb""#, "a\n\tb"),
            (r#"A="bar\n\ b\az""#, "bar\n\\ b\u{7}z"),
            (r#"A="c:\\dir\.x""#, r"c:\dir\.x"),
            (r#"A="\0123\0""#, r"S\0"),
            (r#"A="foo\$BAR \${OUT} $OUT""#, "foo$BAR ${OUT} side"),
            (r"A='it\'s $OUT \n'", r"it's $OUT \n"),
        ] {
            assert_eq!(read(text)["A"], value, "{text}");
        }
    }

    #[test]
    fn what_follows_a_closing_quote_is_read_like_a_line() {
        let found = read("A='a' OUT\nB=\"b\"C=c\nD='d'x\nE='e'#f\nF='f' # g\n");
        let shown: Vec<String> = found.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(shown, ["A=a", "B=b", "C=c", "D=d", "E=e", "F=f", "OUT=side"]);
    }

    #[test]
    fn the_outside_wins_where_a_variable_is_filled_in() {
        let found = read("OUT=file\nX=$OUT\n");
        assert_eq!((found["OUT"].as_str(), found["X"].as_str()), ("file", "side"));
    }

    #[test]
    fn errors_name_the_line() {
        let fail = |text| parse(text, &mut BTreeMap::new(), &|_| None).unwrap_err();
        assert_eq!(fail("A=1\nB='open\n").line, 2);
        assert_eq!(fail("A=1\n\nB!=1\n").line, 3);
        assert_eq!(fail("A B=1").line, 1);
        assert_eq!(fail("A=1\nB='b' and more\n").message, "the name `and more` cannot contain a space");
        assert_eq!(fail("A=1\nB='b'; C\n").line, 2);
        assert_eq!(fail("A=${B:?no}").message, "required variable B is missing a value: no");
    }

    #[test]
    fn raw_keeps_everything() {
        let mut into = BTreeMap::new();
        parse_raw("A='x' # y\n#c\nB=$A\n", &mut into, &|_| None);
        assert_eq!(into["A"], "'x' # y");
        assert_eq!(into["B"], "$A");
    }
}
