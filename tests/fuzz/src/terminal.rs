//! The terminal pane: whatever a program in a container writes, at any size, while it is looked through and marked,
//! nothing reaches a cell but what is safe to print, and nothing is answered beyond a bound.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use teu_api::session::TerminalSize;
use teu_ui::terminal::{Move, Selection, Shape, Spot, Terminal, draw};
use teu_ui::theme::Theme;

/// Most bytes that one piece of output may be answered with.
const MOST_ANSWERED: usize = 256;

/// Feeds output in pieces, between which the terminal is resized, scrolled, searched and copied from as the bytes say.
pub fn check(bytes: &[u8]) {
    let [columns, rows, rest @ ..] = bytes else { return };
    let mut terminal = Terminal::new(size(*columns, *rows));
    let theme = Theme::default();
    let searched = regex::Regex::new("a|.b|漢");
    // A byte that no text has parts the pieces; the two after it say what happens in between.
    let mut pieces = rest.split(|b| *b == 0xff);
    if let Some(first) = pieces.next() {
        feed(&mut terminal, first);
    }
    for piece in pieces {
        let (what, how) = (piece.first().copied().unwrap_or(0), piece.get(1).copied().unwrap_or(0));
        match what % 6 {
            0 => terminal.resize(size(how, what)),
            1 => terminal.set_scroll(usize::from(how) * 8),
            2 => mark(&mut terminal, how),
            3 => {
                if let Ok(regex) = &searched {
                    terminal.next_match(regex, Spot { line: terminal.top_line(), column: 0 }, how % 2 == 0);
                }
            }
            _ => {}
        }
        feed(&mut terminal, piece.get(2..).unwrap_or_default());
        show(&terminal, &theme);
    }
    show(&terminal, &theme);
    assert!(terminal.title().chars().all(teu_ui::text::is_safe), "{:?}", terminal.title());
}

fn size(columns: u8, rows: u8) -> TerminalSize {
    TerminalSize { columns: u16::from(columns) % 140, rows: u16::from(rows) % 50 }
}

fn feed(terminal: &mut Terminal, bytes: &[u8]) {
    let answered = terminal.process(bytes);
    assert!(answered.len() <= MOST_ANSWERED, "{} bytes are answered", answered.len());
    assert!(answered.iter().all(u8::is_ascii), "{answered:?}");
    assert!(terminal.first_line() <= terminal.top_line() && terminal.top_line() < terminal.end_line());
}

fn mark(terminal: &mut Terminal, how: u8) {
    let start = terminal.copy_start();
    let moves =
        [Move::WordBack, Move::Lines(-3), Move::LineEnd, Move::WordForward, Move::Top, Move::Columns(-1)];
    let head = terminal.moved(start, moves[usize::from(how) % moves.len()]);
    assert!((terminal.first_line()..terminal.end_line()).contains(&head.line));
    let shape = [Shape::Text, Shape::Lines, Shape::Block][usize::from(how) % 3];
    let text = terminal.selected(&Selection { anchor: start, head, shape });
    assert!(text.chars().all(|c| c == '\n' || teu_ui::text::is_safe(c)), "{text:?}");
    let word = terminal.word_at(head);
    assert!(word.start < word.end);
}

fn show(terminal: &Terminal, theme: &Theme) {
    let area = Rect { x: 1, y: 1, width: 60, height: 20 };
    let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width: 62, height: 22 });
    if let Some(cursor) = draw(terminal, theme, area, &mut buffer) {
        assert!(area.contains(cursor), "the cursor is at {cursor}");
    }
    for cell in buffer.content() {
        assert!(cell.symbol().chars().all(teu_ui::text::is_safe), "{:?}", cell.symbol());
    }
}
