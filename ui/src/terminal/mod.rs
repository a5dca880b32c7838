//! An embedded terminal: bytes in, cells and answers out.

mod answers;
mod copy;
mod draw;
mod encode;
mod reflow;
mod rows;

pub use copy::{Copying, Move, Search, Selection, Shape, Spot};
pub use draw::draw;
pub use encode::{encode_focus, encode_key, encode_mouse, encode_paste};
pub use rows::RowText;

use answers::Answers;
use std::borrow::Cow;
use std::num::NonZeroU16;
use teu_api::session::TerminalSize;

/// How many lines are kept above the screen.
const SCROLLBACK: usize = 5_000;

/// A terminal's state.
pub struct Terminal {
    parser: vt100::Parser<Answers>,
    scroll: usize,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal")
            .field("size", &self.size())
            .field("scroll", &self.scroll)
            .finish_non_exhaustive()
    }
}

/// A few bytes may ask for a character to be repeated 65,535 times, again and again, and stall everything: no
/// screen needs more than a line or two of them at a time.
fn bounded(bytes: &[u8]) -> Cow<'_, [u8]> {
    const MOST: usize = 3;
    let mut out: Option<Vec<u8>> = None;
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(2).position(|pair| pair == b"\x1b[") {
        let digits = at + found + 2;
        let count = bytes[digits..].iter().take_while(|b| b.is_ascii_digit()).count();
        let end = digits + count;
        if bytes.get(end) == Some(&b'b') && count > MOST {
            let out = out.get_or_insert_with(Vec::new);
            out.extend_from_slice(&bytes[copied..digits]);
            out.extend_from_slice(b"999");
            copied = end;
        }
        at = end;
    }
    match out {
        Some(mut out) => {
            out.extend_from_slice(&bytes[copied..]);
            Cow::Owned(out)
        }
        None => Cow::Borrowed(bytes),
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

/// The cursor's shape as DECSCUSR numbers it.
fn shape(screen: &vt100::Screen) -> u8 {
    use vt100::CursorStyle;
    match screen.cursor_style() {
        CursorStyle::BlinkBlock => 1,
        CursorStyle::SteadyBlock => 2,
        CursorStyle::BlinkUnderline => 3,
        CursorStyle::SteadyUnderline => 4,
        CursorStyle::BlinkVerticalBar => 5,
        CursorStyle::SteadyVerticalBar => 6,
        CursorStyle::Default => 0,
    }
}

impl Terminal {
    /// An empty terminal.
    pub fn new(size: TerminalSize) -> Self {
        let parser = vt100::Parser::new_with_callbacks(
            cells(size.rows),
            cells(size.columns),
            SCROLLBACK,
            Answers::default(),
        );
        Self { parser, scroll: 0 }
    }

    /// Takes output of the program inside; gives what is to be answered to it.
    pub fn process(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.parser.process(&bounded(bytes));
        // What the user looks at stays in place while lines come in below.
        self.scroll = self.parser.screen().scrollback();
        std::mem::take(&mut self.parser.callbacks_mut().bytes)
    }

    /// Says what colours text and its ground have, for programs that ask.
    pub fn set_colors(&mut self, colors: [(u8, u8, u8); 2]) {
        self.parser.callbacks_mut().colors = Some(colors);
    }

    /// Gives the terminal another size. Lines are parted anew where their width changes; what a full-screen program
    /// shows is its own to draw anew.
    pub fn resize(&mut self, size: TerminalSize) {
        let screen = self.parser.screen();
        // A column cannot hold every character.
        if size.columns > 1 && size.columns != self.size().columns && !screen.alternate_screen() {
            self.parser = reflow::reflowed(&mut self.parser, size);
        } else {
            self.parser.set_size(cells(size.rows), cells(size.columns));
        }
        self.scroll = 0;
    }

    /// Its size.
    pub fn size(&self) -> TerminalSize {
        let (rows, columns) = self.parser.screen().size();
        TerminalSize { columns: columns.get(), rows: rows.get() }
    }

    /// Its screen, as far back as it is scrolled.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The title that the program inside gave itself; may be empty.
    pub fn title(&self) -> &str {
        &self.parser.callbacks().title
    }

    /// Whether the bell rang since the last call.
    pub fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.parser.callbacks_mut().bell)
    }

    /// Whether the program inside wants to hear when its terminal gets or loses the keyboard.
    pub fn wants_focus(&self) -> bool {
        self.parser.callbacks().focus_events
    }

    /// The shape that the program inside gave the cursor, as DECSCUSR numbers it; 0 is the outer terminal's own.
    pub fn cursor_shape(&self) -> u8 {
        shape(self.screen())
    }

    /// How many lines it is scrolled back.
    pub fn scroll(&self) -> usize {
        self.scroll
    }

    /// How many lines can be scrolled back.
    pub fn scrollback_len(&self) -> usize {
        self.parser.screen().scrollback_len()
    }

    /// Scrolls back to so many lines above the end, or as far as it goes.
    pub fn set_scroll(&mut self, lines: usize) {
        self.parser.screen_mut().set_scrollback(lines);
        self.scroll = self.parser.screen().scrollback();
    }

    /// The text on the screen, as far back as it is scrolled.
    pub fn text(&self) -> String {
        let (_, columns) = self.parser.screen().size();
        let rows: Vec<String> = self.parser.screen().rows(0, columns.get()).collect();
        rows.iter().map(|row| row.trim_end()).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal() -> Terminal {
        Terminal::new(TerminalSize { columns: 20, rows: 4 })
    }

    #[test]
    fn queries_are_answered_within_bounds() {
        let mut terminal = terminal();
        assert_eq!(terminal.process(b"ab\x1b[6n\x1b[c"), b"\x1b[1;3R\x1b[?62;22c");
        assert!(terminal.process(&b"\x1b[6n".repeat(10_000)).len() <= answers::MOST);
        assert_eq!(terminal.process(b"\x1b[5n\x1b[>q"), b"\x1b[0n\x1bP>|teu\x1b\\");
        assert_eq!(terminal.process(b"\x1b]11;?\x07"), b"", "nothing is known of colours yet");
        terminal.set_colors([(1, 2, 255), (16, 0, 0)]);
        assert_eq!(terminal.process(b"\x1b]11;?\x07"), b"\x1b]11;rgb:1010/0000/0000\x1b\\");
        let both = b"\x1b]10;rgb:0101/0202/ffff\x1b\\\x1b]11;rgb:1010/0000/0000\x1b\\";
        assert_eq!(terminal.process(b"\x1b]10;?;?\x1b\\"), both);
        assert_eq!(terminal.process(b"\x1b]11;red\x07\x1b]4;1;?\x07\x1b]52;c;?\x07"), b"");
    }

    #[test]
    fn scrolled_back_text_stays_in_place() {
        let mut terminal = terminal();
        for n in 0..20 {
            terminal.process(format!("line {n}\r\n").as_bytes());
        }
        terminal.set_scroll(5);
        let seen = terminal.text();
        terminal.process(b"more\r\nand more\r\n");
        assert_eq!(terminal.text(), seen);
        assert_eq!(terminal.scroll(), 7);
        terminal.set_scroll(100_000);
        assert_eq!(terminal.scroll(), terminal.scrollback_len());
    }

    #[test]
    fn repetition_is_bounded() {
        assert_eq!(&*bounded(b"x\x1b[65535by\x1b[12bz\x1b[31m"), b"x\x1b[999by\x1b[12bz\x1b[31m");
        assert!(matches!(bounded(b"\x1b[3mplain\x1b["), Cow::Borrowed(_)));
    }

    #[test]
    fn no_size_is_too_small() {
        let mut terminal = terminal();
        terminal.resize(TerminalSize { columns: 0, rows: 0 });
        terminal.process("漢字 wide\x1b[5;5Hx".as_bytes());
        terminal.resize(TerminalSize { columns: 300, rows: 100 });
    }
}
