//! What happens to the parts of a stack, one line for each: a picture, drawn elsewhere.

use crate::output::{decimal_size, safe};
use std::time::Duration;
use teu_core::stacks::StackEvent;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The turning sign before what is being done.
const TURNS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// How long each of its pictures stands.
pub const TURN: Duration = Duration::from_millis(100);

/// How far a part is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Something is being done to it.
    Working,
    /// It is as it should be.
    Done,
    /// What was to be done failed.
    Failed,
}

impl Standing {
    /// What a word about a part means.
    pub fn of(what: &str) -> Self {
        match what {
            "Error" => Self::Failed,
            "Running" => Self::Done,
            what if what.ends_with("ing") => Self::Working,
            _ => Self::Done,
        }
    }

    /// The word of Docker's JSON for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Working => "Working",
            Self::Done => "Done",
            Self::Failed => "Error",
        }
    }
}

/// One part.
struct Row {
    kind: &'static str,
    name: String,
    what: &'static str,
    bytes: Option<(u64, u64)>,
    since: Duration,
    /// How long it took, once it is done.
    took: Option<Duration>,
}

impl Row {
    fn standing(&self) -> Standing {
        Standing::of(self.what)
    }
}

/// All parts, in the order in which they were first heard of.
pub struct Board {
    title: String,
    rows: Vec<Row>,
}

impl Board {
    /// Nothing yet, of what the title says is done.
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), rows: Vec::new() }
    }

    /// Takes in what happened at a moment, counted from the beginning.
    pub fn take(&mut self, event: &StackEvent, now: Duration) {
        let known = self.rows.iter().position(|row| row.kind == event.kind && row.name == event.name);
        let at = known.unwrap_or_else(|| {
            let (kind, name) = (event.kind, event.name.clone());
            self.rows.push(Row { kind, name, what: event.what, bytes: None, since: now, took: None });
            self.rows.len() - 1
        });
        let row = &mut self.rows[at];
        row.what = event.what;
        row.bytes = event.bytes.or(row.bytes);
        row.took = (row.standing() != Standing::Working).then(|| now.saturating_sub(row.since));
    }

    /// Whether something is being done.
    pub fn is_working(&self) -> bool {
        self.rows.iter().any(|row| row.standing() == Standing::Working)
    }

    /// The lines at a moment, each of less than so many columns and less than so many in all.
    pub fn lines(&self, now: Duration, columns: usize, most: usize, coloured: bool) -> Vec<String> {
        if self.rows.is_empty() || most < 3 {
            return Vec::new();
        }
        let done = self.rows.iter().filter(|row| row.standing() == Standing::Done).count();
        let title = format!("[+] {} {done}/{}", self.title, self.rows.len());
        let mut lines = vec![clipped(&title, columns)];
        // What is done gives way to what is not; a line says how much of it there is.
        let mut shown: Vec<&Row> = self.rows.iter().collect();
        if shown.len() + 2 > most {
            shown.sort_by_key(|row| row.standing() == Standing::Done);
            shown.truncate(most - 3);
        }
        let hidden = self.rows.len() - shown.len();
        let label = |row: &Row| format!("{} {}", row.kind, safe(&row.name));
        let width = shown.iter().map(|row| label(row).width()).max().unwrap_or(0);
        for row in shown {
            lines.push(line(row, &label(row), width, now, columns, coloured));
        }
        if hidden > 0 {
            lines.push(clipped(&format!("   … and {hidden} more"), columns));
        }
        lines
    }
}

