//! Searching in a log: what matches is known as lines come and go, so that going on costs nothing.

use super::{Line, LogPane};
use crate::text::regex;
use regex::Regex;
use std::collections::VecDeque;
use std::ops::Range;

/// Most parts of one line that are highlighted.
const MOST_HIGHLIGHTS: usize = 1000;

/// A search.
#[derive(Clone, Debug)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// What it means; `None` when it is no regular expression.
    pub regex: Option<Regex>,
    /// The line of the match that was gone to.
    pub at: Option<u64>,
    /// The lines that match, in order; `None` while it is being typed.
    matches: Option<VecDeque<u64>>,
}

impl Search {
    /// Begins anew with another log.
    pub(super) fn forget(&mut self) {
        self.at = None;
        self.matches = self.matches.is_some().then(VecDeque::new);
    }

    /// Looks at a line that came in.
    pub(super) fn see(&mut self, number: u64, text: &str) {
        if let (Some(matches), Some(regex)) = (&mut self.matches, &self.regex)
            && regex.is_match(text)
        {
            matches.push_back(number);
        }
    }

    /// Forgets lines that are gone.
    pub(super) fn trim(&mut self, first: u64) {
        while let Some(matches) = &mut self.matches
            && matches.front().is_some_and(|number| *number < first)
        {
            matches.pop_front();
        }
    }
}

impl LogPane {
    /// Starts a search; gives what is wrong with it.
    pub fn set_search(&mut self, text: &str) -> Result<(), String> {
        if text.is_empty() {
            self.search = None;
            return Ok(());
        }
        let compiled = regex(text);
        let meaning = compiled.as_ref().ok().cloned();
        self.search = Some(Search { text: text.to_owned(), regex: meaning, at: None, matches: None });
        compiled.map(|_| ())
    }

    /// The place of the match gone to among those that pass the filter, and how many there are.
    pub fn found(&self) -> Option<(Option<usize>, usize)> {
        let search = self.search.as_ref()?;
        let matches = search.matches.as_ref()?;
        // With a filter the lines that do not pass it are not counted: seldom, and only then looked at one by one.
        let shown = |number: &&u64| self.is_shown(**number);
        let count = if self.filtered() { matches.iter().filter(shown).count() } else { matches.len() };
        let before = |at: u64| {
            let before = matches.partition_point(|number| *number < at);
            if self.filtered() { matches.iter().take(before).filter(shown).count() } else { before }
        };
        Some((search.at.map(before), count))
    }

    /// Whether a line passes the filter.
    fn is_shown(&self, number: u64) -> bool {
        !self.filtered() || self.visible.binary_search(&number).is_ok()
    }

    /// The parts of a line that the search, or else the filter, matches.
    pub fn highlights(&self, line: &Line) -> Vec<Range<usize>> {
        let search = self.search.as_ref().and_then(|search| search.regex.as_ref());
        let Some(regex) = search.or(self.filter_regex.as_ref()) else { return Vec::new() };
        let hits = regex.find_iter(&line.decoded.text).map(|hit| hit.range()).filter(|hit| !hit.is_empty());
        hits.take(MOST_HIGHLIGHTS).collect()
    }

    /// Finds every line that matches.
    fn look(&mut self) {
        let Some(search) = self.search.as_mut().filter(|search| search.matches.is_none()) else { return };
        search.matches = Some(VecDeque::new());
        for number in self.buffer.first()..self.buffer.end() {
            if let Some(line) = self.buffer.get(number) {
                search.see(number, &line.decoded.text);
            }
        }
    }

    /// Goes to the next match, older or newer; says whether there is one.
    pub fn next_match(&mut self, newer: bool, width: usize, height: usize) -> bool {
        self.look();
        let Some(search) = &self.search else { return false };
        let Some(matches) = search.matches.as_ref().filter(|matches| !matches.is_empty()) else {
            return false;
        };
        let from = match search.at {
            Some(number) => number,
            // The first match is the newest one in view or above.
            None => {
                let below = self.view_top(width, height).0 + height;
                self.number(below).unwrap_or(self.buffer.end())
            }
        };
        let shown = |number: &&u64| self.is_shown(**number);
        let newer = newer && search.at.is_some();
        let found = if newer {
            let start = matches.partition_point(|number| *number <= from);
            matches.range(start..).chain(matches.range(..start)).find(shown)
        } else {
            let start = matches.partition_point(|number| *number < from);
            matches.range(..start).rev().chain(matches.range(start..).rev()).find(shown)
        };
        let Some(number) = found.copied() else { return false };
        if let Some(search) = &mut self.search {
            search.at = Some(number);
        }
        self.show(number, width, height);
        true
    }
}
