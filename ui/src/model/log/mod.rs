//! The log that is followed: a buffer bounded by bytes, and a view onto it.

mod buffer;
mod level;
mod search;
mod unfold;
mod view;
mod window;

pub use buffer::{Line, LogBuffer};
pub use level::Level;
pub use search::Search;
pub use window::Window;

use crate::text::{decode, regex};
use regex::Regex;
use std::collections::{BTreeSet, VecDeque};
use teu_api::ContainerId;
use teu_api::event::LogLine;

/// How the times of lines are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Times {
    /// Not at all.
    Off,
    /// The time of day.
    Clock,
    /// How long ago.
    Ago,
    /// Date and time of day.
    Date,
}

impl Times {
    /// Every way, in the order of the key that turns them.
    pub const ALL: [Self; 4] = [Self::Clock, Self::Ago, Self::Date, Self::Off];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Clock => "clock",
            Self::Ago => "ago",
            Self::Date => "date",
        }
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

/// As many sources as a line's `source` can name.
const SOURCES: usize = 256;

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
    /// How times are shown.
    pub times: Times,
    /// Whether JSON lines are unfolded.
    pub unfold: bool,
    /// Lines of which the opposite holds.
    flipped: BTreeSet<u64>,
    /// The span of time that is read.
    pub window: Window,
    /// The span that the lines were read for.
    pub(crate) window_read: Window,
    /// Cells scrolled to the right when lines are not wrapped.
    pub left: usize,
    /// The search.
    pub search: Option<Search>,
    /// What lines must match.
    pub filter: String,
    filter_regex: Option<Regex>,
    /// The least loud lines shown.
    pub level: Level,
    /// How loud the last line of each source was, while lines are shown by that.
    loudness: [Level; SOURCES],
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
            times: Times::Clock,
            unfold: false,
            flipped: BTreeSet::new(),
            window: Window::default(),
            window_read: Window::default(),
            left: 0,
            search: None,
            filter: String::new(),
            filter_regex: None,
            level: Level::Unknown,
            loudness: [Level::Unknown; SOURCES],
            visible: VecDeque::new(),
        }
    }

    /// Turns to other sources.
    pub fn open(&mut self, sources: Vec<(ContainerId, String)>, tickets: Vec<u64>) {
        self.buffer.clear();
        self.visible.clear();
        self.flipped.clear();
        self.loudness = [Level::Unknown; SOURCES];
        self.window_read = self.window.clone();
        self.sources = sources;
        self.tickets = tickets;
        self.follow = true;
        self.left = 0;
        self.top = Place { line: 0, row: 0 };
        if let Some(search) = &mut self.search {
            search.forget();
        }
    }

    /// Takes lines of one source, after so many that are missing.
    pub fn take(&mut self, ticket: u64, lines: Vec<LogLine>, dropped: u64) {
        let Some(source) = self.source(ticket) else { return };
        self.miss(source, lines.first().map_or(0, |line| line.at), dropped);
        for line in lines {
            self.push(source, line);
        }
        self.trim();
    }

    /// Takes lines of several sources, after so many that are missing.
    pub fn take_merged(&mut self, lines: Vec<(u64, LogLine)>, dropped: u64) {
        self.miss(0, lines.first().map_or(0, |(_, line)| line.at), dropped);
        for (ticket, line) in lines {
            if let Some(source) = self.source(ticket) {
                self.push(source, line);
            }
        }
        self.trim();
    }

    fn source(&self, ticket: u64) -> Option<u8> {
        self.tickets.iter().position(|t| *t == ticket).and_then(|at| u8::try_from(at).ok())
    }

    /// A mark where lines are missing.
    fn miss(&mut self, source: u8, at: i64, dropped: u64) {
        if dropped > 0 {
            let stream = teu_api::event::LogStream::Stdout;
            let lost = (dropped != u64::MAX).then_some(dropped).or(Some(0));
            let mark = Line { at, stream, source, decoded: decode(Vec::new()), lost };
            self.add(mark);
        }
    }

    fn push(&mut self, source: u8, line: LogLine) {
        let decoded = decode(line.text);
        self.add(Line { at: line.at, stream: line.stream, source, decoded, lost: None });
    }

    fn add(&mut self, line: Line) {
        let number = self.buffer.end();
        if let Some(search) = &mut self.search {
            search.see(number, &line.decoded.text);
        }
        if self.filtered() && passes(self.level, self.filter_regex.as_ref(), &mut self.loudness, &line) {
            self.visible.push_back(number);
        }
        self.buffer.push(line);
    }

    /// Forgets what is told of lines that are gone.
    fn trim(&mut self) {
        let first = self.buffer.first();
        while self.visible.front().is_some_and(|number| *number < first) {
            self.visible.pop_front();
        }
        if let Some(search) = &mut self.search {
            search.trim(first);
        }
        if self.flipped.first().is_some_and(|number| *number < first) {
            self.flipped = self.flipped.split_off(&first);
        }
        let first = self.number(0).unwrap_or(first);
        if self.top.line < first {
            self.top = Place { line: first, row: 0 };
        }
    }

    /// Unfolds a line, or folds it again, against what holds for all.
    pub fn flip(&mut self, number: u64) {
        if !self.flipped.remove(&number) && self.flipped.len() < 10_000 {
            self.flipped.insert(number);
        }
    }

    /// The fields of a line that is shown unfolded.
    pub fn fields(&self, number: u64, line: &Line) -> Option<Vec<String>> {
        let unfolded = self.unfold != self.flipped.contains(&number);
        unfolded.then(|| line.unfolded()).flatten()
    }

    fn filtered(&self) -> bool {
        self.filter_regex.is_some() || self.level > Level::Unknown
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
            self.loudness = [Level::Unknown; SOURCES];
            for number in self.buffer.first()..self.buffer.end() {
                let Some(line) = self.buffer.get(number) else { continue };
                if passes(self.level, self.filter_regex.as_ref(), &mut self.loudness, line) {
                    self.visible.push_back(number);
                }
            }
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
            (at < self.buffer.len()).then(|| self.buffer.first() + at as u64)
        }
    }

    /// The place, among those that pass the filter, of the first line not before a number.
    pub fn index(&self, number: u64) -> usize {
        if self.filtered() {
            self.visible.partition_point(|n| *n < number)
        } else {
            usize::try_from(number.saturating_sub(self.buffer.first()))
                .unwrap_or(usize::MAX)
                .min(self.buffer.len())
        }
    }
}