/// ` ✔ Container s-web-1  Started    0.4s`
fn line(row: &Row, label: &str, width: usize, now: Duration, columns: usize, coloured: bool) -> String {
    let turn = (now.as_millis() / TURN.as_millis()) as usize % TURNS.len();
    let (sign, colour) = match row.standing() {
        Standing::Working => (TURNS[turn], "34"),
        Standing::Done => ("✔", "32"),
        Standing::Failed => ("✘", "31"),
    };
    let moved = match row.bytes {
        Some((done, all)) if row.took.is_none() && all > 0 => {
            format!(" {}/{}", decimal_size(done), decimal_size(all))
        }
        _ => String::new(),
    };
    let took = row.took.unwrap_or_else(|| now.saturating_sub(row.since));
    let took = format!("{:.1}s", took.as_secs_f64());
    let what = format!("{}{moved}", row.what);
    // The end of a long name gives way to what happens.
    let room = columns.saturating_sub(3 + 2 + what.width().max(10) + 1 + took.len() + 1);
    let name = clipped(label, room.min(width) + 1);
    let gap = room.min(width).saturating_sub(name.width());
    let paint = |text: &str| {
        if coloured { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let plain = format!(" {sign} {name}{:gap$}  {what:<10} {took}", "");
    if plain.width() >= columns {
        return clipped(&plain, columns);
    }
    let tail = columns.min(120).saturating_sub(plain.width() + 1);
    let fill = " ".repeat(if columns >= 60 { tail } else { 0 });
    format!(" {} {name}{:gap$}  {} {fill}{took}", paint(sign), "", paint(&format!("{what:<10}")))
}

/// The beginning of a text that leaves the last of so many columns free.
fn clipped(text: &str, columns: usize) -> String {
    let mut left = columns.saturating_sub(1);
    let fits = |letter: &char| {
        let width = letter.width().unwrap_or(0);
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn board() -> Board {
        let mut board = Board::new("up");
        board.take(&StackEvent::new("Network", "s_default", "Creating"), at(0));
        board.take(&StackEvent::new("Network", "s_default", "Created"), at(120));
        board.take(&StackEvent::new("Container", "s-db-1", "Starting"), at(150));
        board.take(&StackEvent::new("Container", "s-db-1", "Error"), at(1700));
        let pulling = StackEvent::new("Image", "busybox", "Pulling");
        board.take(&StackEvent { bytes: Some((1_500_000, 3_000_000)), ..pulling }, at(200));
        board
    }

    #[test]
    fn each_part_has_a_line_with_its_time() {
        let lines = board().lines(at(2000), 60, 24, false);
        assert_eq!(
            lines,
            [
                "[+] up 1/3",
                " ✔ Network s_default  Created                          0.1s",
                " ✘ Container s-db-1   Error                            1.6s",
                " ⠋ Image busybox      Pulling 1.5MB/3MB                1.8s",
            ]
        );
        let coloured = board().lines(at(2000), 60, 24, true).join("\n");
        assert!(
            coloured.contains("\x1b[32m✔\x1b[0m Network s_default  \x1b[32mCreated   \x1b[0m "),
            "{coloured}"
        );
        assert!(board().is_working());
    }

    #[test]
    fn lines_fit_their_terminal_and_what_is_done_gives_way() {
        for columns in [1, 5, 20, 33, 59, 80, 300] {
            for line in board().lines(at(2000), columns, 24, false) {
                assert!(line.width() < columns.max(1) || line.is_empty(), "{columns}: {line:?}");
            }
        }
        assert_eq!(board().lines(at(2000), 60, 5, false).len(), 4);
        let lines = board().lines(at(2000), 60, 4, false);
        assert_eq!(lines.len(), 3);
        assert!(lines[1].contains("s-db-1") && lines[2].contains("and 2 more"), "{lines:?}");
        assert!(board().lines(at(0), 60, 2, false).is_empty());
    }

    #[test]
    fn a_part_that_goes_on_keeps_its_line_and_its_beginning() {
        let mut board = Board::new("up");
        board.take(&StackEvent::new("Container", "a", "Creating"), at(0));
        board.take(&StackEvent::new("Container", "a", "Created"), at(100));
        board.take(&StackEvent::new("Container", "a", "Starting"), at(300));
        assert!(board.is_working());
        board.take(&StackEvent::new("Container", "a", "Started"), at(500));
        assert!(!board.is_working());
        let lines = board.lines(at(9000), 50, 24, false);
        assert_eq!(lines, ["[+] up 1/1", " ✔ Container a  Started    0.5s"]);
    }

    #[test]
    fn hostile_names_move_no_cursor() {
        let mut board = Board::new("up");
        board.take(&StackEvent::new("Container", "a\x1b[2J\nb", "Started"), at(0));
        assert!(!board.lines(at(0), 80, 24, false).join("").contains(['\x1b', '\n']));
    }
}
