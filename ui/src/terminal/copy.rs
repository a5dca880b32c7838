//! What is looked at and marked in a terminal: a cursor that keys move, a selection, a search.

use super::Terminal;
use super::rows::RowText;
use crate::text::char_width;
use regex::Regex;
use std::ops::Range;

/// Most matches that are counted.
const MOST_MATCHES: usize = 10_000;

/// A cell, by the number of its line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spot {
    /// The line, counted since the terminal began.
    pub line: u64,
    /// The column.
    pub column: u16,
}

/// What a selection takes between its ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// The text from one end to the other.
    Text,
    /// Whole lines.
    Lines,
    /// The block between them.
    Block,
}

/// Marked text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Where it began.
    pub anchor: Spot,
    /// Where it ends, that cell included.
    pub head: Spot,
    /// What lies between.
    pub shape: Shape,
}

impl Selection {
    /// The columns that it takes of a line.
    pub fn columns(&self, line: u64) -> Option<Range<u16>> {
        let (start, end) = (self.anchor.min(self.head), self.anchor.max(self.head));
        if !(start.line..=end.line).contains(&line) {
            return None;
        }
        Some(match self.shape {
            Shape::Lines => 0..u16::MAX,
            Shape::Block => {
                let (one, two) = (self.anchor.column, self.head.column);
                one.min(two)..one.max(two).saturating_add(1)
            }
            Shape::Text => {
                let from = if line == start.line { start.column } else { 0 };
                let to = if line == end.line { end.column.saturating_add(1) } else { u16::MAX };
                from..to
            }
        })
    }
}

/// A search in a terminal's lines.
#[derive(Clone, Debug)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// What it means; `None` when it is no regular expression.
    pub regex: Option<Regex>,
    /// The match that was gone to, and how many there are.
    pub at: Option<(usize, usize)>,
}

/// What is looked at and marked in one terminal.
#[derive(Debug, Default)]
pub struct Copying {
    /// The cursor while keys move it; `None` while keys go to the program.
    pub cursor: Option<Spot>,
    /// What is marked.
    pub selection: Option<Selection>,
    /// The search.
    pub search: Option<Search>,
}

/// A movement of the cursor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    /// So many lines down; negative is up.
    Lines(i64),
    /// So many columns to the right; negative is to the left.
    Columns(i32),
    /// To the first column.
    LineStart,
    /// To the first character that is no blank.
    LineText,
    /// To the last character.
    LineEnd,
    /// To the next word.
    WordForward,
    /// To the end of the word.
    WordEnd,
    /// To the word's beginning, or the one before.
    WordBack,
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
    /// To the first, middle or last row in view: 0, 1, 2.
    View(u8),
}

impl Terminal {
    /// Where the cursor begins: where the program's own is, or the last row in view.
    pub fn copy_start(&self) -> Spot {
        let (row, column) = self.screen().cursor_position();
        let rows = self.size().rows;
        let row = if self.scroll() == 0 { row } else { rows - 1 };
        Spot { line: self.top_line() + u64::from(row.min(rows - 1)), column }
    }

    fn line(&mut self, line: u64) -> RowText {
        self.lines(line..line + 1).pop().unwrap_or_default()
    }

    /// Where a movement leads, never out of the terminal's lines.
    pub fn moved(&mut self, from: Spot, by: Move) -> Spot {
        let (first, last) = (self.first_line(), self.end_line() - 1);
        let from = Spot { line: from.line.clamp(first, last), ..from };
        let columns = self.size().columns;
        let at = |column| Spot { column, ..from };
        match by {
            Move::Lines(lines) => {
                Spot { line: from.line.saturating_add_signed(lines).clamp(first, last), ..from }
            }
            Move::Columns(by) => {
                let column = i32::from(from.column) + by;
                // Over the edge is the neighbouring line.
                if column < 0 && from.line > first {
                    let line = from.line - 1;
                    return Spot { line, column: self.line(line).width.saturating_sub(1) };
                }
                if column >= i32::from(columns) && from.line < last {
                    return Spot { line: from.line + 1, column: 0 };
                }
                at(column.clamp(0, i32::from(columns) - 1) as u16)
            }
            Move::LineStart => at(0),
            Move::LineText => {
                let row = self.line(from.line);
                let byte = row.text.find(|c: char| c != ' ').unwrap_or(0);
                at(row.column(byte))
            }
            Move::LineEnd => at(self.line(from.line).width.saturating_sub(1)),
            Move::WordForward | Move::WordEnd => self.word_forward(from, by == Move::WordEnd),
            Move::WordBack => self.word_back(from),
            Move::Top => Spot { line: first, column: 0 },
            Move::Bottom => Spot { line: last, column: 0 },
            Move::View(part) => {
                let rows = u64::from(self.size().rows) - 1;
                Spot { line: self.top_line() + rows * u64::from(part) / 2, ..from }
            }
        }
    }

