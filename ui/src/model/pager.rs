//! A file that is read: as text, or byte by byte.

use regex::Regex;
use teu_api::Failure;
use teu_api::details::{FileContent, ImagePath};

/// Bytes in a row of hexadecimal figures.
pub const ROW: usize = 16;
/// Cells that a tab stop is wide.
const TAB: usize = 8;
/// Most characters of a line that are looked at: nobody scrolls further to the right.
const LONGEST: usize = 16 << 10;

/// The file.
#[derive(Debug)]
pub struct Pager {
    /// Which file.
    pub from: ImagePath,
    /// Its content; `None` until it was read.
    pub content: Option<Result<FileContent, Failure>>,
    /// Where each line begins and ends.
    lines: Vec<(usize, usize)>,
    /// Whether it is shown byte by byte.
    pub hex: bool,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// The first row in view.
    pub offset: usize,
    /// Cells scrolled to the right.
    pub left: usize,
    /// What is looked for.
    pub search: Option<Regex>,
    /// The rows that have it.
    pub found: Vec<usize>,
}

impl Pager {
    /// A file that is still to be read.
    pub fn new(from: ImagePath) -> Self {
        Self {
            from,
            content: None,
            lines: Vec::new(),
            hex: false,
            wrap: false,
            offset: 0,
            left: 0,
            search: None,
            found: Vec::new(),
        }
    }

    /// Takes the content, if it is this file's.
    pub fn take(&mut self, from: &ImagePath, content: Result<FileContent, Failure>) -> bool {
        if self.from != *from {
            return false;
        }
        if let Ok(content) = &content {
            self.hex = is_binary(&content.bytes);
            self.lines = lines(&content.bytes);
        }
        self.content = Some(content);
        true
    }

    /// The bytes that were read.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Some(Ok(content)) => &content.bytes,
            _ => &[],
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        if self.hex { self.bytes().len().div_ceil(ROW) } else { self.lines.len() }
    }

    /// A line's text: safe, tabs laid out.
    pub fn line(&self, at: usize) -> String {
        let Some((start, end)) = self.lines.get(at) else { return String::new() };
        // A character has four bytes at most.
        let end = (*end).min(start + 4 * LONGEST);
        let text = String::from_utf8_lossy(&self.bytes()[*start..end]);
        let mut laid = String::with_capacity(text.len());
        let mut used = 0;
        for c in text.chars().take(LONGEST) {
            let shown = match c {
                '\t' => {
                    let blanks = TAB - used % TAB;
                    laid.extend(std::iter::repeat_n(' ', blanks));
                    used += blanks;
                    continue;
                }
                c if crate::text::is_safe(c) => c,
                // What would do something to a terminal is seen and does nothing.
                c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('·'),
                _ => '·',
            };
            laid.push(shown);
            used += crate::text::char_width(shown);
        }
        laid
    }

    /// A row of figures: the place, the bytes, and what they are as text.
    pub fn hex_row(&self, at: usize) -> (String, String, String) {
        let start = at * ROW;
        let bytes = self.bytes().get(start..).map(|rest| &rest[..rest.len().min(ROW)]).unwrap_or_default();
        let mut figures = String::new();
        for (n, byte) in bytes.iter().enumerate() {
            if n == ROW / 2 {
                figures.push(' ');
            }
            figures.push_str(&format!("{byte:02x} "));
        }
        let text =
            bytes.iter().map(|b| if (0x20..0x7f).contains(b) { char::from(*b) } else { '·' }).collect();
        (format!("{start:08x}"), figures, text)
    }

    /// A row as it is searched and copied.
    pub fn row(&self, at: usize) -> String {
        if self.hex {
            let (place, figures, text) = self.hex_row(at);
            format!("{place}  {figures:<50}{text}")
        } else {
            self.line(at)
        }
    }

    /// Looks for a regular expression; says what is wrong with it.
    pub fn look_for(&mut self, text: &str) -> Result<(), String> {
        self.found.clear();
        self.search = if text.is_empty() { None } else { Some(crate::text::regex(text)?) };
        self.find();
        Ok(())
    }

    /// The rows that have what is looked for.
    fn find(&mut self) {
        let Some(search) = &self.search else { return self.found.clear() };
        self.found = (0..self.rows()).filter(|at| search.is_match(&self.row(*at))).collect();
    }

    /// Turns between text and figures.
    pub fn turn(&mut self) {
        self.hex = !self.hex;
        self.offset = 0;
        self.left = 0;
        self.find();
    }

    /// Brings the next row that has what is looked for to the top, or the one before.
    pub fn next_found(&mut self, back: bool) {
        let place = if back {
            self.found.iter().rev().find(|row| **row < self.offset).or(self.found.last())
        } else {
            self.found.iter().find(|row| **row > self.offset).or(self.found.first())
        };
        self.offset = place.copied().unwrap_or(self.offset);
    }
}

