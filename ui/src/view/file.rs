//! A file that is read.

use super::layers::permissions;
use super::paint::Paint;
use crate::model::Model;
use crate::model::layout::inner;
use crate::model::pager::Pager;
use crate::text::{bytes, char_width, clean, fit_middle};
use crate::theme::Role;
use ratatui::layout::Rect;

/// Rows of a file in view.
pub(crate) fn height(model: &Model) -> usize {
    usize::from(inner(model.regions().main).height).max(1)
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect, pager: &Pager) {
    paint.pane(area, true);
    let body = inner(area);
    let name = format!(" /{} ", fit_middle(&clean(&pager.from.path), usize::from(area.width / 2)));
    let layer = format!("layer {} ", pager.from.layer + 1);
    let pieces = [(name.as_str(), paint.title_style(true)), (layer.as_str(), paint.style(Role::Muted))];
    let used = paint.pieces(area.x + 2, area.y, area.width.saturating_sub(4), &pieces);
    let content = match &pager.content {
        None => {
            paint.text(body.x + 1, body.y, body.width, "reading…", paint.style(Role::Muted));
            return;
        }
        Some(Err(failure)) => {
            paint.text(
                body.x + 1,
                body.y,
                body.width.saturating_sub(2),
                &failure.message,
                paint.style(Role::Error),
            );
            let hint = failure.hint.clone().unwrap_or_default();
            paint.text(body.x + 1, body.y + 1, body.width.saturating_sub(2), &hint, paint.style(Role::Muted));
            return;
        }
        Some(Ok(content)) => content,
    };
    let about = format!(" {}  {} ", permissions(content.mode), bytes(content.size));
    let room = area.width.saturating_sub(used + 6);
    paint.pieces_right(area.right() - 2, area.y, room, &[(about.as_str(), paint.style(Role::Muted))]);
    if content.bytes.is_empty() {
        paint.text(body.x + 1, body.y, body.width, "it is empty", paint.style(Role::Muted));
        return;
    }
    if pager.hex {
        draw_figures(paint, pager, body);
    } else {
        draw_text(paint, pager, body);
    }
    paint.scrollbar(area, pager.offset, usize::from(body.height), pager.rows());
    draw_foot(model, paint, area, pager);
}

fn draw_foot(model: &Model, paint: &mut Paint, area: Rect, pager: &Pager) {
    let last = (pager.offset + height(model)).min(pager.rows());
    let unit = if pager.hex { "row" } else { "line" };
    let mut left = format!(" {unit} {}–{last} of {} ", pager.offset + 1, pager.rows());
    if let Some(Ok(content)) = &pager.content
        && (content.bytes.len() as u64) < content.size
    {
        left += &format!("· only the first {} ", bytes(content.bytes.len() as u64));
    }
    let used = paint.text(area.x + 2, area.bottom() - 1, area.width - 4, &left, paint.style(Role::Muted));
    if let Some(search) = &pager.search {
        let found = pager.found.len();
        let noun = if found == 1 { "match" } else { "matches" };
        let text = format!(" {} · {found} {noun} ", clean(search.as_str()));
        let role = if pager.found.is_empty() { Role::Error } else { Role::Accent };
        let room = area.width.saturating_sub(used + 6);
        paint.pieces_right(area.right() - 2, area.bottom() - 1, room, &[(text.as_str(), paint.style(role))]);
    }
}

fn draw_figures(paint: &mut Paint, pager: &Pager, body: Rect) {
    let faint = paint.style(Role::Faint);
    for (at, y) in (pager.offset..pager.rows()).zip(body.top()..body.bottom()) {
        let (place, figures, text) = pager.hex_row(at);
        let found = pager.found.binary_search(&at).is_ok();
        let style = paint.style(if found { Role::Match } else { Role::Text });
        let x = body.x + 1;
        let mut used = paint.text(x, y, body.width.saturating_sub(2), &place, paint.style(Role::Muted));
        used += 1;
        // Where it is narrow, what the bytes are as text goes first.
        paint.text(x + used, y, body.width.saturating_sub(used + 2), figures.trim_end(), style);
        used += 50;
        if used + 19 <= body.width {
            paint.text(x + used, y, 1, "│", faint);
            paint.text(x + used + 2, y, body.width.saturating_sub(used + 4), &text, paint.style(Role::Info));
        }
    }
}

fn draw_text(paint: &mut Paint, pager: &Pager, body: Rect) {
    let margin = pager.rows().to_string().len().max(3) as u16 + 1;
    let x = body.x + margin + 2;
    let room = body.right().saturating_sub(x + 1);
    let mut y = body.top();
    for at in pager.offset..pager.rows() {
        if y >= body.bottom() {
            break;
        }
        paint.right(body.x + margin, y, margin, &(at + 1).to_string(), paint.style(Role::Faint));
        paint.text(body.x + margin + 1, y, 1, "│", paint.style(Role::Faint));
        let line = pager.line(at);
        let matches: Vec<(usize, usize)> = match &pager.search {
            Some(search) => search.find_iter(&line).map(|found| (found.start(), found.end())).collect(),
            None => Vec::new(),
        };
        let mut ahead = matches.iter().peekable();
        let (mut column, mut skipped) = (0, 0);
        for (place, c) in line.char_indices() {
            let wide = char_width(c);
            if skipped < pager.left {
                skipped += wide;
                continue;
            }
            if column + wide > usize::from(room) {
                if !pager.wrap || y + 1 >= body.bottom() {
                    break;
                }
                y += 1;
                column = 0;
                paint.text(body.x + margin + 1, y, 1, "│", paint.style(Role::Faint));
            }
            while ahead.next_if(|(_, end)| *end <= place).is_some() {}
            let found = ahead.peek().is_some_and(|(start, _)| *start <= place);
            let control = ('\u{2400}'..='\u{2421}').contains(&c);
            let role = match (found, control) {
                (true, _) => Role::Match,
                (_, true) => Role::Warning,
                _ => Role::Text,
            };
            paint.put(x + column as u16, y, c, paint.style(role));
            column += wide;
        }
        y += 1;
    }
}
