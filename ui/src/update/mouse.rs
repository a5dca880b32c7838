//! The mouse: what is under it is what it means.

use super::navigate::{show, with_list};
use super::{columns, copy, dialog, explorer, log, menu, navigate, overlay, perform, shell};
use crate::action::Action;
use crate::keys::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseKind};
use crate::model::dialog::Dialog;
use crate::model::layout::inner;
use crate::model::{Drag, Focus, Model, Pane, Tab};
use crate::msg::Effect;
use crate::terminal::{encode_key, encode_mouse};
use crate::view::hit;
use ratatui::layout::Position;

/// Two clicks within this time on one cell are a double click.
const DOUBLE: i64 = 400_000_000;
/// Rows that one notch of the wheel moves.
const NOTCH: isize = 3;

pub(super) fn mouse(model: &mut Model, event: MouseEvent, out: &mut Vec<Effect>) {
    let at = Position { x: event.column, y: event.row };
    if model.dialog.is_some() {
        in_dialog(model, event, at, out);
        return;
    }
    if model.overlay.is_some() {
        if let MouseKind::ScrollUp | MouseKind::ScrollDown = event.kind {
            model.dirty = true;
            overlay::wheel(model, if event.kind == MouseKind::ScrollUp { -NOTCH } else { NOTCH });
        } else if let MouseKind::Down(_) = event.kind {
            model.dirty = true;
            match hit::screen(model, at) {
                hit::Hit::Key(action) => overlay::act(model, action, out),
                // What is being written is not lost by a click beside it.
                hit::Hit::Pane(_) | hit::Hit::Shells if overlay::is_edited(model) => {
                    overlay::act(model, Action::Back, out);
                }
                hit::Hit::Pane(pane) => show(model, pane),
                hit::Hit::Shells => perform::perform(model, Action::OpenSessions, out),
                _ => {}
            }
        }
        return;
    }
    if model.focus == Focus::Shell && in_shell(model, event, at, out) {
        return;
    }
    match event.kind {
        MouseKind::Down(button) => {
            model.dirty = true;
            model.drag = None;
            click(model, button, &event, at, out);
        }
        MouseKind::Drag(_) => drag(model, at),
        MouseKind::Up(_) => {
            if let Some(Drag::Rows(_)) = model.drag.take() {
                with_list!(model, list => list.end_range());
                model.dirty = true;
            }
        }
        MouseKind::ScrollUp | MouseKind::ScrollDown => {
            model.dirty = true;
            let rows = if event.kind == MouseKind::ScrollUp { -NOTCH } else { NOTCH };
            wheel(model, rows, at);
        }
        MouseKind::ScrollLeft | MouseKind::ScrollRight | MouseKind::Moved => {}
    }
}

/// What is held follows the mouse.
fn drag(model: &mut Model, at: Position) {
    match model.drag {
        Some(Drag::Column(spec, x)) => columns::resize(model, spec, i32::from(at.x) - i32::from(x)),
        Some(Drag::Split) => model.split_at(at.x),
        Some(Drag::Rows(from)) => {
            let hit::Hit::Row(row) = hit::screen(model, at) else { return };
            with_list!(model, list => {
                // One row alone is a click, not a range.
                if row != from && !list.is_ranging() {
                    list.begin_range(from);
                }
                list.select(row);
            });
        }
        None => return,
    }
    model.dirty = true;
}

fn in_dialog(model: &mut Model, event: MouseEvent, at: Position, out: &mut Vec<Effect>) {
    let wheel = match event.kind {
        MouseKind::ScrollUp => Some(KeyCode::Up),
        MouseKind::ScrollDown => Some(KeyCode::Down),
        MouseKind::Down(_) => None,
        _ => return,
    };
    model.dirty = true;
    if let Some(code) = wheel {
        // The wheel is worth the cursor keys: several rows of a text, one row of a list to choose from.
        let text = matches!(model.dialog, Some(Dialog::Help { .. } | Dialog::Notices { .. }));
        for _ in 0..if text { NOTCH } else { 1 } {
            dialog::key(model, KeyEvent::plain(code), out);
        }
        return;
    }
    match hit::dialog(model, at) {
        hit::DialogHit::Outside => dialog::close(model),
        hit::DialogHit::Row(row) => {
            match &mut model.dialog {
                Some(Dialog::Menu { at, .. } | Dialog::Palette { at, .. } | Dialog::Themes { at, .. }) => {
                    *at = row;
                }
                Some(Dialog::Tasks { selected }) => *selected = model.tasks.at(row),
                _ => {}
            }
            if let Some(Dialog::Prune(wizard)) = &mut model.dialog {
                wizard.at = row;
                wizard.turn();
            }
            dialog::choose(model, out);
        }
        hit::DialogHit::Answer(yes) => super::confirm::answer(model, yes, out),
        hit::DialogHit::Inside => {}
    }
}

