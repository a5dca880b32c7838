//! A terminal's rows as text, the ones scrolled away too.

use super::Terminal;
use regex::Regex;
use std::ops::Range;

/// A row's text with the column of each of its characters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowText {
    /// The text, without the blanks at its end.
    pub text: String,
    /// The column of each byte of the text.
    columns: Vec<u16>,
    /// Columns in use.
    pub width: u16,
    /// Whether the next row goes on with the same line.
    pub wrapped: bool,
}

impl RowText {
    /// The text of a row of the screen as it is scrolled now.
    pub fn of(screen: &vt100::Screen, row: u16) -> Self {
        let (_, columns) = screen.size();
        let mut out = Self { wrapped: screen.row_wrapped(row), ..Self::default() };
        let mut end = 0;
        for column in 0..columns.get() {
            let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else {
                continue;
            };
            let before = out.text.len();
            match cell.contents() {
                "" => out.text.push(' '),
                contents => {
                    out.text.extend(contents.chars().filter(|c| crate::text::is_safe(*c)));
                    end = out.text.len();
                    out.width = column + if cell.is_wide() { 2 } else { 1 };
                }
            }
            out.columns.extend(std::iter::repeat_n(column, out.text.len() - before));
        }
        out.text.truncate(end);
        out.columns.truncate(end);
        out
    }

    /// The column at which a byte of the text is shown; the one after the last for its end.
    pub fn column(&self, byte: usize) -> u16 {
        self.columns.get(byte).copied().unwrap_or(self.width)
    }

    /// The text of some columns.
    pub fn part(&self, columns: Range<u16>) -> &str {
        let start = self.columns.partition_point(|column| *column < columns.start);
        let end = self.columns.partition_point(|column| *column < columns.end);
        &self.text[start..end.max(start)]
    }

    /// The columns of every match.
    pub fn matches(&self, regex: &Regex) -> Vec<Range<u16>> {
        let hits = regex.find_iter(&self.text).filter(|hit| !hit.is_empty());
        hits.map(|hit| self.column(hit.start())..self.column(hit.end())).collect()
    }
}

impl Terminal {
    /// The number of the first line there still is. Lines are counted since the terminal began.
    pub fn first_line(&self) -> u64 {
        self.parser.callbacks().discarded
    }

    /// The number after the last line, the screen's last row.
    pub fn end_line(&self) -> u64 {
        let rows = u64::from(self.size().rows);
        self.first_line() + self.scrollback_len() as u64 + rows
    }

    /// The number of the line that is on the first row as it is scrolled now.
    pub fn top_line(&self) -> u64 {
        self.first_line() + (self.scrollback_len() - self.scroll.min(self.scrollback_len())) as u64
    }

    /// Scrolls as little as brings a line into view.
    pub fn show_line(&mut self, line: u64) {
        let rows = u64::from(self.size().rows);
        let top = self.top_line();
        if line < top {
            self.scroll_to(line);
        } else if line >= top + rows {
            self.scroll_to(line + 1 - rows);
        }
    }

    fn scroll_to(&mut self, top: u64) {
        let end = self.first_line() + self.scrollback_len() as u64;
        self.set_scroll(usize::try_from(end.saturating_sub(top)).unwrap_or(usize::MAX));
    }

    /// The texts of some lines; the view stays where it is.
    pub fn lines(&mut self, lines: Range<u64>) -> Vec<RowText> {
        let (before, rows) = (self.scroll, u64::from(self.size().rows));
        let mut out = Vec::new();
        let mut at = lines.start.max(self.first_line());
        let end = lines.end.min(self.end_line());
        while at < end {
            self.scroll_to(at);
            let top = self.top_line();
            let last = end.min(top + rows);
            for line in at..last {
                out.push(RowText::of(self.screen(), (line - top) as u16));
            }
            at = last;
        }
        self.set_scroll(before);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_api::session::TerminalSize;

    #[test]
    fn lines_keep_their_numbers_while_more_come_in() {
        let mut terminal = Terminal::new(TerminalSize { columns: 20, rows: 4 });
        for n in 0..super::super::SCROLLBACK + 100 {
            terminal.process(format!("line {n}\r\n").as_bytes());
        }
        assert!(terminal.first_line() > 0, "the oldest have gone");
        let line = terminal.first_line() + 7;
        assert_eq!(terminal.lines(line..line + 2)[0].text, format!("line {line}"));
        terminal.set_scroll(50);
        let (top, text) = (terminal.top_line(), terminal.text());
        terminal.process(b"and more\r\nand more\r\n");
        assert_eq!((terminal.top_line(), terminal.text()), (top, text));
        assert_eq!(terminal.lines(line..line + 1)[0].text, format!("line {line}"));
        assert_eq!(terminal.end_line() - terminal.first_line(), terminal.scrollback_len() as u64 + 4);
    }

    #[test]
    fn columns_count_wide_characters_twice() {
        let mut terminal = Terminal::new(TerminalSize { columns: 20, rows: 4 });
        terminal.process("a漢b e\u{301}x".as_bytes());
        let row = &terminal.lines(0..1)[0];
        assert_eq!((row.text.as_str(), row.width), ("a漢b e\u{301}x", 7));
        assert_eq!(row.part(1..4), "漢b");
        let regex = Regex::new("b|x").unwrap();
        assert_eq!(row.matches(&regex), [3..4, 6..7]);
    }
}
