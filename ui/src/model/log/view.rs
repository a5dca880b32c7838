//! Which part of a log is in view.

use super::{Line, LogPane, Place};

impl LogPane {
    fn rows_at(&self, at: usize, width: usize) -> usize {
        if !self.wrap && !self.unfold && self.flipped.is_empty() {
            return 1;
        }
        let line = self.number(at).and_then(|number| Some((number, self.buffer.get(number)?)));
        line.map_or(1, |(number, line)| self.rows_of(number, line, width))
    }

    /// How many rows a line takes as it is shown now.
    fn rows_of(&self, number: u64, line: &Line, width: usize) -> usize {
        match self.fields(number, line) {
            Some(rows) => rows.len(),
            None if self.wrap => line.rows(width),
            None => 1,
        }
    }

    /// The line on a row of the view.
    pub fn line_at(&self, row: usize, width: usize, height: usize) -> Option<u64> {
        let (mut at, skipped) = self.view_top(width, height);
        let mut left = row + skipped;
        loop {
            let number = self.number(at)?;
            let rows = self.rows_at(at, width);
            if left < rows {
                return Some(number);
            }
            left -= rows;
            at += 1;
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
}
