//! The terminal: taken over whole, and given back as it was, whatever happens.

use anyhow::{Context as _, Result};
use crossterm::cursor::{SetCursorStyle, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal};
use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write};
use std::rc::Rc;

/// Room for a whole frame, so that it reaches the terminal in one write.
const FRAME_BUFFER: usize = 256 << 10;

/// A frame without any change is no longer than this: it says where the cursor is, and whether it is seen.
const QUIET: usize = 32;

/// What is to reach the terminal, gathered until it is sent: the backend writes, the screen sends.
#[derive(Clone)]
struct Outbox(Rc<RefCell<Vec<u8>>>);

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a frame's bytes begin with a cell, to which the cursor is moved first; what follows the last cell never does.
fn begins_with_a_cell(bytes: &[u8]) -> bool {
    let after = bytes.strip_prefix(b"\x1b[").unwrap_or_default();
    after.iter().find(|byte| !byte.is_ascii_digit() && **byte != b';') == Some(&b'H')
}

/// The terminal while the user interface has it.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Outbox>>,
    outbox: Outbox,
    cursor_shape: u8,
    /// How the last frame ended: with the cursor.
    last: Vec<u8>,
}

impl Screen {
    /// Takes the terminal over. It is given back when this is dropped, and on a panic before its message is printed.
    pub fn enter() -> Result<Self> {
        anyhow::ensure!(
            io::stdin().is_terminal() && io::stdout().is_terminal(),
            "the full-screen interface needs a terminal (use a command instead: teu ps, teu --help)"
        );
        let earlier = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            earlier(panic);
        }));
        let outbox = Outbox(Rc::new(RefCell::new(Vec::with_capacity(FRAME_BUFFER))));
        let terminal = Terminal::new(CrosstermBackend::new(outbox.clone()))
            .context("the terminal does not tell its size")?;
        let mut screen = Self { terminal, outbox, cursor_shape: 0, last: Vec::new() };
        screen.take_over()?;
        Ok(screen)
    }

    /// Takes the terminal over, also when it was before.
    pub fn take_over(&mut self) -> Result<()> {
        self.cursor_shape = 0;
        // Once more from the beginning: whoever had the terminal meanwhile may have left it in any mode.
        let _ = disable_raw_mode();
        enable_raw_mode().context("the terminal cannot be put into raw mode")?;
        execute!(
            self.terminal.backend_mut(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange,
            EnableMouseCapture
        )?;
        self.forget()?;
        self.send()
    }

    /// The terminal's size.
    pub fn size(&self) -> Result<Size> {
        Ok(self.terminal.size()?)
    }

    /// Draws one frame. The terminal shows it whole or not yet: never half of it. One in which nothing changed costs no
    /// byte. `cursor_shape` is the cursor's as DECSCUSR numbers it, 0 for the terminal's own.
    pub fn draw(&mut self, cursor_shape: u8, view: impl FnOnce(&mut Frame<'_>)) -> Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let start = self.outbox.0.borrow().len();
        if cursor_shape != self.cursor_shape {
            self.cursor_shape = cursor_shape;
            write!(self.terminal.backend_mut(), "\x1b[{} q", cursor_shape.min(6))?;
        }
        self.terminal.draw(view)?;
        let mut outbox = self.outbox.0.borrow_mut();
        let changes = &outbox[start..];
        if changes.len() <= QUIET && !begins_with_a_cell(changes) && self.last.ends_with(changes) {
            outbox.clear();
            return Ok(());
        }
        self.last = changes[changes.len().saturating_sub(QUIET)..].to_vec();
        drop(outbox);
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.send()
    }

    /// Sends what was gathered, in one write.
    fn send(&mut self) -> Result<()> {
        let mut outbox = self.outbox.0.borrow_mut();
        let mut out = io::stdout().lock();
        out.write_all(&outbox)?;
        out.flush()?;
        outbox.clear();
        Ok(())
    }

    /// Forgets what is shown, so that the next frame is drawn in full.
    pub fn forget(&mut self) -> Result<()> {
        // Not `clear`, which asks the terminal for its cursor: an answer may never come.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))?;
        self.last.clear();
        Ok(())
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub fn capture_mouse(&mut self, capture: bool) -> Result<()> {
        if capture {
            execute!(self.terminal.backend_mut(), EnableMouseCapture)?;
        } else {
            execute!(self.terminal.backend_mut(), DisableMouseCapture)?;
        }
        self.send()
    }

    /// Writes bytes to the terminal as they are.
    pub fn write_raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.terminal.backend_mut().write_all(bytes)?;
        self.send()
    }

    /// Gives the terminal back, stops this process as ctrl-z does, and takes the terminal over again afterwards.
    pub fn suspend(&mut self) -> Result<()> {
        restore();
        // The one that cannot be caught: SIGTSTP is, so that it leads here.
        nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP)?;
        self.take_over()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back. Every step is tried: one that fails must not keep the others from their work.
fn restore() {
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture, DisableFocusChange, DisableBracketedPaste);
    let _ = execute!(out, SetCursorStyle::DefaultUserShape, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::Backend as _;
    use ratatui::buffer::Cell;

    #[test]
    fn a_frame_with_a_cell_is_told_from_one_without() {
        let mut bytes = Vec::new();
        let mut backend = CrosstermBackend::new(&mut bytes);
        let cell = Cell::new("a");
        backend.draw([(3, 4, &cell)].into_iter()).expect("memory takes it");
        assert!(begins_with_a_cell(&bytes), "{bytes:?}");
        let mut bytes = Vec::new();
        let mut backend = CrosstermBackend::new(&mut bytes);
        backend.draw(std::iter::empty()).expect("memory takes it");
        backend.set_cursor_position(Position::new(3, 4)).expect("memory takes it");
        assert!(!begins_with_a_cell(&bytes), "{bytes:?}");
    }
}
