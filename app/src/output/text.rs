//! Text that strangers wrote, made fit for one line of a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use teu_api::error::is_commanding;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Writes control characters, and those that turn the direction of text, as escapes.
pub fn safe(text: &str) -> Cow<'_, str> {
    if is_safe(text) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            c if is_commanding(c) && (c as u32) < 0x100 => _ = write!(clean, "\\x{:02x}", c as u32),
            c if is_commanding(c) => _ = write!(clean, "\\u{:04x}", c as u32),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Whether a text can be printed as it is.
pub(super) fn is_safe(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || !text.chars().any(is_commanding)
}

/// Cuts a text to so many columns, the last of them `…`.
pub fn ellipsis(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        used += width;
        cut.push(c);
    }
    if columns > 0 {
        cut.push('…');
    }
    Cow::Owned(cut)
}

/// A text in double quotes, with quotes, backslashes and dangerous characters escaped.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c => quoted.push_str(&safe(c.encode_utf8(&mut [0; 4]))),
        }
    }
    quoted.push('"');
    quoted
}

/// A command line as the COMMAND column shows it: `"sh -c 'exit 3'"`, cut to 20 columns unless `whole`.
pub fn command(args: &[String], whole: bool) -> String {
    let words: Vec<Cow<'_, str>> = args
        .iter()
        .enumerate()
        .map(|(at, word)| if at > 0 && word.contains(' ') { format!("'{word}'").into() } else { word.into() })
        .collect();
    let line = words.join(" ");
    if whole { quoted(&line) } else { quoted(&ellipsis(&line, 20)) }
}

/// The first twelve digits of an id, without its algorithm.
pub fn short_id(id: &str) -> &str {
    let digits = id.split_once(':').map_or(id, |(_, digits)| digits);
    digits.get(..12).unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_escapes() {
        assert_eq!(safe("plain é"), "plain é");
        assert_eq!(safe("a\x1b[2Jb\nc\u{202e}d\u{9b}"), "a\\x1b[2Jb\\nc\\u202ed\\x9b");
        assert_eq!(quoted("a\"\\\t"), r#""a\"\\\t""#);
    }

    #[test]
    fn long_texts_are_cut_by_columns() {
        assert_eq!(ellipsis("sleep 100", 20), "sleep 100");
        assert_eq!(ellipsis("0123456789", 5), "0123…");
        assert_eq!(ellipsis("日本語", 4), "日…");
        assert_eq!(ellipsis("ab", 0), "");
        let args = ["/bin/sh", "-c", "while true; do echo; done"].map(str::to_owned);
        assert_eq!(command(&args, false), "\"/bin/sh -c 'while t…\"");
        assert_eq!(command(&["sh", "-c", "exit 3"].map(str::to_owned), true), "\"sh -c 'exit 3'\"");
    }

    #[test]
    fn ids_are_shortened() {
        assert_eq!(short_id("sha256:0123456789abcdef"), "0123456789ab");
        assert_eq!(short_id("web"), "web");
    }
}
