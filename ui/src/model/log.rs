//! The log that is followed: a buffer bounded by bytes, and a view onto it.

use crate::text::{Decoded, char_width, decode, regex};
use regex::Regex;
use std::collections::VecDeque;
use teu_api::ContainerId;
use teu_api::event::{LogLine, LogStream};

/// What a line costs beside its text.
const OVERHEAD: usize = 96;
/// Longer JSON lines are not unfolded: they are data, not messages.
const MOST_UNFOLDED: usize = 64 << 10;

/// How loud a line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Says nothing of itself.
    Unknown,
    /// For developers.
    Debug,
    /// Ordinary.
    Info,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
}

/// One line.
#[derive(Debug)]
pub struct Line {
    /// When: nanoseconds since the epoch.
    pub at: i64,
    /// From which stream.
    pub stream: LogStream,
    /// From which of the sources.
    pub source: u8,
    /// How loud.
    pub level: Level,
    /// Its text and colours.
    pub decoded: Decoded,
}

impl Line {
    fn cost(&self) -> usize {
        OVERHEAD + self.decoded.text.len() + self.decoded.runs.len() * size_of::<crate::text::Run>()
    }

    /// How many rows it takes when wrapped at a width.
    pub fn rows(&self, width: usize) -> usize {
        if self.decoded.text.is_ascii() {
            return self.decoded.width.div_ceil(width.max(1)).max(1);
        }
        self.row_starts(width).len()
    }

    /// The byte at which each row begins when it is wrapped at a width. A wide character is never cut in two.
    pub fn row_starts(&self, width: usize) -> Vec<usize> {
        let (width, text) = (width.max(2), &self.decoded.text);
        if text.is_ascii() {
            return (0..self.decoded.width.div_ceil(width).max(1)).map(|row| row * width).collect();
        }
        let mut starts = vec![0];
        let mut used = 0;
        for (at, c) in text.char_indices() {
            let wide = char_width(c);
            if used + wide > width {
                starts.push(at);
                used = 0;
            }
            used += wide;
        }
        starts
    }

    /// The byte of the first character that is not before a cell.
    pub fn byte_at(&self, cell: usize) -> usize {
        let text = &self.decoded.text;
        if text.is_ascii() {
            return cell.min(text.len());
        }
        let mut used = 0;
        for (at, c) in text.char_indices() {
            if used >= cell {
                return at;
            }
            used += char_width(c);
        }
        text.len()
    }

    /// Its fields row by row, when it is a JSON object.
    pub fn unfolded(&self) -> Option<Vec<String>> {
        let text = self.decoded.text.trim();
        if !text.starts_with('{') || !text.ends_with('}') || text.len() > MOST_UNFOLDED {
            return None;
        }
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        let pretty = serde_json::to_string_pretty(&object).ok()?;
        let rows = pretty.lines().filter(|line| !matches!(*line, "{" | "}"));
        let rows: Vec<String> = rows.map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned()).collect();
        (!rows.is_empty()).then_some(rows)
    }
}

/// The lines.
#[derive(Debug)]
pub struct LogBuffer {
    lines: VecDeque<Line>,
    first: u64,
    bytes: usize,
    limit: usize,
    /// Lines that came faster than they could be read, or had to go to keep within the limit.
    pub dropped: u64,
}

impl LogBuffer {
    /// An empty buffer for so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { lines: VecDeque::new(), first: 0, bytes: 0, limit, dropped: 0 }
    }

    fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    fn push(&mut self, line: Line) {
        self.bytes += line.cost();
        self.lines.push_back(line);
        while self.bytes > self.limit && self.lines.len() > 1 {
            if let Some(line) = self.lines.pop_front() {
                self.bytes -= line.cost();
                self.first += 1;
                self.dropped += 1;
            }
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Bytes in use.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The line of a number, counted since the log was opened.
    pub fn get(&self, number: u64) -> Option<&Line> {
        self.lines.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    fn end(&self) -> u64 {
        self.first + self.lines.len() as u64
    }
}

/// Where a view begins: a line's number and the row within it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The line's number.
    pub line: u64,
    /// The row within the line.
    pub row: usize,
}

/// A search.
#[derive(Clone, Debug)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// What it means; `None` when it is no regular expression.
    pub regex: Option<Regex>,
    /// The line of the match that was gone to.
    pub at: Option<u64>,
}

