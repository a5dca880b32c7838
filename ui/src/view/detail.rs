//! The detail pane: its tabs, and what they show.

use super::hit::Hit;
use super::info::InfoRow;
use super::paint::Paint;
use super::sheet::Sheet;
use super::{board, info, layers, log, processes, sheet, stack_graph, stats, tree};
use crate::model::layout::inner;
use crate::model::{Focus, Model, Pane, Tab};
use crate::text::width;
use crate::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Cells that the log's state takes beside the tabs.
const LOG_STATE: u16 = 16;

/// The tabs' places on the top border. Where not all have room, those around the one in front are shown.
pub(super) fn tabs(model: &Model, area: Rect) -> Vec<(u16, u16, Hit, Tab)> {
    let all = Tab::of(model.pane);
    if all.len() < 2 {
        return Vec::new();
    }
    let room = area.width.saturating_sub(6 + if model.tab() == Tab::Logs { LOG_STATE } else { 0 });
    let cost = |tabs: &[Tab]| tabs.iter().map(|tab| width(tab.title()) as u16 + 2).sum::<u16>();
    let at = all.iter().position(|tab| *tab == model.tab()).unwrap_or(0);
    let (mut first, mut end) = (at, at + 1);
    while first > 0 || end < all.len() {
        // One more on the right, else on the left: the strip stays where it is as long as it can.
        if first > 0 && cost(&all[first - 1..end]) <= room {
            first -= 1;
        } else if end < all.len() && cost(&all[first..=end]) <= room {
            end += 1;
        } else {
            break;
        }
    }
    let mut x = area.x + 3;
    let place = |tab: &Tab| {
        let wide = width(tab.title()) as u16;
        let here = (x, wide, Hit::Tab(*tab), *tab);
        x += wide + 2;
        here
    };
    all[first..end].iter().map(place).collect()
}

/// The rows of a tab that is rows of labels and values.
fn sheet_of(model: &Model) -> Sheet {
    let cells = usize::from(inner(model.regions().detail).width);
    let info = |rows: Vec<InfoRow>| Sheet { label: info::LABEL, rows };
    match (model.pane, model.tab()) {
        (Pane::Containers, Tab::Env) => sheet::env(model, cells),
        (Pane::Containers, Tab::Mounts) => sheet::mounts(model, cells),
        (Pane::Containers, Tab::Ports) => sheet::ports(model, cells),
        (Pane::Containers, Tab::Health) => sheet::health(model, cells),
        (Pane::Containers, _) => info(info::container(model, cells)),
        (Pane::Stacks, Tab::Drift) => info(board::drift(model)),
        (Pane::Images, Tab::History) => sheet::history(model, cells),
        (Pane::Images, _) => info(info::image(model, cells)),
        _ => info(info::plain(model, cells)),
    }
}

/// How many rows the tab has in all.
pub(crate) fn rows(model: &Model) -> usize {
    match model.tab() {
        Tab::Logs | Tab::Stats | Tab::Layers | Tab::Services | Tab::Graph => 0,
        Tab::Top => processes::rows(model),
        Tab::Inspect => model.tree().map_or(0, crate::model::tree::Tree::len),
        _ => sheet_of(model).rows.len(),
    }
}

/// All that a tab of labels and values says.
pub(crate) fn text(model: &Model) -> String {
    let line = |(label, value, _): &InfoRow| format!("{label} {value}").trim().to_owned();
    sheet_of(model).rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    if area.height < 3 || area.width < 10 {
        return;
    }
    let focused = model.focus == Focus::Detail;
    paint.pane(area, focused);
    let mut end = area.x + 2;
    if Tab::of(model.pane).len() < 2 {
        let name = model.plain().selected().map_or(String::new(), |row| format!(" {} ", row.name));
        paint.text(area.x + 2, area.y, area.width.saturating_sub(4), &name, paint.title_style(focused));
    } else {
        end = draw_tabs(model, paint, area, focused);
    }
    match model.tab() {
        Tab::Logs => log::draw(model, paint, area, end),
        Tab::Stats => stats::draw(model, paint, inner(area)),
        Tab::Top => processes::draw(model, paint, area),
        Tab::Layers => layers::draw(model, paint, area),
        Tab::Services => board::draw(model, paint, area),
        Tab::Graph => stack_graph::draw(model, paint, area),
        Tab::Inspect => {
            if let Some(shown) = model.tree() {
                tree::draw(model, paint, area, shown);
            }
        }
        _ => info::draw(model, paint, area, &sheet_of(model)),
    }
}

/// Draws the tabs; gives the column after them.
fn draw_tabs(model: &Model, paint: &mut Paint, area: Rect, focused: bool) -> u16 {
    let shown = tabs(model, area);
    let all = Tab::of(model.pane);
    let mut end = area.x + 2;
    for (x, wide, _, tab) in &shown {
        let style = if *tab == model.tab() { paint.title_style(focused) } else { paint.style(Role::Muted) };
        let style = if *tab == model.tab() { style.add_modifier(Modifier::BOLD) } else { style };
        let room = area.right().saturating_sub(*x);
        paint.text(x - 1, area.y, (wide + 2).min(room), &format!(" {} ", tab.title()), style);
        end = x + wide + 1;
    }
    if shown.first().is_some_and(|(.., tab)| *tab != all[0]) {
        paint.text(area.x + 1, area.y, 1, "‹", paint.style(Role::Accent));
    }
    if shown.last().is_some_and(|(.., tab)| Some(tab) != all.last()) {
        paint.text(end, area.y, 1, "›", paint.style(Role::Accent));
        end += 1;
    }
    end
}
