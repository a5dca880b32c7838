//! A stack's file being edited: checked as it is written, and never lost by accident.

use crate::keys::{KeyCode, KeyEvent};
use ratatui_textarea::{CursorMove, Input, Key, TextArea};
use teu_api::Failure;
use teu_api::stack::{StackSource, TextFinding};

/// How long nothing must be typed before the text is checked, in nanoseconds.
const PAUSE: i64 = 150_000_000;

/// What is to be done once the text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Afterwards {
    /// Nothing.
    #[default]
    Stay,
    /// The stack is brought up.
    Up,
}

/// The file.
#[derive(Debug)]
pub struct Editor {
    /// The stack that it belongs to.
    pub source: StackSource,
    /// Its path.
    pub path: String,
    /// The text as it is now.
    pub area: TextArea<'static>,
    /// The text as it is in the file; `None` until it was read.
    pub saved: Option<String>,
    /// Why it cannot be read.
    pub failure: Option<Failure>,
    /// What there is to know of the text.
    pub findings: Vec<TextFinding>,
    /// The check that is waited for.
    pub ticket: u64,
    /// When the text is to be checked.
    pub due: Option<i64>,
    /// Whether the findings are of the text as it is.
    pub checked: bool,
    /// The first line in view.
    pub top: usize,
    /// Cells scrolled to the right.
    pub left: usize,
    /// What follows when it is written.
    pub then: Afterwards,
    /// How lines end in the file.
    ending: &'static str,
}

impl Editor {
    /// A file that is still to be read.
    pub fn new(source: StackSource, path: String) -> Self {
        Self {
            source,
            path,
            area: TextArea::default(),
            saved: None,
            failure: None,
            findings: Vec::new(),
            ticket: 0,
            due: None,
            checked: false,
            top: 0,
            left: 0,
            then: Afterwards::Stay,
            ending: "\n",
        }
    }

    /// Takes the text that is in the file.
    pub fn take(&mut self, path: &str, text: Result<String, Failure>, now: i64) -> bool {
        if path != self.path {
            return false;
        }
        match text {
            Ok(text) => {
                self.area = TextArea::new(text.lines().map(str::to_owned).collect());
                self.area.set_max_histories(1000);
                self.ending = ending(&text);
                self.saved = Some(text);
                self.due = Some(now);
            }
            Err(failure) => self.failure = Some(failure),
        }
        true
    }

    /// The text as it would be written: lines end as they do in the file, the last one too.
    pub fn text(&self) -> String {
        let mut text = self.area.lines().join(self.ending);
        if !text.is_empty() {
            text.push_str(self.ending);
        }
        text
    }

    /// Whether something is written that is not in the file.
    pub fn is_changed(&self) -> bool {
        let Some(saved) = &self.saved else { return false };
        let lines = self.area.lines();
        // An empty text has one line here, and none in the file.
        let lines = if lines.len() == 1 && lines[0].is_empty() { &[] } else { lines };
        !saved.lines().eq(lines.iter().map(String::as_str))
    }

    /// A key that changes the text or moves in it.
    pub fn key(&mut self, key: KeyEvent, page: usize, now: i64) {
        if self.saved.is_none() {
            return;
        }
        let before = self.area.lines().len();
        let changed = match key.code {
            KeyCode::Enter => {
                self.new_line();
                true
            }
            KeyCode::Tab if key.shift => self.unindent(),
            // Two blanks: a tab is no indentation in YAML.
            KeyCode::Tab => self.area.insert_str("  "),
            KeyCode::PageUp => self.go(-(page as isize)),
            KeyCode::PageDown => self.go(page as isize),
            KeyCode::Home if key.ctrl => self.jump(&[CursorMove::Top, CursorMove::Head]),
            KeyCode::End if key.ctrl => self.jump(&[CursorMove::Bottom, CursorMove::End]),
            KeyCode::Char('z') if key.ctrl => self.area.undo(),
            KeyCode::Char('y') if key.ctrl => self.area.redo(),
            _ => input(key).is_some_and(|input| self.area.input(input)),
        };
        if changed || before != self.area.lines().len() {
            self.changed(now);
        }
    }

