//! The lines of a log, bounded by bytes.

use super::level::{self, Level};
use crate::text::{Decoded, char_width};
use std::collections::VecDeque;
use teu_api::event::LogStream;

/// What a line costs beside its text.
const OVERHEAD: usize = 96;

/// How many lines before it are looked at to find what the line of a trace belongs to.
const FAR_BACK: u64 = 128;

/// One line.
#[derive(Debug)]
pub struct Line {
    /// When: nanoseconds since the epoch.
    pub at: i64,
    /// From which stream.
    pub stream: LogStream,
    /// From which of the sources.
    pub source: u8,
    /// Its text and colours.
    pub decoded: Decoded,
    /// Set for a mark that stands where lines are missing: how many, 0 where nobody could count them.
    pub lost: Option<u64>,
}

impl Line {
    /// What it says of itself; `None` where it belongs to the line before it.
    pub(super) fn own_level(&self) -> Option<Level> {
        if self.lost.is_some() {
            return Some(Level::Error);
        }
        let level = level::level(&self.decoded.text);
        (level != Level::Unknown || !self.decoded.text.starts_with([' ', '}'])).then_some(level)
    }

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
}

/// The lines.
#[derive(Debug)]
pub struct LogBuffer {
    lines: VecDeque<Line>,
    first: u64,
    bytes: usize,
    limit: usize,
    /// Lines that had to go to keep within the limit.
    pub dropped: u64,
}

impl LogBuffer {
    /// An empty buffer for so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { lines: VecDeque::new(), first: 0, bytes: 0, limit, dropped: 0 }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    pub(super) fn push(&mut self, line: Line) {
        self.bytes += line.cost();
        self.lines.push_back(line);
        while self.bytes > self.limit && self.lines.len() > 1 {
            if let Some(line) = self.lines.pop_front() {
                self.bytes -= line.cost();
                self.first += 1;
                self.dropped += line.lost.unwrap_or(1);
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

    /// The number of the first line.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number after the last line.
    pub fn end(&self) -> u64 {
        self.first + self.lines.len() as u64
    }

    /// How loud a line is. It is found out when it is asked for: most lines of a flood are never looked at.
    pub fn level(&self, number: u64) -> Level {
        let Some(line) = self.get(number) else { return Level::Unknown };
        let earlier = (number.saturating_sub(FAR_BACK)..number).rev().filter_map(|n| self.get(n));
        let mut lines = std::iter::once(line).chain(earlier.filter(|other| other.source == line.source));
        // The lines of a trace belong to what it is the trace of.
        lines.find_map(Line::own_level).unwrap_or(Level::Unknown)
    }
}
