//! JSON for terminals and programs alike: the dangerous characters of strangers' text are written as JSON escapes (`\u001b`),
//! which every reader of JSON takes for the same text.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io;
use teu_api::error::is_commanding;

/// On one line.
pub fn compact(value: &impl Serialize) -> String {
    written(value, CompactFormatter)
}

/// Over several lines, each level four spaces deeper, as `inspect` prints.
pub fn pretty(value: &impl Serialize) -> String {
    written(value, PrettyFormatter::with_indent(b"    "))
}

fn written(value: &impl Serialize, formatter: impl Formatter) -> String {
    let mut out = Vec::new();
    // Into memory and from plain data: neither can fail, and half a document is better than none.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut out, Escaping(formatter)));
    String::from_utf8(out).unwrap_or_default()
}

/// A formatter that escapes more.
struct Escaping<F>(F);

macro_rules! hand_through {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W, $($argument: $kind),*) -> io::Result<()> {
            self.0.$name(writer, $($argument),*)
        })*
    };
}

impl<F: Formatter> Formatter for Escaping<F> {
    hand_through! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_commanding(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            write!(writer, "\\u{:04x}", c as u32)?;
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn dangerous_characters_are_escaped_and_read_back() {
        let value = json!({"a\u{9b}": ["\x1b[2J", "x\u{202e}y", "é", 1, true, null, {}]});
        for text in [compact(&value), pretty(&value)] {
            assert!(!text.chars().any(|c| is_commanding(c) && c != '\n'), "{text:?}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
        assert_eq!(compact(&json!({"a": [1, 2]})), "{\"a\":[1,2]}");
        assert_eq!(pretty(&json!([{"a": 1}])), "[\n    {\n        \"a\": 1\n    }\n]");
    }
}