/// Whether the event was for one of the terminals in front.
fn in_shell(model: &mut Model, event: MouseEvent, at: Position, out: &mut Vec<Effect>) -> bool {
    let Some(tab) = model.shells.tab() else { return false };
    let (places, focus) = (model.shell_places(tab), tab.focus);
    // What was begun in a terminal stays there, wherever the mouse is drawn to.
    let held = model.shells.current().is_some_and(|shell| shell.dragged_from.is_some());
    let under = places
        .iter()
        .find(|(ticket, place)| if held { *ticket == focus } else { inner(*place).contains(at) });
    let Some((ticket, place)) = under.copied() else { return false };
    let area = inner(place);
    if ticket != focus {
        match event.kind {
            MouseKind::Down(_) => {
                model.shells.show(ticket);
                model.dirty = true;
                return true;
            }
            MouseKind::ScrollUp | MouseKind::ScrollDown => {}
            _ => return true,
        }
    }
    let Some(shell) = model.shells.by_ticket(ticket) else { return false };
    let cell = |at: u16, start: u16, count: u16| at.saturating_sub(start).min(count.saturating_sub(1));
    let (column, row) = (cell(at.x, area.x, area.width), cell(at.y, area.y, area.height));
    let looking = shell.copying.cursor.is_some() || shell.terminal.scroll() > 0 || shell.ended.is_some();
    // With alt held the mouse is ours although the program wants it.
    if !event.alt
        && !held
        && !looking
        && let Some(bytes) = encode_mouse(event, column, row, shell.terminal.screen())
    {
        shell::send(ticket, bytes, out);
        return true;
    }
    let up = event.kind == MouseKind::ScrollUp;
    if up || event.kind == MouseKind::ScrollDown {
        model.dirty = true;
        // Full-screen programs have no scrollback: the wheel is worth cursor keys to them.
        if shell.terminal.screen().alternate_screen() {
            let code = if up { KeyCode::Up } else { KeyCode::Down };
            let bytes = encode_key(KeyEvent::plain(code), shell.terminal.screen());
            shell::send(ticket, bytes.repeat(NOTCH as usize), out);
        } else {
            let lines = shell.terminal.scroll().saturating_add_signed(if up { NOTCH } else { -NOTCH });
            shell.terminal.set_scroll(lines);
        }
        return true;
    }
    let clicks =
        if matches!(event.kind, MouseKind::Down(_)) { count_clicks(model, at) } else { model.clicks };
    copy::mouse(model, event.kind, (column, row), clicks, out);
    true
}

/// How often one cell was clicked in quick succession: one, two or three times.
fn count_clicks(model: &mut Model, at: Position) -> u8 {
    let again =
        model.last_click.is_some_and(|(when, x, y)| (x, y) == (at.x, at.y) && model.now - when < DOUBLE);
    model.clicks = if again { model.clicks % 3 + 1 } else { 1 };
    model.last_click = Some((model.now, at.x, at.y));
    model.clicks
}

fn click(model: &mut Model, button: MouseButton, event: &MouseEvent, at: Position, out: &mut Vec<Effect>) {
    let double = count_clicks(model, at) == 2;
    match hit::screen(model, at) {
        hit::Hit::Pane(pane) => show(model, pane),
        hit::Hit::Shells => perform::perform(model, Action::OpenSessions, out),
        hit::Hit::ShellTab(tab) => {
            model.shells.active = tab;
            shell::go_to(model);
        }
        hit::Hit::Tab(tab) => {
            model.set_tab(tab);
            model.focus = Focus::Detail;
        }
        hit::Hit::Heading(sort) => with_list!(model, list => list.set_sort(sort)),
        hit::Hit::ColumnEdge(spec, x) => model.drag = Some(Drag::Column(spec, x)),
        hit::Hit::Split => model.drag = Some(Drag::Split),
        hit::Hit::Row(row) if event.ctrl => {
            model.focus = Focus::List;
            with_list!(model, list => list.toggle_mark_at(row));
        }
        hit::Hit::Row(row) if event.shift || event.alt => {
            model.focus = Focus::List;
            with_list!(model, list => {
                list.begin_range(list.at());
                list.select(row);
                list.end_range();
            });
        }
        hit::Hit::Row(row) => {
            model.focus = Focus::List;
            if button == MouseButton::Left {
                model.drag = Some(Drag::Rows(row));
            }
            with_list!(model, list => list.select(row));
            model.detail_scroll = 0;
            let repository = model.pane == Pane::Images && model.selected_image().is_none();
            let on_sign = at.x < inner(model.regions().list).x + crate::model::columns::MARGIN;
            if button == MouseButton::Left && repository && (double || on_sign) {
                model.images.turn();
            } else if double || button == MouseButton::Right {
                menu::open(model);
            }
        }
        hit::Hit::List => model.focus = Focus::List,
        hit::Hit::Detail => {
            model.focus = Focus::Detail;
            navigate::click(model, at, double, out);
        }
        hit::Hit::Key(action) => perform::perform(model, action, out),
        hit::Hit::Nothing => {}
    }
}

fn wheel(model: &mut Model, rows: isize, at: Position) {
    let regions = model.regions();
    if regions.list.contains(at) || regions.card.contains(at) {
        with_list!(model, list => list.move_by(rows.signum()));
        model.detail_scroll = 0;
    } else if regions.detail.contains(at) {
        if model.tab() == Tab::Logs {
            log::wheel(model, rows);
        } else if explorer::is_open(model) {
            explorer::wheel(model, rows, at);
        } else if let Some(tree) = model.tree_mut() {
            tree.move_by(rows);
        } else {
            let most = crate::view::detail_rows(model).saturating_sub(usize::from(model.log_area().height));
            model.detail_scroll = model.detail_scroll.saturating_add_signed(rows).min(most);
        }
    }
}