/// Whether a line is shown; keeps account of how loud the last line of each source was.
fn passes(least: Level, regex: Option<&Regex>, loudness: &mut [Level; SOURCES], line: &Line) -> bool {
    let last = &mut loudness[usize::from(line.source)];
    if least > Level::Unknown {
        *last = line.own_level().unwrap_or(*last);
    }
    line.lost.is_some()
        || (least == Level::Unknown || *last >= least)
            && regex.is_none_or(|regex| regex.is_match(&line.decoded.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_api::event::LogStream;

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
        let before = pane.buffer.end();
        pane.take(99, vec![], 5);
        assert_eq!(pane.buffer.end(), before, "lines of an older request are not ours");
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
        pane.flip(0);
        assert_eq!(pane.view_top(80, 3), (0, 3));
        pane.flip(0);
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

    #[test]
    fn matches_are_counted_as_lines_come_and_go() {
        let mut pane = pane(400, &["one x", "two", "three x"]);
        pane.set_search("x").unwrap();
        assert_eq!(pane.found(), None, "it is still being typed");
        assert!(pane.next_match(false, 80, 10));
        assert_eq!(pane.found(), Some((Some(1), 2)));
        assert!(pane.next_match(true, 80, 10), "round and round");
        assert_eq!(pane.found(), Some((Some(0), 2)));
        feed(&mut pane, &["four x", "five x"]);
        assert_eq!(pane.found().unwrap().1, 3, "the first has gone");
        pane.set_filter("four").unwrap();
        assert_eq!(pane.found().unwrap().1, 1);
    }

    #[test]
    fn what_is_missing_is_marked() {
        let mut pane = pane(1 << 20, &["before"]);
        pane.take(7, vec![LogLine { at: 0, stream: LogStream::Stdout, text: b"after".to_vec() }], 12);
        assert_eq!(pane.buffer.get(1).unwrap().lost, Some(12));
        pane.set_filter("nothing").unwrap();
        assert_eq!(pane.len(), 1, "no filter hides it");
    }

    #[test]
    fn a_trace_is_as_loud_as_what_it_belongs_to() {
        let mut pane = pane(1 << 20, &["ERROR it broke", "  at here()", "", "then"]);
        pane.set_level(Level::Error);
        assert_eq!(pane.len(), 2);
    }
}