/// Whether bytes are no text: a zero among the first, or much that is not UTF-8.
fn is_binary(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(8192)];
    if start.contains(&0) {
        return true;
    }
    let wrong = String::from_utf8_lossy(start).chars().filter(|c| *c == '\u{fffd}').count();
    wrong * 10 > start.len()
}

fn lines(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        lines.push((start, start + text.len()));
        start += line.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pager(bytes: &[u8]) -> Pager {
        let from = ImagePath { image: "i".into(), layer: 0, path: "p".into() };
        let mut pager = Pager::new(from.clone());
        let content = FileContent { bytes: bytes.to_vec(), size: bytes.len() as u64, mode: 0o644 };
        assert!(pager.take(&from, Ok(content)));
        pager
    }

    #[test]
    fn text_is_laid_out_and_safe() {
        let pager = pager(b"a\tb\r\n\x1b]0;evil\x07\n\xe2\x80\xae end");
        assert_eq!((pager.hex, pager.rows()), (false, 3));
        assert_eq!(pager.line(0), "a       b");
        assert_eq!(pager.line(1), "␛]0;evil␇");
        assert_eq!(pager.line(2), "· end");
    }

    #[test]
    fn a_line_of_tabs_costs_what_it_is_long() {
        let begun = std::time::Instant::now();
        let pager = pager(&b"\t".repeat(64 << 10));
        assert_eq!(pager.line(0).len(), LONGEST * TAB);
        assert!(begun.elapsed() < std::time::Duration::from_millis(500), "{:?}", begun.elapsed());
        let wide = super::tests::pager("漢\tb".as_bytes());
        assert_eq!(wide.line(0), "漢      b");
    }

    #[test]
    fn bytes_are_shown_as_figures() {
        let mut pager = pager(b"\x7fELF\0\x01abcdefghijklmnop");
        assert_eq!((pager.hex, pager.rows()), (true, 2));
        let (place, figures, text) = pager.hex_row(0);
        assert_eq!(place, "00000000");
        assert!(figures.starts_with("7f 45 4c 46 00 01 61 62  63"), "{figures}");
        assert_eq!(text, "·ELF··abcdefghij");
        pager.look_for("ELF").unwrap();
        assert_eq!(pager.found, [0]);
        pager.turn();
        assert!(!pager.hex);
    }

    #[test]
    fn searching_goes_round() {
        let mut pager = pager(b"one\ntwo\nthree\ntwo\n");
        pager.look_for("two").unwrap();
        assert_eq!(pager.found, [1, 3]);
        pager.next_found(false);
        assert_eq!(pager.offset, 1);
        pager.next_found(false);
        assert_eq!(pager.offset, 3);
        pager.next_found(false);
        assert_eq!(pager.offset, 1);
        pager.next_found(true);
        assert_eq!(pager.offset, 3);
        assert!(pager.look_for("(").is_err());
    }
}
