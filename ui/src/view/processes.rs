//! The processes of the selected container.

use super::paint::Paint;
use crate::model::Model;
use crate::model::layout::inner;
use crate::text::{clean, width};
use crate::theme::Role;
use ratatui::layout::Rect;
use teu_api::details::Processes;

fn known(model: &Model) -> Result<&Processes, (String, Role)> {
    let Some(row) = model.containers.selected() else { return Err((String::new(), Role::Muted)) };
    if let Some(why) = super::sheet::no_processes(row) {
        return Err((why.to_owned(), Role::Muted));
    }
    match &model.details.processes {
        Some((id, Ok(processes))) if *id == row.snapshot.id => Ok(processes),
        Some((id, Err(failure))) if *id == row.snapshot.id => Err((failure.message.clone(), Role::Error)),
        _ => Err(("reading…".to_owned(), Role::Muted)),
    }
}

pub(super) fn rows(model: &Model) -> usize {
    known(model).map_or(0, |processes| processes.rows.len() + 1)
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let body = inner(area);
    let body = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    let processes = match known(model) {
        Ok(processes) => processes,
        Err((why, role)) => {
            paint.text(body.x, body.y, body.width, &why, paint.style(role));
            return;
        }
    };
    let columns = processes.titles.len();
    let mut widths: Vec<usize> = processes.titles.iter().map(|title| width(title)).collect();
    for row in &processes.rows {
        for (widest, text) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(&clean(text))).min(12);
        }
    }
    let line = |paint: &mut Paint, y: u16, cells: &[String], heading: bool| {
        let mut x = body.x;
        for (at, text) in cells.iter().enumerate() {
            let last = at + 1 == columns;
            let room = body.right().saturating_sub(x);
            let wide = if last { room } else { (widths.get(at).copied().unwrap_or(0) as u16).min(room) };
            let role = if heading || !last { Role::Muted } else { Role::Text };
            let shown = if heading { text.to_lowercase() } else { text.clone() };
            paint.text(x, y, wide, &shown, paint.style(role));
            x = x.saturating_add(wide + 2).min(body.right());
        }
    };
    line(paint, body.y, &processes.titles, true);
    let height = usize::from(body.height.saturating_sub(1));
    let offset = model.detail_scroll.min(processes.rows.len().saturating_sub(height));
    for (row, y) in processes.rows.iter().skip(offset).zip(body.y + 1..body.bottom()) {
        line(paint, y, row, false);
    }
    paint.scrollbar(area, offset, height, processes.rows.len());
}
