//! A board on a terminal, drawn anew in its place whenever something happens, and while something is being done for
//! its running times; nobody is woken otherwise.

use super::board::{Board, TURN};
use crate::output::safe;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;
use teu_core::stacks::StackEvent;

/// A board that is being shown, on standard error: standard output is the containers'.
pub struct Live {
    events: Option<Sender<StackEvent>>,
    artist: Option<JoinHandle<()>>,
}

impl Live {
    /// Shows a board.
    pub fn new(title: &str, coloured: bool) -> Self {
        let (events, heard) = channel();
        let board = Board::new(title);
        Self { events: Some(events), artist: Some(thread::spawn(move || draw_all(board, &heard, coloured))) }
    }

    /// Shows what happened.
    pub fn tell(&self, event: &StackEvent) {
        if let Some(events) = &self.events {
            // The artist lives until the channel is closed.
            let _ = events.send(event.clone());
        }
    }
}

/// The last picture is drawn before anything else is written.
impl Drop for Live {
    fn drop(&mut self) {
        drop(self.events.take());
        if let Some(artist) = self.artist.take() {
            let _ = artist.join();
        }
    }
}

fn draw_all(mut board: Board, heard: &Receiver<StackEvent>, coloured: bool) {
    let begin = Instant::now();
    let mut canvas = Canvas { drawn: 0, coloured };
    let mut open = true;
    while open {
        let event = if board.is_working() {
            heard.recv_timeout(TURN)
        } else {
            heard.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        open = event != Err(RecvTimeoutError::Disconnected);
        // Events that come together are one picture.
        let mut warnings = String::new();
        for event in event.into_iter().chain(heard.try_iter()) {
            if event.kind == "Warning" {
                warnings.push_str(&format!("teu: warning: {}\n", safe(&event.name)));
            } else {
                board.take(&event, begin.elapsed());
            }
        }
        canvas.draw(&board, &warnings, begin);
    }
}

struct Canvas {
    /// How many lines of the board stand above the cursor.
    drawn: usize,
    coloured: bool,
}

impl Canvas {
    /// Draws the board over its last picture, in one write so that nothing flickers; `above` is left standing above it.
    fn draw(&mut self, board: &Board, above: &str, begin: Instant) {
        let (columns, rows) = match rustix::termios::tcgetwinsize(io::stderr().as_fd()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
            _ => (80, 24),
        };
        let lines = board.lines(begin.elapsed(), columns, rows, self.coloured);
        // Shown at once where the terminal knows how.
        let mut text = String::from("\x1b[?2026h");
        if self.drawn > 0 {
            text.push_str(&format!("\x1b[{}A", self.drawn));
        }
        text.push('\r');
        for line in above.lines().chain(lines.iter().map(String::as_str)) {
            text.push_str(line);
            text.push_str("\x1b[K\r\n");
        }
        text.push_str("\x1b[J\x1b[?2026l");
        self.drawn = lines.len();
        write(&text);
    }
}

fn write(text: &str) {
    // A terminal that is gone leaves no one to show anything to; the work goes on.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
