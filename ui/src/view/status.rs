//! The bottom line: what is being typed, a message, or the keys that matter here; and a summary.

use super::hit::Hit;
use super::paint::Paint;
use crate::action::Action;
use crate::model::dialog::Purpose;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::overlay::Overlay;
use crate::model::{Focus, Model, Pane, Tab};
use crate::text::{bytes, clean, percent, width};
use crate::theme::Role;
use ratatui::layout::{Position, Rect};
use teu_api::container::Status;

/// A key hint's place.
pub(super) struct Hint {
    pub x: u16,
    pub width: u16,
    pub hit: Hit,
    key: String,
    word: &'static str,
}

fn wanted(model: &Model) -> Vec<(Action, &'static str)> {
    if model.is_welcome() && model.overlay.is_none() {
        return vec![
            (Action::DemoUp, "demo"),
            (Action::Pull, "pull"),
            (Action::Import, "import"),
            (Action::Help, "keys"),
            (Action::Palette, "commands"),
            (Action::Quit, "quit"),
        ];
    }
    let mut hints = Vec::new();
    if let Some(Overlay::File(pager)) = &model.overlay {
        return vec![
            (Action::Search, "search"),
            (Action::NextMatch, "next"),
            (Action::Hex, if pager.hex { "as text" } else { "as bytes" }),
            (Action::Wrap, "wrap"),
            (Action::Extract, "extract"),
            (Action::Back, "close"),
        ];
    }
    match &model.overlay {
        Some(Overlay::Monitor(_)) => {
            return vec![(Action::Open, "graphs"), (Action::Sort, "order"), (Action::Back, "close")];
        }
        Some(Overlay::Hub(_)) => return Vec::new(),
        Some(Overlay::Editor(_)) => {
            return vec![
                (Action::EditorSave, "write"),
                (Action::EditorUp, "write and up"),
                (Action::EditorNext, "next error"),
                (Action::Back, "leave"),
            ];
        }
        _ => {}
    }
    let watch = if model.is_watched() { "end watching" } else { "watch" };
    match (model.focus, model.pane) {
        (Focus::List, Pane::Containers) => {
            let status = model.containers.selected().map(|row| row.snapshot.state.status);
            hints.push((Action::Menu, "actions"));
            match status {
                Some(Status::Running) => hints.extend([
                    (Action::Shell, "shell"),
                    (Action::ShowLogs, "log"),
                    (Action::Stop, "stop"),
                ]),
                Some(Status::Paused) => hints.extend([(Action::Pause, "go on"), (Action::ShowLogs, "log")]),
                Some(_) => hints.extend([(Action::Start, "start"), (Action::ShowLogs, "log")]),
                None => {}
            }
            hints.extend([(Action::Remove, "remove"), (Action::Filter, "filter"), (Action::Sort, "sort")]);
        }
        (Focus::List, Pane::Events) => hints.extend([(Action::Filter, "filter"), (Action::Sort, "sort")]),
        (Focus::List, Pane::Images) => hints.extend([
            (Action::Menu, "actions"),
            (Action::ShowLayers, "layers"),
            (Action::PullImage, "find"),
            (Action::Remove, "remove"),
            (Action::Prune, "prune"),
            (Action::Filter, "filter"),
            (Action::Sort, "sort"),
        ]),
        (Focus::List, Pane::Stacks) => hints.extend([
            (Action::Menu, "actions"),
            (Action::StackUp, "up"),
            (Action::StackDown, "down"),
            (Action::StackEdit, "edit"),
            (Action::StackWatch, watch),
            (Action::StackRestart, "restart"),
            (Action::ShowLogs, "log"),
            (Action::ShowGraph, "graph"),
        ]),
        (Focus::List, _) => {
            hints.extend([
                (Action::Menu, "actions"),
                (Action::Remove, "remove"),
                (Action::Filter, "filter"),
                (Action::Sort, "sort"),
            ]);
        }
        (Focus::Detail, _) if model.tab() == Tab::Logs => hints.extend([
            (Action::Follow, if model.log.follow { "pause" } else { "follow" }),
            (Action::Search, "search"),
            (Action::Level, "level"),
            (Action::Wrap, "wrap"),
            (Action::Timestamps, "times"),
            (Action::Zoom, "zoom"),
            (Action::Back, "back"),
        ]),
        (Focus::Detail, _) if model.tab() == Tab::Layers => hints.extend([
            (Action::Open, "open"),
            (Action::NextPane, "layers/files"),
            (Action::Extract, "extract"),
            (Action::Filter, "filter"),
            (Action::ExploreTogether, "together"),
            (Action::FoldAll, "fold"),
            (Action::ExploreSize, "by size"),
            (Action::ExploreOwners, "owners"),
            (Action::Zoom, "zoom"),
        ]),
        (Focus::Detail, _) if matches!(model.tab(), Tab::Services | Tab::Graph) => hints.extend([
            (Action::ServiceOpen, "container"),
            (Action::ServiceShell, "shell"),
            (Action::StackMore, "more"),
            (Action::StackFewer, "fewer"),
            (Action::StackUp, "up"),
            (Action::StackRestart, "restart"),
            (Action::StackEdit, "edit"),
            (Action::StackWatch, watch),
            (Action::Zoom, "zoom"),
        ]),
        (Focus::Detail, _) if model.tree().is_some() => hints.extend([
            (Action::Right, "fold"),
            (Action::CopyLine, "copy"),
            (Action::NextTab, "next tab"),
            (Action::Zoom, "zoom"),
            (Action::Back, "back"),
        ]),
        (Focus::Detail, _) => {
            hints.extend([(Action::NextTab, "next tab"), (Action::Zoom, "zoom"), (Action::Back, "back")]);
        }
        _ => {}
    }
    hints.extend([(Action::Help, "keys"), (Action::Quit, "quit")]);
    hints
}

