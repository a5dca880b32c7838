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
    /// Red, green and blue of text and of what it stands on.
    pub colors: Option<[(u8, u8, u8); 2]>,
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
            (Some(b'>'), None, 'q', 0) => self.say("\x1bP>|teu\x1b\\"),
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

    // Programs ask for the colours to choose their own to suit: OSC 10 for that of text, 11 for the ground, 12 for the
    // cursor. Several questions may stand in one.
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, parameters: &[&[u8]]) {
        let (Some([ink, ground]), [first, questions @ ..]) = (self.colors, parameters) else { return };
        let first = std::str::from_utf8(first).ok().and_then(|number| number.parse::<u8>().ok());
        let Some(first @ 10..=12) = first else { return };
        for (number, question) in (first..=12).zip(questions) {
            if question == b"?" {
                let (r, g, b) = if number == 11 { ground } else { ink };
                self.say(&format!("\x1b]{number};rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}\x1b\\"));
            }
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
