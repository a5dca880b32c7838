//! What lies over the panes.

use super::help::{self, HelpRow};
use super::paint::Paint;
use super::{prompt, prune, tasks};
use crate::model::Model;
use crate::model::dialog::{Confirm, Dialog, MenuRow};
use crate::model::layout::inner;
use crate::model::notice::NoticeKind;
use crate::text::{clock, wrap};
use crate::theme::Role;
use crate::update::palette_rows;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

/// Cells that the key of a menu's row has.
const KEY: u16 = 9;

/// A dialog's place: in the middle, never larger than the screen.
fn centered(area: Rect, wide: u16, high: u16) -> Rect {
    let (wide, high) = (wide.min(area.width.saturating_sub(2)), high.min(area.height.saturating_sub(2)));
    Rect {
        x: area.x + (area.width - wide) / 2,
        y: area.y + (area.height - high) / 2,
        width: wide,
        height: high,
    }
}

/// Where the dialog that is open lies.
pub(super) fn place(model: &Model) -> Rect {
    let area = Rect { x: 0, y: 0, width: model.size.0, height: model.size.1 };
    match &model.dialog {
        Some(Dialog::Help { .. }) => centered(area, 72, area.height.saturating_sub(2)),
        Some(Dialog::Confirm(confirm)) => {
            let wide = 60.min(area.width.saturating_sub(4));
            centered(area, wide, confirm_lines(confirm, wide).len() as u16 + 5)
        }
        Some(Dialog::Menu { rows, .. }) => centered(area, 72, rows.len() as u16 + 2),
        Some(Dialog::Palette { .. }) => {
            let at = centered(area, 76, 20);
            Rect { y: at.y.min(3), ..at }
        }
        Some(Dialog::Themes { .. }) => {
            let place = centered(area, 48, model.themes.len() as u16 + 2);
            // Beside the panes rather than over them: the theme is to be seen.
            Rect { x: area.right().saturating_sub(place.width + 2), ..place }
        }
        Some(Dialog::Prune(wizard)) => {
            let rows = wizard.rows.as_ref().map_or(6, Vec::len).clamp(6, 28) as u16;
            centered(area, 100, rows + 6)
        }
        Some(Dialog::Prompt(_)) => centered(area, 72, prompt::HEIGHT),
        Some(Dialog::Tasks { .. } | Dialog::Notices { .. }) => {
            centered(area, 110, area.height.saturating_sub(4))
        }
        None => Rect { width: 0, height: 0, ..area },
    }
}

fn confirm_lines(confirm: &Confirm, wide: u16) -> Vec<String> {
    let cells = usize::from(wide.saturating_sub(6));
    confirm.lines.iter().flat_map(|line| wrap(line, cells)).collect()
}

/// The buttons of a question: the place of each, and whether it says yes.
pub(super) fn buttons(model: &Model) -> Vec<(u16, u16, u16, bool)> {
    let Some(Dialog::Confirm(confirm)) = &model.dialog else { return Vec::new() };
    let at = place(model);
    let y = at.bottom().saturating_sub(2);
    let yes = (confirm.verb.len() + 6) as u16;
    let no = 10;
    let x = at.right().saturating_sub(yes + no + 4);
    vec![(x, y, no, false), (x + no + 2, y, yes, true)]
}

/// How many rows of the dialog that is open are out of view.
pub(crate) fn overflow(model: &Model) -> usize {
    let height = usize::from(inner(place(model)).height);
    let rows = match &model.dialog {
        Some(Dialog::Help { .. }) => help::rows(model).len(),
        Some(Dialog::Notices { .. }) => notice_rows(model, usize::from(inner(place(model)).width)).len(),
        _ => 0,
    };
    rows.saturating_sub(height)
}

/// The first row in view of a list of so many rows, so that the selected one is seen.
pub(super) fn list_offset(at: usize, height: usize) -> usize {
    (at + 1).saturating_sub(height.max(1))
}