pub(super) fn hints(model: &Model) -> Vec<Hint> {
    let mut x = 1;
    let limit = model.size.0;
    let layers = model.layers();
    let mut hints = Vec::new();
    for (action, word) in wanted(model) {
        let Some(key) = model.settings.keymap.shown(&layers, action) else { continue };
        let wide = (width(&key) + 1 + word.len()) as u16;
        if x + wide + 1 > limit {
            break;
        }
        hints.push(Hint { x, width: wide, hit: Hit::Key(action), key, word });
        x += wide + 3;
    }
    hints
}

/// Draws the line; gives the cursor's place while something is typed.
pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) -> Option<Position> {
    if area.height == 0 {
        return None;
    }
    if let Some(input) = &model.input {
        let label = match input.purpose {
            Purpose::FilterList => " filter ",
            Purpose::FilterLog => " only lines ",
            Purpose::SearchLog | Purpose::SearchShell => " search ",
            Purpose::LogWindow => " span of time ",
            Purpose::ExportLog => " write to ",
            Purpose::Pull => " pull ",
            Purpose::Import => " import ",
        };
        let used = paint.text(area.x, area.y, area.width, label, paint.style(Role::Badge));
        let x = area.x + used + 1;
        let role = if input.error.is_some() { Role::Error } else { Role::Text };
        let typed =
            paint.text(x, area.y, area.width.saturating_sub(used + 2), &input.text, paint.style(role));
        let help = match (&input.error, input.purpose) {
            (Some(error), _) => error.as_str(),
            (None, Purpose::FilterList) => "fuzzy words, /regex, !not   ↵ keep   esc undo",
            (None, Purpose::Pull) => "an image's name: alpine:3.20   ↵ pull   esc leave",
            (None, Purpose::Import) => "a tar archive, a blank, a name   ↵ import   esc leave",
            (None, Purpose::LogWindow) => "5m   1h30m   14:00..14:30   2026-11-24 10:00   empty for all",
            (None, Purpose::ExportLog) => "a file   ↵ writes it   esc does not",
            (None, _) => "regular expression   ↵ keep   esc undo",
        };
        let room = area.width.saturating_sub(used + typed + 5);
        let style = if input.error.is_some() { paint.style(Role::Error) } else { paint.style(Role::Muted) };
        paint.pieces_right(area.right().saturating_sub(1), area.y, room, &[(help, style)]);
        return Some(Position::new((x + typed).min(area.right() - 1), area.y));
    }
    let mut end = area.x;
    if let Some(notice) = model.notices.current(model.now) {
        end = message(notice, paint, area);
    } else if model.focus == Focus::Shell && model.overlay.is_none() {
        end = paint.text(area.x + 1, area.y, area.width, &shell_line(model), paint.style(Role::Muted));
    } else {
        for hint in hints(model) {
            let used = paint.text(hint.x, area.y, hint.width, &hint.key, paint.style(Role::Accent));
            paint.text(hint.x + used + 1, area.y, hint.width, hint.word, paint.style(Role::Muted));
            end = hint.x + hint.width;
        }
    }
    summary(model, paint, area, end);
    None
}