/// The log pane.
#[derive(Debug)]
pub struct LogPane {
    /// The lines.
    pub buffer: LogBuffer,
    /// Whose log it is, and their names; the place in the list is a line's `source`.
    pub sources: Vec<(ContainerId, String)>,
    /// What ties lines to the request, one per source.
    pub tickets: Vec<u64>,
    /// Whether the end stays in view.
    pub follow: bool,
    /// Where the view begins when it does not.
    pub top: Place,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// Whether times are shown.
    pub times: bool,
    /// Whether JSON lines are unfolded.
    pub unfold: bool,
    /// Cells scrolled to the right when lines are not wrapped.
    pub left: usize,
    /// The search.
    pub search: Option<Search>,
    /// What lines must match.
    pub filter: String,
    filter_regex: Option<Regex>,
    /// The least loud lines shown.
    pub level: Level,
    visible: VecDeque<u64>,
}

impl LogPane {
    /// An empty pane with a buffer of so many bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: LogBuffer::new(limit),
            sources: Vec::new(),
            tickets: Vec::new(),
            follow: true,
            top: Place { line: 0, row: 0 },
            wrap: true,
            times: true,
            unfold: false,
            left: 0,
            search: None,
            filter: String::new(),
            filter_regex: None,
            level: Level::Unknown,
            visible: VecDeque::new(),
        }
    }

    /// Turns to other sources.
    pub fn open(&mut self, sources: Vec<(ContainerId, String)>, tickets: Vec<u64>) {
        self.buffer.clear();
        self.visible.clear();
        self.sources = sources;
        self.tickets = tickets;
        self.follow = true;
        self.left = 0;
        self.top = Place { line: 0, row: 0 };
        if let Some(search) = &mut self.search {
            search.at = None;
        }
    }

    /// Takes lines.
    pub fn take(&mut self, ticket: u64, lines: Vec<LogLine>, dropped: u64) {
        let Some(source) = self.tickets.iter().position(|t| *t == ticket) else { return };
        self.buffer.dropped += dropped;
        for line in lines {
            let decoded = decode(&line.text);
            let level = level(&decoded.text);
            let line = Line { at: line.at, stream: line.stream, source: source as u8, level, decoded };
            let passes = self.filtered() && self.passes(&line);
            self.buffer.push(line);
            if passes {
                self.visible.push_back(self.buffer.end() - 1);
            }
        }
        while self.visible.front().is_some_and(|number| *number < self.buffer.first) {
            self.visible.pop_front();
        }
        let first = self.number(0).unwrap_or(self.buffer.first);
        if self.top.line < first {
            self.top = Place { line: first, row: 0 };
        }
    }

    fn filtered(&self) -> bool {
        self.filter_regex.is_some() || self.level > Level::Unknown
    }

    fn passes(&self, line: &Line) -> bool {
        (self.level == Level::Unknown || line.level >= self.level)
            && self.filter_regex.as_ref().is_none_or(|regex| regex.is_match(&line.decoded.text))
    }

    /// Shows only lines that match an expression; gives what is wrong with it.
    pub fn set_filter(&mut self, text: &str) -> Result<(), String> {
        text.clone_into(&mut self.filter);
        self.filter_regex = if text.is_empty() { None } else { Some(regex(text)?) };
        self.filter_again();
        Ok(())
    }

    /// Shows only lines at least so loud.
    pub fn set_level(&mut self, level: Level) {
        self.level = level;
        self.filter_again();
    }

    fn filter_again(&mut self) {
        self.visible.clear();
        if self.filtered() {
            let numbers = self.buffer.first..self.buffer.end();
            let pass = numbers.filter(|n| self.buffer.get(*n).is_some_and(|line| self.passes(line)));
            self.visible = pass.collect();
        }
        self.top.row = 0;
    }

    /// How many lines pass the filter.
    pub fn len(&self) -> usize {
        if self.filtered() { self.visible.len() } else { self.buffer.len() }
    }

    /// Whether no line passes the filter.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the n-th line that passes the filter.
    pub fn number(&self, at: usize) -> Option<u64> {
        if self.filtered() {
            self.visible.get(at).copied()
        } else {
            (at < self.buffer.len()).then(|| self.buffer.first + at as u64)
        }
    }

    /// The place, among those that pass the filter, of the first line not before a number.
    pub fn index(&self, number: u64) -> usize {
        if self.filtered() {
            self.visible.partition_point(|n| *n < number)
        } else {
            usize::try_from(number.saturating_sub(self.buffer.first))
                .unwrap_or(usize::MAX)
                .min(self.buffer.len())
        }
    }

    fn rows_at(&self, at: usize, width: usize) -> usize {
        if !self.wrap && !self.unfold {
            return 1;
        }
        self.number(at).and_then(|n| self.buffer.get(n)).map_or(1, |line| self.rows_of(line, width))
    }

    /// How many rows a line takes as it is shown now.
    fn rows_of(&self, line: &Line, width: usize) -> usize {
        match self.unfold.then(|| line.unfolded()).flatten() {
            Some(rows) => rows.len(),
            None if self.wrap => line.rows(width),
            None => 1,
        }
    }

    /// Where the view begins when the end is in view: the place, and the row within its line.
    pub fn end_top(&self, width: usize, height: usize) -> (usize, usize) {
        let mut left = height;
        let mut at = self.len();
        while at > 0 {
            let rows = self.rows_at(at - 1, width);
            if rows >= left {
                return (at - 1, rows - left);
            }
            left -= rows;
            at -= 1;
        }
        (0, 0)
    }

    /// Where the view begins: the place among the lines that pass, and the row within that line.
    pub fn view_top(&self, width: usize, height: usize) -> (usize, usize) {
        let end = self.end_top(width, height);
        if self.follow {
            return end;
        }
        let at = self.index(self.top.line);
        let row = if self.number(at) == Some(self.top.line) { self.top.row } else { 0 };
        (at, row).min(end)
    }

    /// Moves the view by rows; at the end it follows again.
    pub fn scroll(&mut self, rows: isize, width: usize, height: usize) {
        let end = self.end_top(width, height);
        let (mut at, mut row) = self.view_top(width, height);
        if rows < 0 {
            let mut left = rows.unsigned_abs();
            loop {
                if row >= left {
                    row -= left;
                    break;
                }
                if at == 0 {
                    row = 0;
                    break;
                }
                left -= row + 1;
                at -= 1;
                row = self.rows_at(at, width) - 1;
            }
        } else {
            let mut left = rows.unsigned_abs();
            while left > 0 && (at, row) < end {
                let rest = self.rows_at(at, width) - row;
                if rest > left {
                    row += left;
                    break;
                }
                left -= rest;
                at += 1;
                row = 0;
            }
        }
        self.set_top(at, row, end);
    }

    fn set_top(&mut self, at: usize, row: usize, end: (usize, usize)) {
        self.follow = (at, row) >= end && end != (0, 0) || self.is_empty();
        if let Some(line) = self.number(at) {
            self.top = Place { line, row };
        }
    }

    /// Goes to the first line.
    pub fn to_top(&mut self) {
        self.follow = false;
        if let Some(line) = self.number(0) {
            self.top = Place { line, row: 0 };
        }
    }

    /// Brings a line into the middle of the view.
    pub fn show(&mut self, number: u64, width: usize, height: usize) {
        let at = self.index(number);
        let (top, _) = self.view_top(width, height);
        let in_view = at >= top && at < top + height.saturating_sub(1).max(1);
        if !in_view || self.follow {
            self.follow = false;
            let above = if in_view { at - top } else { height / 2 };
            let line = self.number(at.saturating_sub(above)).unwrap_or(number);
            self.top = Place { line, row: 0 };
        }
    }

    /// Starts a search; gives what is wrong with it.
    pub fn set_search(&mut self, text: &str) -> Result<(), String> {
        if text.is_empty() {
            self.search = None;
            return Ok(());
        }
        let compiled = regex(text);
        self.search =
            Some(Search { text: text.to_owned(), regex: compiled.as_ref().ok().cloned(), at: None });
        compiled.map(|_| ())
    }

    /// Goes to the next match, older or newer; says whether there is one.
    pub fn next_match(&mut self, newer: bool, width: usize, height: usize) -> bool {
        let (Some(search), false) = (&self.search, self.is_empty()) else { return false };
        let Some(regex) = &search.regex else { return false };
        let count = self.len();
        let start = match search.at {
            Some(number) => self.index(number).min(count - 1),
            // The first match is the newest one in view or above.
            None => (self.view_top(width, height).0 + height).min(count),
        };
        let hit = |at: &usize| {
            let line = self.number(*at).and_then(|n| self.buffer.get(n));
            line.is_some_and(|line| regex.is_match(&line.decoded.text))
        };
        let found = if newer && search.at.is_some() {
            (start + 1..count).chain(0..=start).find(hit)
        } else {
            (0..start).rev().chain((start..count).rev()).find(hit)
        };
        let Some(number) = found.and_then(|at| self.number(at)) else { return false };
        if let Some(search) = &mut self.search {
            search.at = Some(number);
        }
        self.show(number, width, height);
        true
    }
}

