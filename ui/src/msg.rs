//! What comes in and what goes out.

use crate::keys::{KeyEvent, MouseEvent};
use teu_api::{Command, Event};

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse moved with a button down, was pressed, released or turned.
    Mouse(MouseEvent),
    /// Text was pasted (bracketed paste).
    Paste(String),
    /// The terminal has a new size in cells.
    Resize {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// The engine says something.
    Engine(Event),
    /// The terminal said what its background is.
    Background {
        /// Whether it is a light one.
        light: bool,
    },
    /// The moment that [`crate::Model::next_deadline`] named has come.
    Tick,
    /// The terminal's window has the keyboard.
    FocusGained,
    /// The terminal's window has lost the keyboard.
    FocusLost,
}

/// Something to be done outside.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Ask the engine.
    Engine(Command),
    /// Leave the program.
    Quit,
    /// Put a text on the clipboard (OSC 52 and whatever the host offers).
    CopyToClipboard(String),
    /// Open an address in a browser; where there is none, put it on the clipboard and say so.
    OpenUrl(String),
    /// Suspend the program as ctrl-z does in a shell.
    Suspend,
    /// Forget what is on the terminal and draw every cell again.
    RedrawAll,
    /// Capture the mouse, or leave it to the terminal so that text can be selected.
    CaptureMouse(bool),
    /// Remember the theme by name for the next start.
    SaveTheme(String),
    /// Write a text to a file in the working folder; `name` holds no separator.
    WriteFile {
        /// The file's name.
        name: String,
        /// What goes in.
        text: String,
    },
}