fn shell_line(model: &Model) -> String {
    let Some(shell) = model.shells.current() else { return String::new() };
    let size = shell.terminal.size();
    format!("{} · {}×{} · shift-pgup scrolls back", clean(&shell.name), size.columns, size.rows)
}

fn message(notice: &Notice, paint: &mut Paint, area: Rect) -> u16 {
    let (sign, role) = match notice.kind {
        NoticeKind::Progress => ("◌ ", Role::Info),
        NoticeKind::Done => ("✓ ", Role::Good),
        NoticeKind::Info => ("• ", Role::Info),
        NoticeKind::Failure => ("✗ ", Role::Error),
    };
    let text_role = if notice.kind == NoticeKind::Failure { Role::Error } else { Role::Text };
    let hint = notice.hint.as_ref().map_or(String::new(), |hint| format!("  {hint}"));
    let room = area.width.saturating_sub(2);
    // The hint keeps a third of the line: what to do matters as much as what went wrong.
    let text = clean(&notice.text);
    let least_hint = (width(&hint) as u16).min(room / 3);
    let used = paint.text(area.x + 1, area.y, 2, sign, paint.style(role));
    let used = used
        + paint.text(
            area.x + 1 + used,
            area.y,
            room.saturating_sub(used + least_hint),
            &text,
            paint.style(text_role),
        );
    area.x
        + 1
        + used
        + paint.text(area.x + 1 + used, area.y, room.saturating_sub(used), &hint, paint.style(Role::Muted))
}

fn summary(model: &Model, paint: &mut Paint, area: Rect, end: u16) {
    let rows = model.containers.items();
    if rows.is_empty() {
        return;
    }
    let count = |live: bool| rows.iter().filter(|row| row.snapshot.state.status.is_live() == live).count();
    // Nothing adds up to a negative zero.
    let cpu =
        rows.iter().filter_map(crate::model::container::ContainerRow::cpu).fold(0.0, |sum, cpu| sum + cpu);
    let memory: u64 = rows.iter().filter_map(crate::model::container::ContainerRow::memory).sum();
    let running = format!("{} running", count(true));
    let stopped = match count(false) {
        0 => String::new(),
        n => format!(" · {n} stopped"),
    };
    // In a shell nobody reads samples: old figures would be wrong ones.
    let use_ = match model.focus {
        Focus::Shell => String::new(),
        _ => format!("   cpu {}  mem {}", percent(cpu), bytes(memory)),
    };
    let (good, muted) = (paint.style(Role::Good), paint.style(Role::Muted));
    let room = area.right().saturating_sub(end + 4);
    let right = area.right().saturating_sub(1);
    let full = [(running.as_str(), good), (stopped.as_str(), muted), (use_.as_str(), muted)];
    for pieces in [&full[..], &full[..2], &full[..1]] {
        if paint.pieces_right(right, area.y, room, pieces) != right {
            break;
        }
    }
}
