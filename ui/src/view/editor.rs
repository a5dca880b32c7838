//! A stack's file being edited.

use super::paint::Paint;
use crate::model::Model;
use crate::model::editor::Editor;
use crate::model::layout::inner;
use crate::text::{char_width, clean, fit_middle};
use crate::theme::Role;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

/// Cells of the margin: line numbers and marks.
const MARGIN: u16 = 7;
/// Most findings shown below the text.
const FINDINGS: u16 = 4;

/// Where the text is.
pub(crate) fn place(model: &Model) -> Rect {
    let body = inner(model.regions().main);
    let below = FINDINGS.min(body.height / 4) + 1;
    Rect {
        x: body.x + MARGIN,
        width: body.width.saturating_sub(MARGIN + 1),
        height: body.height.saturating_sub(below),
        ..body
    }
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect, editor: &Editor) -> Option<Position> {
    paint.pane(area, true);
    let body = inner(area);
    let name = format!(" {} ", fit_middle(&clean(&editor.path), usize::from(area.width / 2)));
    let changed = if editor.is_changed() { "● changed " } else { "" };
    let pieces = [(name.as_str(), paint.title_style(true)), (changed, paint.style(Role::Warning))];
    let used = paint.pieces(area.x + 2, area.y, area.width.saturating_sub(4), &pieces);
    if let Some(failure) = &editor.failure {
        paint.text(
            body.x + 1,
            body.y,
            body.width.saturating_sub(2),
            &failure.message,
            paint.style(Role::Error),
        );
        return None;
    }
    if editor.saved.is_none() {
        paint.text(body.x + 1, body.y, body.width, "reading…", paint.style(Role::Muted));
        return None;
    }
    let errors = editor.findings.iter().filter(|finding| finding.grave).count();
    let (state, role) = match (editor.checked, errors, editor.findings.len()) {
        (false, ..) => (" checking… ".to_owned(), Role::Muted),
        (true, 0, 0) => (" ✓ valid ".to_owned(), Role::Good),
        (true, 0, n) => (format!(" {} ", crate::text::count(n, "warning")), Role::Warning),
        (true, n, _) => (format!(" ✗ {} ", crate::text::count(n, "error")), Role::Error),
    };
    let room = area.width.saturating_sub(used + 6);
    paint.pieces_right(area.right() - 2, area.y, room, &[(state.as_str(), paint.style(role))]);
    let text = place(model);
    draw_text(paint, editor, text);
    paint.scrollbar(
        Rect { height: text.height + 2, ..area },
        editor.top,
        usize::from(text.height),
        editor.area.lines().len(),
    );
    draw_findings(
        paint,
        editor,
        Rect { y: text.bottom(), height: body.bottom().saturating_sub(text.bottom()), ..body },
    );
    let cursor = editor.area.cursor();
    let line = editor.area.lines().get(cursor.0).map_or("", String::as_str);
    let head: String = line.chars().take(cursor.1).collect();
    let (x, y) = (crate::text::width(&head).saturating_sub(editor.left), cursor.0.saturating_sub(editor.top));
    let place = format!(" {}:{} ", cursor.0 + 1, cursor.1 + 1);
    paint.text(area.x + 2, area.bottom() - 1, 20, &place, paint.style(Role::Muted));
    Some(Position::new(text.x + (x as u16).min(text.width), text.y + y as u16))
}

fn draw_text(paint: &mut Paint, editor: &Editor, area: Rect) {
    let cursor = editor.area.cursor();
    let selection = editor.area.selection_range();
    for ((at, line), y) in
        editor.area.lines().iter().enumerate().skip(editor.top).zip(area.top()..area.bottom())
    {
        let here = || editor.findings.iter().filter(move |finding| finding.line == at + 1);
        let worst = here().map(|finding| finding.grave).max();
        let number_role = match (worst, at == cursor.0) {
            (Some(true), _) => Role::Error,
            (Some(false), _) => Role::Warning,
            (None, true) => Role::Text,
            (None, false) => Role::Faint,
        };
        let number = (at + 1).to_string();
        paint.right(area.x.saturating_sub(2), y, MARGIN - 2, &number, paint.style(number_role));
        let mark = match worst {
            Some(true) => "✗",
            Some(false) => "!",
            None => "│",
        };
        let mark_role = if worst.is_some() { number_role } else { Role::Faint };
        paint.text(area.x.saturating_sub(2), y, 1, mark, paint.style(mark_role));
        let roles = colours(line);
        let mut x = 0;
        for ((column, c), role) in line.chars().enumerate().zip(roles) {
            let wide = char_width(c);
            let shown = x >= editor.left && x + wide <= editor.left + usize::from(area.width);
            if shown {
                let mut style = paint.style(role);
                let found = here()
                    .any(|f| f.column > 0 && column + 1 >= f.column && is_word(line, f.column - 1, column));
                if found {
                    style = paint.style(Role::Error).add_modifier(Modifier::UNDERLINED);
                }
                if selection.is_some_and(|(start, end)| ((at, column) >= start) && ((at, column) < end)) {
                    style = style.add_modifier(Modifier::REVERSED);
                }
                let c = if crate::text::is_safe(c) { c } else { '·' };
                paint.put(area.x + (x - editor.left) as u16, y, c, style);
            }
            x += wide;
        }
    }
}