/// How loud a line says it is: a word near its beginning, or a `level` field.
fn level(text: &str) -> Level {
    let end = text.char_indices().nth(120).map_or(text.len(), |(at, _)| at);
    let head = text[..end].to_ascii_lowercase();
    let mut level = Level::Unknown;
    for word in head.split(|c: char| !c.is_ascii_alphabetic()) {
        let said = match word {
            "error" | "err" | "fatal" | "panic" | "critical" | "crit" | "emerg" | "alert" => Level::Error,
            "warn" | "warning" => Level::Warning,
            "info" | "notice" => Level::Info,
            "debug" | "trace" => Level::Debug,
            _ => continue,
        };
        level = said;
        break;
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pane(limit: usize, texts: &[&str]) -> LogPane {
        let mut pane = LogPane::new(limit);
        pane.open(vec![(ContainerId::from_bytes([1; 32]), "web".into())], vec![7]);
        feed(&mut pane, texts);
        pane
    }

    fn feed(pane: &mut LogPane, texts: &[&str]) {
        let line = |text: &&str| LogLine { at: 0, stream: LogStream::Stdout, text: text.as_bytes().to_vec() };
        pane.take(7, texts.iter().map(line).collect(), 0);
    }

    #[test]
    fn the_buffer_is_bounded_and_counts_what_goes() {
        let mut pane = pane(10_000, &[]);
        for _ in 0..1000 {
            feed(&mut pane, &["0123456789"]);
        }
        assert!(pane.buffer.bytes() <= 10_000);
        assert_eq!(pane.buffer.dropped, 1000 - pane.buffer.len() as u64);
        pane.take(99, vec![], 5);
        assert_eq!(
            pane.buffer.dropped,
            1000 - pane.buffer.len() as u64,
            "lines of an older request are not ours"
        );
    }

    #[test]
    fn the_view_follows_until_scrolled() {
        let texts: Vec<String> = (0..50).map(|n| format!("line {n}")).collect();
        let mut pane = pane(1 << 20, &texts.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(pane.view_top(80, 10), (40, 0));
        pane.scroll(-3, 80, 10);
        assert!(!pane.follow);
        feed(&mut pane, &["more"]);
        assert_eq!(pane.view_top(80, 10), (37, 0));
        pane.scroll(100, 80, 10);
        assert!(pane.follow);
        assert_eq!(pane.view_top(80, 10), (41, 0));
    }

    #[test]
    fn wrapped_lines_are_scrolled_row_by_row() {
        let long = "x".repeat(95);
        let mut pane = pane(1 << 20, &["a", &long, "b"]);
        assert_eq!(pane.view_top(10, 4), (1, 7));
        pane.scroll(-1, 10, 4);
        assert_eq!(pane.view_top(10, 4), (1, 6));
        pane.scroll(-100, 10, 4);
        assert_eq!(pane.view_top(10, 4), (0, 0));
        pane.scroll(3, 10, 4);
        assert_eq!(pane.view_top(10, 4), (1, 2));
    }

    #[test]
    fn wide_characters_are_not_cut() {
        let pane = pane(1 << 20, &["漢字漢字"]);
        let line = pane.buffer.get(0).unwrap();
        assert_eq!(line.row_starts(5), [0, 6]);
        assert_eq!(line.rows(5), 2);
        assert_eq!(line.rows(1), 4);
    }

    #[test]
    fn json_lines_unfold() {
        let mut pane = pane(1 << 20, &["{\"level\":\"info\",\"at\":{\"file\":\"a.rs\"}}", "{not json}", "x"]);
        assert_eq!(pane.view_top(80, 3), (0, 0));
        pane.unfold = true;
        assert_eq!(pane.buffer.get(0).unwrap().unfolded().unwrap()[0], "\"level\": \"info\",");
        assert_eq!(pane.view_top(80, 3), (0, 3));
    }

    #[test]
    fn matches_and_levels_are_found() {
        let mut pane = pane(1 << 20, &["INFO start", "2026 ERROR no disk", "level=warn x", "plain"]);
        pane.set_search("disk").unwrap();
        assert!(pane.next_match(false, 80, 2));
        assert_eq!(pane.search.as_ref().unwrap().at, Some(1));
        pane.set_level(Level::Warning);
        assert_eq!(pane.len(), 2);
        feed(&mut pane, &["error again", "info not"]);
        assert_eq!(pane.len(), 3);
        pane.set_filter("disk|again").unwrap();
        assert_eq!(pane.len(), 2);
        assert!(pane.set_filter("(").is_err());
    }
}