    /// Text that was pasted.
    pub fn paste(&mut self, text: &str, now: i64) {
        let text: String = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "  ");
        let safe: String = text.chars().filter(|c| *c == '\n' || crate::text::is_safe(*c)).collect();
        if self.saved.is_some() && self.area.insert_str(safe) {
            self.changed(now);
        }
    }

    fn changed(&mut self, now: i64) {
        self.due = Some(now + PAUSE);
        self.checked = false;
    }

    fn go(&mut self, rows: isize) -> bool {
        let cursor = self.area.cursor();
        let row = cursor.0.saturating_add_signed(rows).min(self.area.lines().len().saturating_sub(1));
        self.put(row, cursor.1)
    }

    fn jump(&mut self, moves: &[CursorMove]) -> bool {
        for one in moves {
            self.area.move_cursor(*one);
        }
        false
    }

    /// Puts the cursor to a place.
    pub fn put(&mut self, row: usize, column: usize) -> bool {
        let fit = |figure: usize| u16::try_from(figure).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(fit(row), fit(column)));
        false
    }

    /// A new line as deep as the one before, deeper after a key that opens a block.
    fn new_line(&mut self) {
        let cursor = self.area.cursor();
        let line = self.area.lines().get(cursor.0).cloned().unwrap_or_default();
        let head: String = line.chars().take(cursor.1).collect();
        let depth = head.len() - head.trim_start_matches(' ').len();
        let deeper = if head.trim_end().ends_with(':') { 2 } else { 0 };
        self.area.insert_newline();
        self.area.insert_str(" ".repeat(depth + deeper));
    }

    fn unindent(&mut self) -> bool {
        let cursor = self.area.cursor();
        let line = self.area.lines().get(cursor.0).map_or("", String::as_str);
        let blanks = line.bytes().take_while(|byte| *byte == b' ').count().min(2);
        if blanks == 0 {
            return false;
        }
        self.put(cursor.0, 0);
        let changed = self.area.delete_str(blanks);
        self.put(cursor.0, cursor.1.saturating_sub(blanks));
        changed
    }

    /// Puts the cursor to the next finding that has a place.
    pub fn next_finding(&mut self) {
        let mut places: Vec<(usize, usize)> = self
            .findings
            .iter()
            .filter(|f| f.line > 0)
            .map(|f| (f.line - 1, f.column.saturating_sub(1)))
            .collect();
        places.sort_unstable();
        let cursor = self.area.cursor();
        let next = places.iter().find(|place| **place > (cursor.0, cursor.1)).or(places.first());
        if let Some((row, column)) = next.copied() {
            self.put(row, column);
        }
    }

    /// Brings the cursor into a view of so many columns and rows.
    pub fn scroll_into(&mut self, columns: usize, rows: usize) {
        let cursor = self.area.cursor();
        let (columns, rows) = (columns.max(1), rows.max(1));
        self.top = self.top.clamp(cursor.0.saturating_sub(rows - 1), cursor.0);
        let line = self.area.lines().get(cursor.0).map_or("", String::as_str);
        let head: String = line.chars().take(cursor.1).collect();
        let cell = crate::text::width(&head);
        self.left = self.left.clamp(cell.saturating_sub(columns - 1), cell);
    }
}

/// How most lines of a text end.
fn ending(text: &str) -> &'static str {
    let carriage = text.matches("\r\n").count();
    if carriage * 2 > text.matches('\n').count() { "\r\n" } else { "\n" }
}

fn input(key: KeyEvent) -> Option<Input> {
    let code = match key.code {
        KeyCode::Char(c) if crate::text::is_safe(c) => Key::Char(c),
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => return None,
    };
    Some(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(text: &str) -> Editor {
        let mut editor = Editor::new(StackSource::default(), "/compose.yaml".into());
        assert!(editor.take("/compose.yaml", Ok(text.into()), 0));
        editor
    }

    fn keys(editor: &mut Editor, keys: &str) {
        for key in keys.split_whitespace() {
            editor.key(key.parse().unwrap(), 10, 0);
        }
    }

    #[test]
    fn lines_are_indented_as_yaml_is() {
        let mut editor = editor("services:\n");
        keys(&mut editor, "end enter w e b : enter i m a g e : space x enter tab");
        assert_eq!(editor.text(), "services:\n  web:\n    image: x\n      \n");
        keys(&mut editor, "shift-tab shift-tab");
        assert_eq!(editor.text(), "services:\n  web:\n    image: x\n  \n");
        assert!(editor.is_changed());
        for _ in 0..40 {
            keys(&mut editor, "ctrl-z");
        }
        assert_eq!(editor.text(), "services:\n");
        assert!(!editor.is_changed());
        keys(&mut editor, "ctrl-y ctrl-y ctrl-y");
        assert!(editor.is_changed());
    }

    #[test]
    fn line_ends_stay_what_they_are() {
        let mut editor = editor("a: 1\r\nb: 2\r\n");
        assert!(!editor.is_changed());
        keys(&mut editor, "end 3");
        assert_eq!(editor.text(), "a: 13\r\nb: 2\r\n");
        assert!(editor.is_changed());
        keys(&mut editor, "backspace");
        assert!(!editor.is_changed());
        let mut empty = super::tests::editor("");
        assert!(!empty.is_changed());
        keys(&mut empty, "enter");
        assert!(empty.is_changed());
    }

    #[test]
    fn the_ends_of_the_text_are_its_first_and_last_characters() {
        let mut editor = editor("one\n  two\n");
        keys(&mut editor, "ctrl-end x ctrl-home y");
        assert_eq!(editor.text(), "yone\n  twox\n");
    }

    #[test]
    fn pasted_text_is_safe() {
        let mut editor = editor("");
        editor.paste("a:\r\n\tb: \u{1b}[31m1\u{202e}\n", 0);
        assert_eq!(editor.text(), "a:\n  b: [31m1\n\n");
    }

    #[test]
    fn findings_are_gone_through() {
        let mut editor = editor("one\ntwo\nthree\n");
        let finding = |line, column| TextFinding { line, column, grave: true, message: String::new() };
        editor.findings = vec![finding(3, 2), finding(0, 0), finding(1, 2)];
        editor.next_finding();
        assert_eq!((editor.area.cursor().0, editor.area.cursor().1), (0, 1));
        editor.next_finding();
        assert_eq!((editor.area.cursor().0, editor.area.cursor().1), (2, 1));
        editor.next_finding();
        assert_eq!(editor.area.cursor().0, 0);
    }
}
