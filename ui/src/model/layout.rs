//! Where things are on the screen: computed from the model alone, so that drawing and the mouse agree.

use super::{Focus, Model, Pane};
use ratatui::layout::Rect;
use teu_api::session::TerminalSize;

/// From this width on, list and details stand side by side.
const SIDE_BY_SIDE: u16 = 90;

/// The regions of the screen. Panes include their borders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Regions {
    /// The top line.
    pub header: Rect,
    /// Everything between the top and the bottom line.
    pub main: Rect,
    /// The list; empty when another pane is enlarged.
    pub list: Rect,
    /// A small card on the selected container below the list; empty where there is no room.
    pub card: Rect,
    /// Logs and other details; empty when another pane is enlarged.
    pub detail: Rect,
    /// The bottom line.
    pub status: Rect,
}

/// A rectangle without its border.
pub fn inner(area: Rect) -> Rect {
    Rect {
        x: area.x + 1.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

impl Model {
    /// Where things are.
    pub fn regions(&self) -> Regions {
        let (width, height) = self.size;
        let all = Rect { x: 0, y: 0, width, height };
        let header = Rect { height: 1.min(height), ..all };
        let status = Rect { y: height.saturating_sub(1), height: u16::from(height > 1), ..all };
        let main = Rect { y: 1.min(height), height: height.saturating_sub(2), ..all };
        let none = Rect { width: 0, height: 0, ..main };
        let whole = Regions { header, main, list: main, card: none, detail: none, status };
        if self.is_welcome() {
            return whole;
        }
        if self.zoomed {
            return match self.focus {
                Focus::Detail => Regions { list: none, detail: main, ..whole },
                _ => whole,
            };
        }
        if width < SIDE_BY_SIDE {
            let rows = self.row_count() as u16;
            let list_height =
                (rows.saturating_add(3)).clamp(5, (main.height * 9 / 20).max(5)).min(main.height);
            let list = Rect { height: list_height, ..main };
            let detail = Rect { y: main.y + list_height, height: main.height - list_height, ..main };
            return Regions { list, detail, ..whole };
        }
        let left = (i32::from(width) * 46 / 100).clamp(50, 112) + self.split;
        let left = left.clamp(24, i32::from(width) - 24) as u16;
        let column = Rect { width: left, ..main };
        let detail = Rect { x: left, width: width - left, ..main };
        let least = if main.height >= 30 { 11 } else { 8 };
        // What a short list leaves free goes to the card, up to half of the height.
        let spare = main.height.saturating_sub(self.row_count() as u16 + 5);
        let card_height = spare.clamp(least, (main.height / 2).max(least));
        if self.pane != Pane::Containers || main.height < 20 {
            return Regions { list: column, detail, ..whole };
        }
        let list = Rect { height: column.height - card_height, ..column };
        let card = Rect { y: column.y + list.height, height: card_height, ..column };
        Regions { list, card, detail, ..whole }
    }

    fn row_count(&self) -> usize {
        match self.pane {
            Pane::Containers => self.containers.len(),
            Pane::Images => self.images.len(),
            _ => self.plain().len(),
        }
        .min(500)
    }

    /// Whether list and details stand side by side, and this is the border between them (not its corners, where titles
    /// and tabs are).
    pub(crate) fn is_split_at(&self, at: ratatui::layout::Position) -> bool {
        let regions = self.regions();
        let (list, detail) = (regions.list, regions.detail);
        let beside = list.width > 0 && detail.width > 0 && list.y == detail.y;
        let between = at.x + 1 == list.right() || at.x == detail.x;
        beside && between && at.y > detail.y && at.y + 1 < detail.bottom()
    }

    /// Puts the border between list and details at a column.
    pub(crate) fn split_at(&mut self, column: u16) {
        let own = (i32::from(self.size.0) * 46 / 100).clamp(50, 112);
        self.split = (i32::from(column) + 1 - own).clamp(-200, 200);
    }

    /// Rows of the list in view, without border and heading.
    pub fn list_height(&self) -> usize {
        usize::from(inner(self.regions().list).height.saturating_sub(1))
    }

    /// The place for log lines: the detail pane without its border.
    pub fn log_area(&self) -> Rect {
        inner(self.regions().detail)
    }

    /// The size that embedded terminals have.
    pub fn terminal_size(&self) -> TerminalSize {
        let area = inner(self.regions().main);
        TerminalSize { columns: area.width.max(1), rows: area.height.max(1) }
    }
}