    fn word_forward(&mut self, from: Spot, to_end: bool) -> Spot {
        let last = self.end_line() - 1;
        let (mut line, mut after) = (from.line, Some(from.column));
        loop {
            let words = words(&self.line(line));
            let place = |word: &Range<u16>| if to_end { word.end - 1 } else { word.start };
            let next = words.iter().map(place).find(|column| after.is_none_or(|from| *column > from));
            if let Some(column) = next {
                return Spot { line, column };
            }
            if line == last {
                return Spot { line, column: self.line(line).width.saturating_sub(1) };
            }
            line += 1;
            after = None;
        }
    }

    fn word_back(&mut self, from: Spot) -> Spot {
        let first = self.first_line();
        let (mut line, mut before) = (from.line, Some(from.column));
        loop {
            let words = words(&self.line(line));
            let next =
                words.iter().rev().map(|word| word.start).find(|c| before.is_none_or(|from| *c < from));
            if let Some(column) = next {
                return Spot { line, column };
            }
            if line == first {
                return Spot { line, column: 0 };
            }
            line -= 1;
            before = None;
        }
    }

    /// The word at a cell, as a double click takes it.
    pub fn word_at(&mut self, spot: Spot) -> Range<u16> {
        let row = self.line(spot.line);
        let byte = |column: u16| row.part(0..column).len();
        let is_part = |c: char| !c.is_whitespace() && !"\"'`()[]{}<>|,;".contains(c);
        let at = byte(spot.column);
        if !row.text[at..].starts_with(is_part) {
            return spot.column..spot.column + 1;
        }
        let start = row.text[..at]
            .rfind(|c| !is_part(c))
            .map_or(0, |found| found + row.text[found..].chars().next().map_or(1, char::len_utf8));
        let end = row.text[at..].find(|c| !is_part(c)).map_or(row.text.len(), |found| at + found);
        row.column(start)..row.column(end)
    }

    /// The marked text. Lines that were only wrapped are one.
    pub fn selected(&mut self, selection: &Selection) -> String {
        let (first, last) =
            (selection.anchor.min(selection.head).line, selection.anchor.max(selection.head).line);
        let first = first.max(self.first_line());
        let mut text = String::new();
        for (row, line) in self.lines(first..last.saturating_add(1)).into_iter().zip(first..) {
            let Some(columns) = selection.columns(line) else { continue };
            let whole = columns.end >= row.width;
            text.push_str(row.part(columns));
            if line < last && !(row.wrapped && whole && selection.shape != Shape::Block) {
                text.push('\n');
            }
        }
        text
    }

    /// Goes from a spot to the next match, older or newer, round and round; counts the matches.
    pub fn next_match(&mut self, regex: &Regex, from: Spot, newer: bool) -> Option<(Spot, usize, usize)> {
        let first = self.first_line();
        let rows = self.lines(first..self.end_line());
        let mut spots = Vec::new();
        for (row, line) in rows.iter().zip(first..) {
            spots.extend(row.matches(regex).into_iter().map(|hit| Spot { line, column: hit.start }));
        }
        // The newest ones count, should there be too many.
        let surplus = spots.len().saturating_sub(MOST_MATCHES);
        spots.drain(..surplus);
        let count = spots.len();
        if count == 0 {
            return None;
        }
        let at = if newer {
            let next = spots.partition_point(|spot| *spot <= from);
            if next < count { next } else { 0 }
        } else {
            spots.partition_point(|spot| *spot < from).checked_sub(1).unwrap_or(count - 1)
        };
        Some((spots[at], at, count))
    }
}

