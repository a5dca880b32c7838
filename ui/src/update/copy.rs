//! Copy mode: keys as in vi and less move a cursor through a terminal's lines, mark, search and copy; and the mouse
//! marks and copies in one go.

use crate::keys::{KeyCode, KeyEvent, MouseButton, MouseKind};
use crate::model::Model;
use crate::model::dialog::Purpose;
use crate::model::notice::NoticeKind;
use crate::model::shells::Shell;
use crate::msg::Effect;
use crate::terminal::{Move, Search, Selection, Shape, Spot};
use crate::text::regex;

/// Begins to look through the terminal in front.
pub(super) fn enter(model: &mut Model) {
    if let Some(shell) = model.shells.current_mut() {
        let start = shell.terminal.copy_start();
        shell.copying.cursor.get_or_insert(start);
    }
}

/// Back to the end, and to the program.
fn leave(shell: &mut Shell) {
    shell.copying.cursor = None;
    shell.copying.selection = None;
    shell.copying.search = None;
    shell.terminal.set_scroll(0);
}

fn movement(key: KeyEvent, rows: i64) -> Option<Move> {
    let half = (rows / 2).max(1);
    let page = (rows - 1).max(1);
    if key.ctrl {
        return match key.code {
            KeyCode::Char('u') => Some(Move::Lines(-half)),
            KeyCode::Char('d') => Some(Move::Lines(half)),
            KeyCode::Char('b') => Some(Move::Lines(-page)),
            KeyCode::Char('f') => Some(Move::Lines(page)),
            KeyCode::Right => Some(Move::WordForward),
            KeyCode::Left => Some(Move::WordBack),
            _ => None,
        };
    }
    Some(match key.code {
        KeyCode::Up | KeyCode::Char('k') => Move::Lines(-1),
        KeyCode::Down | KeyCode::Char('j') => Move::Lines(1),
        KeyCode::Left | KeyCode::Char('h') => Move::Columns(-1),
        KeyCode::Right | KeyCode::Char('l') => Move::Columns(1),
        KeyCode::PageUp => Move::Lines(-page),
        KeyCode::PageDown => Move::Lines(page),
        KeyCode::Home | KeyCode::Char('0') => Move::LineStart,
        KeyCode::Char('^') => Move::LineText,
        KeyCode::End | KeyCode::Char('$') => Move::LineEnd,
        KeyCode::Char('w') => Move::WordForward,
        KeyCode::Char('e') => Move::WordEnd,
        KeyCode::Char('b') => Move::WordBack,
        KeyCode::Char('g') => Move::Top,
        KeyCode::Char('G') => Move::Bottom,
        KeyCode::Char('H') => Move::View(0),
        KeyCode::Char('M') => Move::View(1),
        KeyCode::Char('L') => Move::View(2),
        _ => return None,
    })
}

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let Some(shell) = model.shells.current_mut() else { return };
    let Some(cursor) = shell.copying.cursor else { return };
    if let Some(by) = movement(key, i64::from(shell.terminal.size().rows)) {
        let to = shell.terminal.moved(cursor, by);
        go(shell, to);
        return;
    }
    match key.code {
        KeyCode::Char('v') if key.ctrl => mark(shell, cursor, Shape::Block),
        KeyCode::Char('v' | ' ') => mark(shell, cursor, Shape::Text),
        KeyCode::Char('V') => mark(shell, cursor, Shape::Lines),
        KeyCode::Char('o') => {
            if let Some(selection) = &mut shell.copying.selection {
                std::mem::swap(&mut selection.anchor, &mut selection.head);
                let to = selection.head;
                go(shell, to);
            }
        }
        KeyCode::Char('y') | KeyCode::Enter => {
            // Without anything marked it is the line.
            let line = Selection { anchor: cursor, head: cursor, shape: Shape::Lines };
            let selection = shell.copying.selection.unwrap_or(line);
            copy(model, &selection, out);
            if let Some(shell) = model.shells.current_mut() {
                leave(shell);
            }
        }
        KeyCode::Char('/' | '?') => super::filter::open(model, Purpose::SearchShell),
        KeyCode::Char('n') => search_on(model, true),
        KeyCode::Char('N') => search_on(model, false),
        KeyCode::Esc if shell.copying.selection.is_some() => shell.copying.selection = None,
        KeyCode::Esc if shell.copying.search.is_some() => shell.copying.search = None,
        KeyCode::Esc | KeyCode::Char('q' | 'i') => leave(shell),
        KeyCode::Char('c') if key.ctrl => leave(shell),
        _ => {}
    }
}

