//! The model drawn. One file per pane.

mod board;
mod card;
mod containers;
mod detail;
mod dialog;
mod editor;
mod file;
mod graph;
mod header;
mod help;
pub(crate) mod hit;
mod hub;
mod images;
mod info;
mod layers;
mod log;
mod monitor;
mod paint;
mod plain;
mod processes;
mod prompt;
mod prune;
mod sheet;
mod shell;
mod stack_graph;
mod stats;
mod status;
mod table;
mod tasks;
mod tree;
mod welcome;
mod which_key;

use crate::model::overlay::Overlay;
use crate::model::{Focus, Model, Pane};
use paint::Paint;
use ratatui::Frame;

pub(crate) use detail::{rows as detail_rows, text as detail_text};
pub(crate) use dialog::overflow as dialog_overflow;
pub(crate) use editor::place as editor_place;
pub(crate) use file::height as pager_height;
pub(crate) use layers::places as layers_places;
pub(crate) use log::{lost_text, margin as log_margin, times_deadline};
pub(crate) use monitor::rows_place as monitor_rows;

/// The fewest columns and rows in which anything can be shown.
const LEAST: (u16, u16) = (30, 8);

/// Draws the model.
pub fn view(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    let mut paint = Paint { buffer: frame.buffer_mut(), theme: &model.theme };
    paint.ground(area);
    // The model hears of a resize as a message: a frame in between may have another size.
    if model.size != (area.width, area.height) || area.width < LEAST.0 || area.height < LEAST.1 {
        let (wide, high) = LEAST;
        let lines = [
            "too small".to_owned(),
            format!("{}×{} here", area.width, area.height),
            format!("{wide}×{high} needed"),
        ];
        for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
            paint.text(area.x, y, area.width, line, paint.theme.base());
        }
        return;
    }
    let regions = model.regions();
    header::draw(model, &mut paint, regions.header);
    let mut cursor = None;
    if let Some(overlay) = &model.overlay {
        match overlay {
            Overlay::File(pager) => file::draw(model, &mut paint, regions.main, pager),
            Overlay::Hub(search) => cursor = Some(hub::draw(model, &mut paint, regions.main, search)),
            Overlay::Monitor(state) => monitor::draw(model, &mut paint, regions.main, state),
            Overlay::Editor(editor) => cursor = editor::draw(model, &mut paint, regions.main, editor),
        }
    } else if model.focus == Focus::Shell {
        cursor = shell::draw(model, &mut paint, regions.main);
    } else if model.is_welcome() {
        welcome::draw(model, &mut paint, regions.main);
    } else {
        match model.pane {
            Pane::Containers => containers::draw(model, &mut paint, regions.list),
            Pane::Images => images::draw(model, &mut paint, regions.list),
            _ => plain::draw(model, model.plain(), &mut paint, regions.list),
        }
        card::draw(model, &mut paint, regions.card);
        detail::draw(model, &mut paint, regions.detail);
    }
    let typed = status::draw(model, &mut paint, regions.status);
    which_key::draw(model, &mut paint, regions.main);
    let typed = dialog::draw(model, &mut paint, area).or(typed);
    if model.dialog.is_some() {
        cursor = None;
    }
    if let Some(place) = typed.or(cursor) {
        frame.set_cursor_position(place);
    }
}