/// Words as vi sees them: runs of letters and digits, and runs of other signs.
fn words(row: &RowText) -> Vec<Range<u16>> {
    let mut words: Vec<Range<u16>> = Vec::new();
    let mut last = 0;
    for (byte, c) in row.text.char_indices() {
        let class = if c.is_whitespace() {
            0
        } else if c.is_alphanumeric() || c == '_' {
            1
        } else {
            2
        };
        let start = row.column(byte);
        let end = start + char_width(c) as u16;
        match words.last_mut() {
            Some(word) if class == last && class > 0 => word.end = word.end.max(end),
            _ if class > 0 => words.push(start..end.max(start + 1)),
            _ => {}
        }
        last = class;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_api::session::TerminalSize;

    fn with(text: &str) -> Terminal {
        let mut terminal = Terminal::new(TerminalSize { columns: 20, rows: 4 });
        terminal.process(text.as_bytes());
        terminal
    }

    fn spot(line: u64, column: u16) -> Spot {
        Spot { line, column }
    }

    #[test]
    fn words_are_gone_through() {
        let mut terminal = with("let x_1 = 漢字;\r\n  end");
        let mut at = spot(0, 0);
        let mut seen = Vec::new();
        for _ in 0..6 {
            at = terminal.moved(at, Move::WordForward);
            seen.push((at.line, at.column));
        }
        assert_eq!(seen, [(0, 4), (0, 8), (0, 10), (0, 14), (1, 2), (3, 0)]);
        assert_eq!(terminal.moved(spot(1, 2), Move::WordBack), spot(0, 14));
        assert_eq!(terminal.moved(spot(0, 0), Move::WordEnd), spot(0, 2));
        assert_eq!(terminal.moved(spot(1, 4), Move::LineText), spot(1, 2));
        assert_eq!(terminal.moved(spot(1, 0), Move::Columns(-1)), spot(0, 14));
        assert_eq!(terminal.moved(spot(9, 0), Move::Lines(-99)), spot(0, 0));
    }

    #[test]
    fn wrapped_lines_are_copied_as_one() {
        let mut terminal = with("0123456789012345678901234\r\nab  cd\r\n");
        let all = Selection { anchor: spot(2, 5), head: spot(0, 0), shape: Shape::Text };
        assert_eq!(terminal.selected(&all), "0123456789012345678901234\nab  cd");
        let block = Selection { anchor: spot(1, 1), head: spot(2, 4), shape: Shape::Block };
        assert_eq!(terminal.selected(&block), "1234\nb  c");
        let lines = Selection { anchor: spot(2, 3), head: spot(2, 3), shape: Shape::Lines };
        assert_eq!(terminal.selected(&lines), "ab  cd");
    }

    #[test]
    fn matches_are_gone_through_round_and_round() {
        let mut text = String::new();
        for n in 0..50 {
            text.push_str(&format!("row {n} of it\r\n"));
        }
        let mut terminal = with(&text);
        let regex = Regex::new("row 1\\d").unwrap();
        let (first, at, count) = terminal.next_match(&regex, spot(50, 0), false).unwrap();
        assert_eq!((first, at, count), (spot(19, 0), 9, 10));
        let (next, ..) = terminal.next_match(&regex, first, true).unwrap();
        assert_eq!(next, spot(10, 0));
        assert_eq!(terminal.next_match(&Regex::new("none").unwrap(), first, true), None);
        assert_eq!(terminal.scroll(), 0, "looking moves nothing");
    }

    #[test]
    fn a_double_click_takes_a_word() {
        let mut terminal = with("see (/etc/hosts) now");
        assert_eq!(terminal.word_at(spot(0, 8)), 5..15);
        assert_eq!(terminal.word_at(spot(0, 3)), 3..4);
        assert_eq!(terminal.word_at(spot(3, 19)), 19..20);
    }
}