/// Whether a column belongs to the word that begins at another.
fn is_word(line: &str, start: usize, column: usize) -> bool {
    column >= start && !line.chars().skip(start).take(column - start + 1).any(char::is_whitespace)
}

/// The colours of a line of YAML: comments, keys, texts and variables.
fn colours(line: &str) -> Vec<Role> {
    let chars: Vec<char> = line.chars().collect();
    let mut roles = vec![Role::Text; chars.len()];
    let start = chars.iter().position(|c| !matches!(c, ' ' | '-')).unwrap_or(chars.len());
    let mut quote: Option<char> = None;
    let mut value = start;
    for at in start..chars.len() {
        let (c, before) = (chars[at], at.checked_sub(1).map(|at| chars[at]));
        match quote {
            Some(open) => {
                roles[at] = Role::Good;
                if c == open {
                    quote = None;
                }
            }
            None if c == '#' && before.is_none_or(char::is_whitespace) => {
                roles[at..].fill(Role::Muted);
                break;
            }
            None if matches!(c, '"' | '\'')
                && before.is_none_or(|b| b.is_whitespace() || matches!(b, '[' | ',' | '{')) =>
            {
                roles[at] = Role::Good;
                quote = Some(c);
            }
            None if c == ':'
                && value == start
                && chars.get(at + 1).is_none_or(|next| next.is_whitespace()) =>
            {
                roles[start..at].fill(Role::Info);
                roles[at] = Role::Muted;
                value = at + 1;
            }
            None => {}
        }
    }
    let mut at = 0;
    while at + 1 < chars.len() {
        if chars[at] == '$' && chars[at + 1] == '{' {
            let end = chars[at..].iter().position(|c| *c == '}').map_or(chars.len(), |end| at + end + 1);
            roles[at..end].fill(Role::Accent);
            at = end;
        } else {
            at += 1;
        }
    }
    roles
}

fn draw_findings(paint: &mut Paint, editor: &Editor, area: Rect) {
    for x in area.left()..area.right() {
        paint.put(x, area.y, '─', paint.style(Role::Faint));
    }
    if editor.findings.is_empty() {
        let text = if editor.checked { "nothing to complain of" } else { "" };
        paint.text(area.x + 1, area.y + 1, area.width.saturating_sub(2), text, paint.style(Role::Muted));
    }
    for (finding, y) in editor.findings.iter().zip(area.y + 1..area.bottom()) {
        let (mark, role) = if finding.grave { ("✗", Role::Error) } else { ("!", Role::Warning) };
        let place = match (finding.line, finding.column) {
            (0, _) => String::new(),
            (line, 0) => format!("{line}  "),
            (line, column) => format!("{line}:{column}  "),
        };
        let pieces = [
            (mark, paint.style(role)),
            (" ", paint.style(role)),
            (place.as_str(), paint.style(Role::Muted)),
            (finding.message.as_str(), paint.style(Role::Text)),
        ];
        paint.pieces(area.x + 1, y, area.width.saturating_sub(2), &pieces);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_has_colours() {
        let of = |line: &str, word: &str| colours(line)[line.find(word).unwrap()];
        assert_eq!(of("  image: nginx # web", "image"), Role::Info);
        assert_eq!(of("  image: nginx # web", "nginx"), Role::Text);
        assert_eq!(of("  image: nginx # web", "web"), Role::Muted);
        assert_eq!(of("  - \"80:80\"", "80"), Role::Good);
        assert_eq!(of("  image: web:${TAG:-latest}", "${"), Role::Accent);
        assert_eq!(of("a: http://x:80", "x"), Role::Text);
        assert!(is_word("  imagee: x", 2, 7) && !is_word("  imagee: x", 2, 10));
    }
}
