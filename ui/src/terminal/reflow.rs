//! Another width: lines that were parted where the screen ended are joined and parted anew.

use super::{SCROLLBACK, cells, shape};
use std::fmt::Write as _;
use std::num::NonZeroU16;
use teu_api::session::TerminalSize;
use unicode_width::UnicodeWidthChar;
use vt100::{Callbacks, Cell, Color, Parser, Screen};

/// A parser of another size with all that one has, above the screen and on it. The cursor stays on its character.
pub(super) fn reflowed<C: Callbacks + Default>(parser: &mut Parser<C>, size: TerminalSize) -> Parser<C> {
    let (rows, columns) = (cells(size.rows), cells(size.columns));
    let mut again = Again::new(columns);
    again.copy(parser.screen_mut());
    again.restore(parser.screen(), rows);
    let callbacks = std::mem::take(parser.callbacks_mut());
    let mut reflowed = Parser::new_with_callbacks(rows, columns, SCROLLBACK, callbacks);
    reflowed.process(again.text.as_bytes());
    reflowed
}

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    foreground: Color,
    background: Color,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    inverse: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        Self {
            foreground: cell.fgcolor(),
            background: cell.bgcolor(),
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
            inverse: cell.inverse(),
        }
    }

    /// What makes it so, whatever was before.
    fn write(self, text: &mut String) {
        text.push_str("\x1b[0");
        let switches = [
            (self.bold, ";1"),
            (self.dim, ";2"),
            (self.italic, ";3"),
            (self.underline, ";4"),
            (self.inverse, ";7"),
        ];
        for (_, code) in switches.into_iter().filter(|(on, _)| *on) {
            text.push_str(code);
        }
        for (color, ground) in [(self.foreground, 38), (self.background, 48)] {
            // Writing to a string cannot fail.
            let _ = match color {
                Color::Default => Ok(()),
                Color::Idx(index) => write!(text, ";{ground};5;{index}"),
                Color::Rgb(red, green, blue) => write!(text, ";{ground};2;{red};{green};{blue}"),
            };
        }
        text.push('m');
    }
}

/// The output that makes it all once more, and where it leads on a screen of the new width.
struct Again {
    text: String,
    look: Look,
    columns: u64,
    /// The place after what was written: the row since the beginning, and the column.
    row: u64,
    column: u64,
    /// Where the cursor is to be: its row and column; `None` where the output ends.
    cursor: Option<(u64, u64)>,
}

impl Again {
    fn new(columns: NonZeroU16) -> Self {
        let columns = u64::from(columns.get());
        Self { text: String::new(), look: Look::default(), columns, row: 0, column: 0, cursor: None }
    }

    /// Writes what a screen has, from the oldest line above it to the last that matters.
    fn copy(&mut self, screen: &mut Screen) {
        let height = usize::from(screen.size().0.get());
        let above = screen.scrollback_len();
        let (cursor_row, cursor_column) = screen.cursor_position();
        let cursor_row = above + usize::from(cursor_row);
        let used = (0..height as u16).rev().find(|row| width(screen, *row) > 0 || screen.row_wrapped(*row));
        screen.set_scrollback(0);
        let last = used.map_or(0, |row| above + usize::from(row)).max(cursor_row);
        let mut plain = Vec::new();
        for line in 0..=last {
            if line % height == 0 {
                plain = plain_rows(screen, line);
            }
            let at = (line == cursor_row).then_some(cursor_column);
            let row = show(screen, line);
            let end = match &plain[line % height] {
                Some(text) if at.is_none() => self.plain(text),
                _ => {
                    let end = width(screen, row);
                    self.row(screen, row, end, at);
                    end
                }
            };
            if line != last && at.is_some_and(|at| at >= end) {
                let column = self.column + u64::from(cursor_column - end);
                self.cursor = Some((self.row, column.min(self.columns - 1)));
            }
            if line == last {
                // The cursor may stand apart from the text before it.
                if let Some(apart) = at.and_then(|at| at.checked_sub(end)).filter(|apart| *apart > 0) {
                    let _ = write!(self.text, "\x1b[{apart}C");
                }
            } else if !goes_on(screen, line, end) {
                self.look(Look::default());
                self.text.push_str("\r\n");
                (self.row, self.column) = (self.row + 1, 0);
            }
        }
        screen.set_scrollback(0);
    }

