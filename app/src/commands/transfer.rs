//! How far a pull or a push has come: bars on a terminal, plain lines elsewhere.

use crate::output::{decimal_size, safe};
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::sync::Mutex;
use teu_api::progress::{TransferEvent, TransferPart, TransferPhase};
use teu_core::Progress;

/// The widest bar, in columns.
const WIDEST: usize = 50;

/// Which way the bytes go; Docker has its own words for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From a registry.
    Pull,
    /// To a registry.
    Push,
}

/// Where progress is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Standard output: the command is about nothing else.
    Output,
    /// Standard error: standard output is a container's.
    Error,
    /// Nowhere.
    Nowhere,
}

/// Shows a transfer.
pub struct Transfer {
    direction: Direction,
    stream: Stream,
    bars: bool,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    parts: Vec<TransferPart>,
    /// The widths of the bars on the terminal, above the cursor.
    lines: Vec<usize>,
}

impl Transfer {
    /// Shows nothing yet.
    pub fn new(direction: Direction, stream: Stream) -> Self {
        let is_terminal = match stream {
            Stream::Output => io::stdout().is_terminal(),
            Stream::Error => io::stderr().is_terminal(),
            Stream::Nowhere => false,
        };
        // A terminal that cannot move its cursor gets lines.
        let bars = is_terminal && std::env::var_os("TERM").is_none_or(|name| name != "dumb");
        Self { direction, stream, bars, shown: Mutex::default() }
    }

    /// Where progress is shown goes what is said about it too.
    pub fn say(&self, line: &str) {
        self.report(TransferEvent::Message(line.to_owned()));
    }

    fn write(&self, text: &str) {
        // Whoever reads it may have gone away; the transfer goes on.
        let _ = match self.stream {
            Stream::Output => {
                io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush())
            }
            Stream::Error => io::stderr().lock().write_all(text.as_bytes()),
            Stream::Nowhere => Ok(()),
        };
    }

    fn size(&self) -> (usize, usize) {
        let size = match self.stream {
            Stream::Error => rustix::termios::tcgetwinsize(io::stderr().as_fd()),
            _ => rustix::termios::tcgetwinsize(io::stdout().as_fd()),
        };
        match size {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
            _ => (80, 24),
        }
    }
}

impl Progress for Transfer {
    fn report(&self, event: TransferEvent) {
        if self.stream == Stream::Nowhere {
            return;
        }
        let Ok(mut shown) = self.shown.lock() else { return };
        match event {
            TransferEvent::Message(text) if !self.bars => self.write(&format!("{}\n", safe(&text))),
            TransferEvent::Message(text) => {
                // What has ended stays above the message; the next image's bars come below it.
                if shown.parts.iter().all(is_settled) {
                    *shown = Shown::default();
                }
                let erase = erase(&shown.lines, self.size().0);
                shown.lines.clear();
                self.write(&format!("{erase}{}\n", safe(&text)));
                self.draw(&mut shown);
            }
            TransferEvent::Part(part) => {
                let known = shown.parts.iter_mut().find(|known| known.id == part.id);
                let changed = known.as_ref().is_none_or(|known| known.phase != part.phase);
                let line = changed.then(|| format!("{}: {}\n", part.id, word(part.phase, self.direction)));
                match known {
                    Some(known) => *known = part,
                    None => shown.parts.push(part),
                }
                if self.bars {
                    self.draw(&mut shown);
                } else if let Some(line) = line {
                    self.write(&line);
                }
            }
        }
    }
}

impl Transfer {
    fn draw(&self, shown: &mut Shown) {
        let (columns, rows) = self.size();
        let mut text = erase(&shown.lines, columns);
        // A terminal cannot move its cursor above its first line: what is done gives way to what is not.
        let mut visible: Vec<&TransferPart> = shown.parts.iter().collect();
        if visible.len() >= rows {
            visible.retain(|part| !is_settled(part));
            visible.truncate(rows.saturating_sub(1));
        }
        let bars: Vec<String> = visible.iter().map(|part| bar(part, self.direction, columns)).collect();
        for bar in &bars {
            text.push_str(bar);
            text.push('\n');
        }
        shown.lines = bars.iter().map(|bar| bar.chars().count()).collect();
        self.write(&text);
    }
}

