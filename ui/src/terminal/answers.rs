//! What the program inside asks of its terminal, and what it is answered.

use crate::text::is_safe;

/// Most bytes answered to queries per chunk of output, so that a flood of queries cannot become a flood of input.
pub(super) const MOST: usize = 256;

/// What the program inside asked of its terminal. What is not named here is dropped: above all the clipboard.
#[derive(Default)]
pub(super) struct Answers {
    pub bytes: Vec<u8>,
    pub title: String,
    pub bell: bool,
    pub focus_events: bool,
    /// Lines that are no longer kept.
    pub discarded: u64,
}

impl Answers {
    fn say(&mut self, answer: &str) {
        if self.bytes.len() + answer.len() <= MOST {
            self.bytes.extend_from_slice(answer.as_bytes());
        }
    }
}

impl vt100::Callbacks for Answers {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bell = true;
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        // Bounded before it is decoded: a title may be as long as the program likes.
        let title = &title[..title.len().min(1024)];
        self.title = String::from_utf8_lossy(title).chars().filter(|c| is_safe(*c)).take(80).collect();
    }

    // Full-screen programs ask what they run in and wait for the answer.
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        second: Option<u8>,
        parameters: &[&[u16]],
        last: char,
    ) {
        let parameter = parameters.first().and_then(|p| p.first()).copied().unwrap_or(0);
        match (first, second, last, parameter) {
            (None, None, 'n', 5) => self.say("\x1b[0n"),
            (None, None, 'n', 6) => {
                let (row, column) = screen.cursor_position();
                self.say(&format!("\x1b[{};{}R", row + 1, column + 1));
            }
            // A VT220 with colours.
            (None, None, 'c', 0) => self.say("\x1b[?62;22c"),
            (Some(b'>'), None, 'c', 0) => self.say("\x1b[>1;10;0c"),
            // Whether a mode is known (DECRQM): none is, but no program needs to wait to hear it.
            (Some(b'?'), Some(b'$'), 'p', mode) => self.say(&format!("\x1b[?{mode};0$y")),
            (Some(b'?'), None, 'h' | 'l', _)
                if parameters.iter().any(|parameter| parameter.first() == Some(&1004)) =>
            {
                self.focus_events = last == 'h';
            }
            // The size in cells.
            (None, None, 't', 18) => {
                let (rows, columns) = screen.size();
                self.say(&format!("\x1b[8;{rows};{columns}t"));
            }
            _ => {}
        }
    }

    fn unhandled_escape(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, last: u8) {
        // A full reset (RIS) takes its modes with it.
        if last == b'c' {
            self.focus_events = false;
        }
    }

    fn on_scroll(&mut self, _: vt100::capture::RowContents<'_>, alternate_screen: bool) {
        if !alternate_screen {
            self.discarded += 1;
        }
    }
}