    fn row(&mut self, screen: &Screen, row: u16, end: u16, cursor: Option<u16>) {
        for column in 0..end {
            let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else {
                continue;
            };
            self.look(Look::of(cell));
            let wide = if cell.is_wide() { 2 } else { 1 };
            if self.column + wide > self.columns {
                (self.row, self.column) = (self.row + 1, 0);
            }
            if cursor.is_some_and(|cursor| (column..column + wide as u16).contains(&cursor)) {
                self.cursor = Some((self.row, self.column));
            }
            self.column += wide;
            self.text.push_str(if cell.has_contents() { cell.contents() } else { " " });
        }
    }

    /// A row of text without any look; gives the columns that it takes.
    fn plain(&mut self, text: &str) -> u16 {
        self.look(Look::default());
        self.text.push_str(text);
        let mut end = 0;
        for wide in text.chars().filter_map(UnicodeWidthChar::width) {
            if self.column + wide as u64 > self.columns {
                (self.row, self.column) = (self.row + 1, 0);
            }
            self.column += wide as u64;
            end += wide as u16;
        }
        end
    }

    fn look(&mut self, look: Look) {
        if look != self.look {
            look.write(&mut self.text);
            self.look = look;
        }
    }

    /// Puts the cursor in its place, and everything else as it was.
    fn restore(&mut self, screen: &Screen, rows: NonZeroU16) {
        if let Some((row, column)) = self.cursor {
            let top = (self.row + 1).saturating_sub(u64::from(rows.get()));
            let _ = write!(self.text, "\x1b[{};{}H", row.saturating_sub(top) + 1, column + 1);
        }
        self.text.push_str(&screen.attributes_formatted());
        self.text.push_str(&screen.input_mode_formatted());
        let _ = write!(self.text, "\x1b[{} q", shape(screen));
        if screen.hide_cursor() {
            self.text.push_str("\x1b[?25l");
        }
    }
}

/// Whether the next row goes on with the line of this one. The parser does not say so of a row that a wide character
/// found no place on; then the last column is empty, and the next row begins with it.
fn goes_on(screen: &mut Screen, line: usize, end: u16) -> bool {
    let row = show(screen, line);
    if screen.row_wrapped(row) || end + 1 != screen.size().1.get() {
        return screen.row_wrapped(row);
    }
    let next = show(screen, line + 1);
    screen.cell(next, 0).is_some_and(Cell::is_wide)
}

/// Scrolls so that a line, counted from the oldest, is in view; gives its row.
fn show(screen: &mut Screen, line: usize) -> u16 {
    let above = screen.scrollback_len();
    let back = above.saturating_sub(line);
    screen.set_scrollback(back);
    (line - (above - back)) as u16
}

/// The texts of a screen's height of rows from a line on, each where nothing in it has a look of its own: most of them,
/// and many times as quick as cell by cell.
fn plain_rows(screen: &mut Screen, line: usize) -> Vec<Option<String>> {
    let (height, columns) = screen.size();
    let first = usize::from(show(screen, line));
    let rows = screen.rows_formatted(0, columns.get()).skip(first);
    let plain = |row: String| (!row.contains('\x1b')).then_some(row);
    rows.map(plain).chain(std::iter::repeat(None)).take(usize::from(height.get())).collect()
}

/// How many columns of a row as it is shown now have something in them.
fn width(screen: &Screen, row: u16) -> u16 {
    let (_, columns) = screen.size();
    let filled = |column: &u16| {
        screen.cell(row, *column).is_some_and(|cell| cell.has_contents() || cell.is_wide_continuation())
    };
    (0..columns.get()).rev().find(filled).map_or(0, |column| column + 1)
}

#[cfg(test)]
mod tests {
    use super::super::Terminal;
    use proptest::prelude::*;
    use teu_api::session::TerminalSize;

    fn terminal(columns: u16, output: &str) -> Terminal {
        let mut terminal = Terminal::new(TerminalSize { columns, rows: 5 });
        terminal.process(output.as_bytes());
        terminal
    }