/// Back to the first of these lines, with nothing below. A terminal that became narrower has broken them into more.
fn erase(lines: &[usize], columns: usize) -> String {
    let rows: usize = lines.iter().map(|width| width.div_ceil(columns.max(1)).max(1)).sum();
    if rows == 0 { String::new() } else { format!("\x1b[{rows}A\r\x1b[J") }
}

fn is_settled(part: &TransferPart) -> bool {
    matches!(part.phase, TransferPhase::Done | TransferPhase::Exists | TransferPhase::Mounted)
}

/// One part in one line of at most so many columns.
fn bar(part: &TransferPart, direction: Direction, columns: usize) -> String {
    let mut line = format!("{}: {}", part.id, word(part.phase, direction));
    let moving = matches!(
        part.phase,
        TransferPhase::Downloading | TransferPhase::Extracting | TransferPhase::Uploading
    );
    if moving && part.total > 0 {
        let current = part.current.min(part.total);
        let counts = format!("{}/{}", decimal_size(current), decimal_size(part.total));
        let width = columns.saturating_sub(12 + 2 + 11 + 4 + 17).min(WIDEST);
        if width >= 10 {
            let filled = (u128::from(current) * width as u128 / u128::from(part.total)) as usize;
            let head = if filled < width { ">" } else { "" };
            line = format!("{line:<25} [{:<width$}] {counts}", format!("{}{head}", "=".repeat(filled)));
        } else {
            line = format!("{line} {counts}");
        }
    }
    line.chars().take(columns.saturating_sub(1)).collect()
}

fn word(phase: TransferPhase, direction: Direction) -> &'static str {
    let pull = direction == Direction::Pull;
    match phase {
        TransferPhase::Waiting if pull => "Pulling fs layer",
        TransferPhase::Waiting => "Preparing",
        TransferPhase::Downloading => "Downloading",
        TransferPhase::Retrying => "Retrying",
        TransferPhase::Verifying => "Verifying Checksum",
        TransferPhase::Extracting => "Extracting",
        TransferPhase::Exists if pull => "Already exists",
        TransferPhase::Exists => "Layer already exists",
        TransferPhase::Uploading => "Pushing",
        TransferPhase::Mounted => "Mounted from another repository",
        TransferPhase::Done if pull => "Pull complete",
        TransferPhase::Done => "Pushed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(phase: TransferPhase, current: u64, total: u64) -> TransferPart {
        TransferPart { id: "0123456789ab".to_owned(), phase, current, total }
    }

    #[test]
    fn bars_fit_their_terminal() {
        for columns in [1, 20, 40, 60, 80, 200] {
            for (current, total) in [(0, 0), (0, 10), (5, 10), (10, 10), (11, 10), (u64::MAX, u64::MAX)] {
                for phase in [TransferPhase::Downloading, TransferPhase::Extracting, TransferPhase::Done] {
                    let line = bar(&part(phase, current, total), Direction::Pull, columns);
                    assert!(line.chars().count() < columns.max(1) || line.is_empty(), "{columns}: {line}");
                }
            }
        }
        let half = bar(&part(TransferPhase::Downloading, 5_000_000, 10_000_000), Direction::Pull, 80);
        let bar = format!("[{:<34}]", format!("{}>", "=".repeat(17)));
        assert_eq!(half, format!("0123456789ab: Downloading {bar} 5MB/10MB"));
    }

    #[test]
    fn a_narrower_terminal_has_more_lines_to_erase() {
        assert_eq!(erase(&[], 80), "");
        assert_eq!(erase(&[79, 25], 80), "\x1b[2A\r\x1b[J");
        assert_eq!(erase(&[79, 25], 40), "\x1b[3A\r\x1b[J");
        assert_eq!(erase(&[0, 60], 60), "\x1b[2A\r\x1b[J");
    }

    #[test]
    fn words_are_those_of_the_direction() {
        assert_eq!(bar(&part(TransferPhase::Done, 1, 1), Direction::Pull, 80), "0123456789ab: Pull complete");
        assert_eq!(
            bar(&part(TransferPhase::Exists, 1, 1), Direction::Push, 80),
            "0123456789ab: Layer already exists"
        );
    }
}