fn go(shell: &mut Shell, to: Spot) {
    shell.copying.cursor = Some(to);
    if let Some(selection) = &mut shell.copying.selection {
        selection.head = to;
    }
    shell.terminal.show_line(to.line);
}

/// Begins to mark, turns to another shape, or ends marking.
fn mark(shell: &mut Shell, cursor: Spot, shape: Shape) {
    shell.copying.selection = match shell.copying.selection {
        Some(selection) if selection.shape == shape => None,
        Some(selection) => Some(Selection { shape, ..selection }),
        None => Some(Selection { anchor: cursor, head: cursor, shape }),
    };
}

fn copy(model: &mut Model, selection: &Selection, out: &mut Vec<Effect>) {
    let Some(shell) = model.shells.current_mut() else { return };
    let text = shell.terminal.selected(selection);
    if text.is_empty() {
        return;
    }
    let what = match text.lines().count() {
        0 | 1 => crate::text::count(text.chars().count(), "character"),
        lines => crate::text::count(lines, "line"),
    };
    model.say(NoticeKind::Done, format!("copied {what}"));
    out.push(Effect::CopyToClipboard(text));
}

/// Takes another search text; gives what is wrong with it.
pub(super) fn set_search(model: &mut Model, text: &str) -> Result<(), String> {
    let Some(shell) = model.shells.current_mut() else { return Ok(()) };
    if text.is_empty() {
        shell.copying.search = None;
        return Ok(());
    }
    let compiled = regex(text);
    let meaning = compiled.as_ref().ok().cloned();
    shell.copying.search = Some(Search { text: text.to_owned(), regex: meaning, at: None });
    compiled.map(|_| ())
}

/// Goes to the next match: at first the newest one above the cursor.
pub(super) fn search_on(model: &mut Model, newer: bool) {
    let Some(shell) = model.shells.current_mut() else { return };
    let Some(Search { text, regex: Some(regex), .. }) = shell.copying.search.clone() else { return };
    let cursor = shell.copying.cursor.unwrap_or_else(|| shell.terminal.copy_start());
    match shell.terminal.next_match(&regex, cursor, newer) {
        Some((spot, at, count)) => {
            go(shell, spot);
            if let Some(search) = &mut shell.copying.search {
                search.at = Some((at, count));
            }
        }
        None => model.say(NoticeKind::Info, format!("nothing here matches {text}")),
    }
}

/// The mouse in a terminal whose program does not want it: marks as it is drawn along, copies when it is let go.
pub(super) fn mouse(
    model: &mut Model,
    kind: MouseKind,
    (column, row): (u16, u16),
    clicks: u8,
    out: &mut Vec<Effect>,
) {
    let Some(shell) = model.shells.current_mut() else { return };
    let spot = Spot { line: shell.terminal.top_line() + u64::from(row), column };
    match kind {
        MouseKind::Down(MouseButton::Left) => {
            shell.copying.selection = match clicks {
                2 => {
                    let word = shell.terminal.word_at(spot);
                    let at = |column| Spot { column, ..spot };
                    Some(Selection { anchor: at(word.start), head: at(word.end - 1), shape: Shape::Text })
                }
                3 => Some(Selection { anchor: spot, head: spot, shape: Shape::Lines }),
                _ => None,
            };
            shell.dragged_from = Some(spot);
            model.dirty = true;
            if let Some(selection) = model.shells.current().and_then(|shell| shell.copying.selection) {
                copy(model, &selection, out);
            }
        }
        MouseKind::Drag(MouseButton::Left) => {
            let Some(anchor) = shell.dragged_from else { return };
            let shape = if clicks == 3 { Shape::Lines } else { Shape::Text };
            shell.copying.selection = Some(Selection { anchor, head: spot, shape });
            // At the edge it scrolls on.
            let rows = shell.terminal.size().rows;
            let scroll = shell.terminal.scroll();
            if row == 0 {
                shell.terminal.set_scroll(scroll + 1);
            } else if row + 1 >= rows {
                shell.terminal.set_scroll(scroll.saturating_sub(1));
            }
            model.dirty = true;
        }
        MouseKind::Up(MouseButton::Left) => {
            let dragged = shell.dragged_from.take().is_some_and(|from| from != spot);
            if let Some(selection) = shell.copying.selection.filter(|_| dragged) {
                copy(model, &selection, out);
            }
        }
        _ => {}
    }
}