    fn resized(columns: u16, output: &str, to: u16) -> Terminal {
        let mut terminal = terminal(columns, output);
        terminal.resize(TerminalSize { columns: to, rows: 5 });
        terminal
    }

    /// All its lines and where its cursor is.
    fn all(terminal: &mut Terminal) -> (Vec<(String, bool)>, (u16, u16)) {
        let lines = terminal.lines(terminal.first_line()..terminal.end_line());
        let cursor = terminal.screen().cursor_position();
        (lines.into_iter().map(|line| (line.text, line.wrapped)).collect(), cursor)
    }

    fn output() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-z]{1,30}",
            Just("e\u{301}".to_owned()),
            Just("\x1b[1;31m".to_owned()),
            Just("\x1b[m".to_owned()),
            Just("\r\n".to_owned()),
            Just("\r\n\r\n".to_owned()),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        /// What was written is as if it had been written at the new width.
        #[test]
        fn the_width_that_was_leaves_no_trace(output in output(), from in 2_u16..40, to in 2_u16..40) {
            prop_assert_eq!(all(&mut resized(from, &output, to)), all(&mut terminal(to, &output)));
        }

        /// Wherever the cursor is, nothing panics, and it stays on the screen.
        #[test]
        fn a_cursor_anywhere_stays_on_the_screen(
            output in output(), from in 1_u16..40, to in 0_u16..40, row in 1_u16..9, column in 1_u16..60,
        ) {
            let output = format!("{output}\x1b[{row};{column}H");
            let terminal = resized(from, &output, to);
            let (row, column) = terminal.screen().cursor_position();
            prop_assert!(row < 5 && column <= to.max(1));
        }
    }

    #[test]
    fn wide_characters_that_found_no_place_belong_to_the_line_before() {
        let text = "漢漢漢字aa字漢字漢";
        for (from, to) in [(11, 2), (11, 30), (5, 30), (30, 5), (7, 4)] {
            assert_eq!(all(&mut resized(from, text, to)), all(&mut terminal(to, text)), "{from} to {to}");
        }
    }

    #[test]
    fn the_cursor_stays_on_its_character() {
        // On the `x` of the second line, of three.
        let output = "0123456789\r\nabcdefghijklmnopqrstuvwxyz\r\nend\x1b[3;4H";
        let narrow = resized(20, output, 8);
        let (row, column) = narrow.screen().cursor_position();
        assert_eq!(narrow.screen().cell(row, column).map(vt100::Cell::contents), Some("x"));
        let wide = resized(20, output, 60);
        assert_eq!(wide.screen().cursor_position(), (1, 23));
        // Apart from the text, and on an empty line in the middle.
        assert_eq!(resized(20, "ab\x1b[1;9H", 30).screen().cursor_position(), (0, 8));
        assert_eq!(resized(20, "ab\x1b[1;19H", 10).screen().cursor_position(), (0, 9));
        assert_eq!(resized(20, "ab\r\n\r\ncd\x1b[2;3H", 30).screen().cursor_position(), (1, 2));
    }

    #[test]
    fn colours_modes_and_the_shape_of_the_cursor_stay() {
        let output = "\x1b[1;3;38;5;9;48;2;1;2;3mloud\x1b[m and plain\x1b[?2004h\x1b[?1h\x1b[?1002h\x1b[?1006h\x1b[4 q\x1b[?25l\x1b[7m";
        let terminal = resized(40, output, 6);
        let screen = terminal.screen();
        let cell = screen.cell(0, 0).unwrap();
        assert!(cell.bold() && cell.italic() && cell.fgcolor() == vt100::Color::Idx(9));
        assert_eq!(cell.bgcolor(), vt100::Color::Rgb(1, 2, 3));
        assert!(!screen.cell(0, 5).unwrap().bold());
        assert!(screen.bracketed_paste() && screen.application_cursor() && screen.hide_cursor());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::ButtonMotion);
        assert_eq!((terminal.cursor_shape(), screen.inverse()), (4, true));
    }

    #[test]
    fn what_a_full_screen_program_shows_is_left_to_it() {
        let output = "shell\r\n\x1b[?1049h\x1b[Habcdefghij";
        let terminal = resized(10, output, 5);
        assert_eq!(terminal.text(), "abcde");
    }
}