/// Draws the dialog that is open; gives the cursor's place while something is typed.
pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) -> Option<Position> {
    let dialog = model.dialog.as_ref()?;
    let at = place(model);
    if !matches!(dialog, Dialog::Themes { .. }) {
        paint.tint(area, Style::new().add_modifier(Modifier::DIM));
    }
    paint.fill(at, paint.style(Role::Surface));
    let danger = matches!(dialog, Dialog::Confirm(_));
    let role = if danger { Role::Error } else { Role::Accent };
    paint.border(at, paint.style(role));
    let title = match dialog {
        Dialog::Help { .. } => " Keys ".to_owned(),
        Dialog::Confirm(confirm) => format!(" {} ", confirm.title),
        Dialog::Menu { .. } => menu_title(model),
        Dialog::Palette { .. } => " Commands ".to_owned(),
        Dialog::Themes { .. } => " Themes ".to_owned(),
        Dialog::Prune(_) => " Prune ".to_owned(),
        Dialog::Prompt(prompt) => format!(" {} ", prompt.title),
        Dialog::Tasks { .. } => " Tasks ".to_owned(),
        Dialog::Notices { .. } => " Messages ".to_owned(),
    };
    paint.text(at.x + 2, at.y, at.width.saturating_sub(4), &title, paint.bold(role));
    let body = inner(at);
    match dialog {
        Dialog::Help { scroll } => draw_help(model, paint, at, *scroll),
        Dialog::Confirm(confirm) => draw_confirm(model, paint, at, confirm),
        Dialog::Menu { rows, at: selected } => draw_rows(paint, body, rows, *selected),
        Dialog::Palette { text, at: selected } => {
            return Some(draw_palette(model, paint, at, text, *selected));
        }
        Dialog::Themes { at: selected, .. } => draw_themes(model, paint, body, *selected),
        Dialog::Prune(wizard) => prune::draw(paint, at, wizard),
        Dialog::Prompt(question) => return Some(prompt::draw(paint, at, question)),
        Dialog::Tasks { selected } => tasks::draw(model, paint, at, model.tasks.place(*selected)),
        Dialog::Notices { scroll } => draw_notices(model, paint, at, *scroll),
    }
    None
}

fn menu_title(model: &Model) -> String {
    if model.containers.marks() > 1 && model.pane == crate::model::Pane::Containers {
        return format!(" {} containers ", model.containers.marks());
    }
    let name = match model.pane {
        crate::model::Pane::Containers => model.containers.selected().map(|row| row.snapshot.name.clone()),
        crate::model::Pane::Images => model.images.selected().map(|row| row.name().to_owned()),
        _ => model.plain().selected().map(|row| row.name.clone()),
    };
    format!(" {} ", name.unwrap_or_default())
}

fn draw_help(model: &Model, paint: &mut Paint, at: Rect, scroll: usize) {
    let body = inner(at);
    let rows = help::rows(model);
    for (row, y) in rows.iter().skip(scroll).zip(body.top()..body.bottom()) {
        match row {
            HelpRow::Heading(text) => {
                paint.text(body.x + 2, y, body.width.saturating_sub(3), text, paint.bold(Role::Text));
            }
            HelpRow::Keys(keys, words) => {
                paint.text(body.x + 2, y, 18, keys, paint.style(Role::Accent));
                paint.text(body.x + 21, y, body.width.saturating_sub(22), words, paint.style(Role::Text));
            }
            HelpRow::Gap => {}
        }
    }
    paint.scrollbar(at, scroll, usize::from(body.height), rows.len());
    let keys = " ↑ ↓ scroll   esc closes ";
    paint.pieces_right(at.right() - 2, at.bottom() - 1, at.width, &[(keys, paint.style(Role::Muted))]);
}

fn draw_confirm(model: &Model, paint: &mut Paint, at: Rect, confirm: &Confirm) {
    let body = inner(at);
    for (line, y) in confirm_lines(confirm, at.width).iter().zip(body.y + 1..body.bottom()) {
        paint.text(body.x + 2, y, body.width.saturating_sub(4), line, paint.style(Role::Text));
    }
    for (x, y, wide, yes) in buttons(model) {
        let label = if yes { format!(" {} y ", confirm.verb) } else { " Keep n ".to_owned() };
        let label = format!("{label:^0$}", usize::from(wide));
        let focused = yes == confirm.yes;
        let role = if yes { Role::Error } else { Role::Text };
        let style = if focused {
            paint.style(role).add_modifier(Modifier::REVERSED | Modifier::BOLD)
        } else {
            paint.style(Role::Muted)
        };
        paint.text(x, y, wide, &label, style);
    }
}

fn draw_rows(paint: &mut Paint, body: Rect, rows: &[MenuRow], selected: usize) {
    let offset = list_offset(selected, usize::from(body.height));
    for ((at, row), y) in rows.iter().enumerate().skip(offset).zip(body.top()..body.bottom()) {
        let line = Rect { y, height: 1, ..body };
        let base = if row.enabled { Role::Text } else { Role::Time };
        if at == selected {
            paint.tint(line, paint.style(Role::Selection));
            paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
        }
        let key = row.key.clone().unwrap_or_default();
        let key_role = if row.enabled { Role::Accent } else { Role::Time };
        paint.text(body.x + 2, y, KEY, &key, paint.style(key_role));
        let mut style = paint.style(base);
        if at == selected && row.enabled {
            style = style.add_modifier(Modifier::BOLD);
        }
        let x = KEY + 3;
        let used = paint.text(body.x + x, y, body.width.saturating_sub(x + 1), &row.label, style);
        let room = body.width.saturating_sub(used + x + 3);
        let note = crate::text::fit(&row.note, usize::from(room));
        // Why something cannot be done is to be read as well as the command that does it.
        let mut style = paint.style(Role::Muted);
        if !row.enabled {
            style = style.add_modifier(Modifier::ITALIC);
        }
        paint.pieces_right(body.right().saturating_sub(1), y, room, &[(&note, style)]);
    }
}

