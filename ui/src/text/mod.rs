//! Text from outside made safe, measured and cut; figures made readable.

mod ansi;
mod filter;
mod human;

pub use ansi::{Decoded, Run, decode};
pub use filter::Filter;
pub(crate) use filter::regex;
pub use human::{age, bytes, bytes_short, clock, count, date_and_clock, duration, percent, rate};

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether a character may reach a cell: no control, nothing that turns direction or hides text, and nothing that some
/// terminals melt into the cell before it and others do not, so that no two agree on where the rest of the line stands:
/// joiners, variation selectors, tones of skin.
pub fn is_safe(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    !c.is_control()
        && !matches!(c,
            '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text without unsafe characters; a line end becomes a space.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_safe) {
        return Cow::Borrowed(text);
    }
    let keep = |c: char| match c {
        '\n' | '\t' => Some(' '),
        c if is_safe(c) => Some(c),
        _ => None,
    };
    Cow::Owned(text.chars().filter_map(keep).collect())
}

/// How many cells a character takes: 0, 1 or 2.
pub fn char_width(c: char) -> usize {
    if c.is_ascii() { 1 } else { c.width().unwrap_or(0) }
}

/// How many cells a safe text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text cut to a number of cells, with an ellipsis where something was cut off.
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let wide = char_width(c);
        if used + wide > cells - 1 {
            break;
        }
        used += wide;
        end = at + c.len_utf8();
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The text cut in its middle, so that both ends stay readable.
pub fn fit_middle(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells || cells < 5 {
        return fit(text, cells);
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut head, mut tail) = (0, chars.len());
    let (mut left, mut right) = (0, 0);
    while left + right < cells - 1 && head < tail {
        let (at_left, at_right) = (char_width(chars[head]), char_width(chars[tail - 1]));
        if left <= right {
            if left + right + at_left > cells - 1 {
                break;
            }
            left += at_left;
            head += 1;
        } else {
            if left + right + at_right > cells - 1 {
                break;
            }
            right += at_right;
            tail -= 1;
        }
    }
    Cow::Owned(format!(
        "{}…{}",
        chars[..head].iter().collect::<String>(),
        chars[tail..].iter().collect::<String>()
    ))
}

/// Words laid into lines of at most so many cells; a longer word goes on in the next line.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let wide = width(word);
        if used > 0 && used + 1 + wide > cells {
            lines.push(String::new());
            used = 0;
        } else if used > 0 {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
            used += 1;
        }
        for c in word.chars() {
            let wide = char_width(c);
            if used + wide > cells {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += wide;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_go() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\nd"), "a[31mbc d");
        assert!(matches!(clean("plain ünï 漢"), Cow::Borrowed(_)));
    }

    #[test]
    fn no_cluster_is_wider_than_its_characters() {
        for text in ["👩‍👩‍👧‍👦|", "❤️|", "👍🏽|", "1️⃣|", "🏳️‍🌈|", "e\u{301}|", "🇩🇪|", "각|"]
        {
            let safe = clean(text);
            let sum: usize = safe.chars().map(char_width).sum();
            assert_eq!(width(&safe), sum, "{text} as {safe}");
        }
    }

    #[test]
    fn cutting_counts_cells() {
        assert_eq!(fit("container", 9), "container");
        assert_eq!(fit("container", 5), "cont…");
        assert_eq!(fit("漢字漢字", 5), "漢字…");
        assert_eq!(fit("漢字漢字", 4), "漢…");
        assert_eq!(fit("x", 0), "");
        assert_eq!(fit_middle("registry/some/long/name:tag", 11), "regis…e:tag");
    }

    #[test]
    fn words_are_laid_into_lines() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("an incomprehensible", 6), ["an", "incomp", "rehens", "ible"]);
    }
}
