//! The detail pane: its tabs, and what they show.

use super::hit::Hit;
use super::paint::Paint;
use super::{info, log, stats};
use crate::model::layout::inner;
use crate::model::{Focus, Model, Pane, Tab};
use crate::text::width;
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// The tabs' places on the top border.
pub(super) fn tabs(model: &Model, area: Rect) -> Vec<(u16, u16, Hit, Tab)> {
    if model.pane != Pane::Containers {
        return Vec::new();
    }
    let mut x = area.x + 3;
    let place = |tab: &Tab| {
        let wide = width(tab.title()) as u16;
        let here = (x, wide, Hit::Tab(*tab), *tab);
        x += wide + 2;
        here
    };
    Tab::ALL.iter().map(place).collect()
}

/// How many rows the tab has in all.
pub(crate) fn rows(model: &Model) -> usize {
    let width = usize::from(inner(model.regions().detail).width);
    match (model.pane, model.tab) {
        (Pane::Containers, Tab::Info) => info::container(model, width).len(),
        (Pane::Containers, _) => 0,
        (Pane::Images, _) => info::image(model, width).len(),
        _ => info::plain(model, width).len(),
    }
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    if area.height < 3 || area.width < 10 {
        return;
    }
    let focused = model.focus == Focus::Detail;
    paint.pane(area, focused);
    let body = inner(area);
    match model.pane {
        Pane::Images => {
            let name = model.images.selected().map_or(String::new(), |row| format!(" {} ", row.name()));
            paint.text(area.x + 2, area.y, area.width.saturating_sub(4), &name, paint.title_style(focused));
            info::draw(model, paint, area, info::image(model, usize::from(body.width)));
        }
        Pane::Volumes | Pane::Networks | Pane::Stacks | Pane::Events => {
            let name = model.plain().selected().map_or(String::new(), |row| format!(" {} ", row.name));
            paint.text(area.x + 2, area.y, area.width.saturating_sub(4), &name, paint.title_style(focused));
            info::draw(model, paint, area, info::plain(model, usize::from(body.width)));
        }
        Pane::Containers => {
            let end = draw_tabs(model, paint, area, focused);
            match model.tab {
                Tab::Logs => log::draw(model, paint, area, end),
                Tab::Stats => stats::draw(model, paint, body),
                Tab::Info => info::draw(model, paint, area, info::container(model, usize::from(body.width))),
            }
        }
    }
}

/// Draws the tabs; gives the column after them.
fn draw_tabs(model: &Model, paint: &mut Paint, area: Rect, focused: bool) -> u16 {
    let mut end = area.x + 2;
    for (x, wide, _, tab) in tabs(model, area) {
        let style = if tab == model.tab { paint.title_style(focused) } else { paint.style(Role::Muted) };
        let style = if tab == model.tab { style.add_modifier(Modifier::BOLD) } else { style };
        paint.text(x - 1, area.y, wide + 2, &format!(" {} ", tab.title()), style);
        end = x + wide + 1;
    }
    end
}