fn draw_palette(model: &Model, paint: &mut Paint, at: Rect, text: &str, selected: usize) -> Position {
    let body = inner(at);
    let used = paint.text(body.x + 1, body.y, 2, "❯ ", paint.style(Role::Accent));
    let typed =
        paint.text(body.x + 1 + used, body.y, body.width.saturating_sub(4), text, paint.style(Role::Text));
    if text.is_empty() {
        paint.text(
            body.x + 1 + used,
            body.y,
            body.width.saturating_sub(4),
            "type to find a command",
            paint.style(Role::Muted),
        );
    }
    for x in at.x + 1..at.right() - 1 {
        paint.put(x, body.y + 1, '─', paint.style(Role::Faint));
    }
    let rows = palette_rows(model, text);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    if rows.is_empty() {
        paint.text(list.x + 2, list.y, list.width, "no such command", paint.style(Role::Muted));
    }
    draw_rows(paint, list, &rows, selected);
    Position::new(body.x + 1 + used + typed, body.y)
}

fn draw_themes(model: &Model, paint: &mut Paint, body: Rect, selected: usize) {
    let offset = list_offset(selected, usize::from(body.height));
    let themes = model.themes.iter().enumerate().skip(offset);
    for ((at, theme), y) in themes.zip(body.top()..body.bottom()) {
        if at == selected {
            paint.tint(Rect { y, height: 1, ..body }, paint.style(Role::Selection));
            paint.text(body.x, y, 1, "▎", paint.style(Role::Accent));
        }
        let role = if at == selected { Role::Text } else { Role::Muted };
        paint.text(body.x + 2, y, body.width.saturating_sub(14), &theme.title, paint.style(role));
        let colors = theme.clone().with_depth(model.settings.color_depth);
        for (n, role) in
            [Role::Accent, Role::Good, Role::Warning, Role::Error, Role::Info].into_iter().enumerate()
        {
            paint.text(body.right().saturating_sub(11) + 2 * n as u16, y, 1, "●", colors.style(role));
        }
    }
}

fn notice_rows(model: &Model, wide: usize) -> Vec<(String, String, NoticeKind, bool)> {
    let mut rows = Vec::new();
    for notice in model.notices.past() {
        let time = clock(notice.at, model.settings.utc_offset);
        for (at, line) in wrap(&notice.text, wide.saturating_sub(14)).into_iter().enumerate() {
            rows.push((if at == 0 { time.clone() } else { String::new() }, line, notice.kind, false));
        }
        for line in notice.hint.iter().flat_map(|hint| wrap(hint, wide.saturating_sub(14))) {
            rows.push((String::new(), line, notice.kind, true));
        }
    }
    rows
}

fn draw_notices(model: &Model, paint: &mut Paint, at: Rect, scroll: usize) {
    let body = inner(at);
    let rows = notice_rows(model, usize::from(body.width));
    let height = usize::from(body.height);
    let offset = rows.len().saturating_sub(height + scroll);
    if rows.is_empty() {
        paint.text(body.x + 2, body.y, body.width, "nothing so far", paint.style(Role::Muted));
    }
    for ((time, text, kind, hint), y) in rows.iter().skip(offset).zip(body.top()..body.bottom()) {
        paint.text(body.x + 2, y, 8, time, paint.style(Role::Time));
        let role = match (kind, hint) {
            (_, true) => Role::Muted,
            (NoticeKind::Failure, _) => Role::Error,
            (NoticeKind::Done, _) => Role::Good,
            _ => Role::Text,
        };
        paint.text(body.x + 12, y, body.width.saturating_sub(13), text, paint.style(role));
    }
    paint.scrollbar(at, offset, height, rows.len());
}

/// The row of the dialog's list at a place on the screen.
pub(super) fn row_at(model: &Model, at: Position) -> Option<usize> {
    let body = inner(place(model));
    let (list, count, selected) = match &model.dialog {
        Some(Dialog::Menu { rows, at }) => (body, rows.len(), *at),
        Some(Dialog::Palette { text, at }) => {
            let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
            (list, palette_rows(model, text).len(), *at)
        }
        Some(Dialog::Themes { at, .. }) => (body, model.themes.len(), *at),
        Some(Dialog::Tasks { selected }) => {
            (body, model.tasks.latest_first().count(), model.tasks.place(*selected))
        }
        Some(Dialog::Prune(wizard)) => {
            (prune::list(place(model)), wizard.rows.as_ref().map_or(0, Vec::len), wizard.at)
        }
        _ => return None,
    };
    if !list.contains(at) {
        return None;
    }
    let row = list_offset(selected, usize::from(list.height)) + usize::from(at.y - list.y);
    (row < count).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialogs_fit_small_screens() {
        let screen = Rect { x: 0, y: 0, width: 20, height: 4 };
        let at = centered(screen, 72, 40);
        assert!(screen.intersection(at) == at, "{at:?}");
        assert_eq!(crate::text::width(&format!("{:^10}", " Keep n ")), 10);
    }
}
