//! The few strokes that everything is drawn with. Text goes through here, so that nothing unsafe reaches a cell.

use crate::text::{char_width, fit, is_safe, width};
use crate::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

pub(super) struct Paint<'a> {
    pub buffer: &'a mut Buffer,
    pub theme: &'a Theme,
}

/// Some text in one style.
pub(super) type Piece<'a> = (&'a str, Style);

impl Paint<'_> {
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    pub fn bold(&self, role: Role) -> Style {
        self.theme.style(role).add_modifier(Modifier::BOLD)
    }

    /// Clears an area to the theme's ground.
    pub fn ground(&mut self, area: Rect) {
        self.fill(area, self.theme.base());
    }

    /// Clears an area to a style.
    pub fn fill(&mut self, area: Rect, style: Style) {
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(self.theme.base().patch(style));
                }
            }
        }
    }

    /// Lays a style over what is drawn.
    pub fn tint(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(*self.buffer.area()), style);
    }

    /// Writes text into at most so many cells, with an ellipsis where it is cut; gives the cells used.
    pub fn text(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
        let limit = usize::from(cells.min(self.buffer.area().right().saturating_sub(x)));
        if limit == 0 || y >= self.buffer.area().bottom() {
            return 0;
        }
        let clean = crate::text::clean(text);
        let shown = fit(&clean, limit);
        let mut at = x;
        for c in shown.chars().filter(|c| is_safe(*c)) {
            at += self.put(at, y, c, style);
        }
        at - x
    }

    /// Writes one character; gives its cells.
    pub fn put(&mut self, x: u16, y: u16, c: char, style: Style) -> u16 {
        let wide = char_width(c);
        if wide == 0 {
            // A mark that belongs to the character before it.
            if let Some(cell) = x.checked_sub(1).and_then(|x| self.buffer.cell_mut((x, y)))
                && cell.symbol().len() < 16
            {
                let joined = format!("{}{c}", cell.symbol());
                cell.set_symbol(&joined);
            }
            return 0;
        }
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            // What lay here before, a border perhaps, does not dim what is written over it.
            cell.modifier.remove(Modifier::DIM);
            cell.set_char(c).set_style(style);
        }
        if wide == 2
            && let Some(cell) = self.buffer.cell_mut((x + 1, y))
        {
            cell.set_symbol(" ").set_style(style);
        }
        wide as u16
    }

    /// Writes pieces one after the other; gives the cells used.
    pub fn pieces(&mut self, x: u16, y: u16, cells: u16, pieces: &[Piece]) -> u16 {
        let mut used = 0;
        for (text, style) in pieces {
            used += self.text(x + used, y, cells.saturating_sub(used), text, *style);
        }
        used
    }

    /// Writes text that ends before a column.
    pub fn right(&mut self, end: u16, y: u16, cells: u16, text: &str, style: Style) {
        let wide = (width(text) as u16).min(cells);
        self.text(end.saturating_sub(wide), y, wide, text, style);
    }

    /// Writes pieces that end before a column; gives the column where they begin.
    pub fn pieces_right(&mut self, end: u16, y: u16, cells: u16, pieces: &[Piece]) -> u16 {
        let wide: usize = pieces.iter().map(|(text, _)| width(text)).sum();
        if wide as u16 > cells {
            return end;
        }
        let x = end - wide as u16;
        self.pieces(x, y, cells, pieces);
        x
    }

    /// A rounded border.
    pub fn border(&mut self, area: Rect, style: Style) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
        for x in left + 1..right {
            self.put(x, top, '─', style);
            self.put(x, bottom, '─', style);
        }
        for y in top + 1..bottom {
            self.put(left, y, '│', style);
            self.put(right, y, '│', style);
        }
        for (x, y, c) in [(left, top, '╭'), (right, top, '╮'), (left, bottom, '╰'), (right, bottom, '╯')]
        {
            self.put(x, y, c, style);
        }
    }

    /// The border of a pane: in the accent colour where the focus is.
    pub fn pane(&mut self, area: Rect, focused: bool) {
        let style = if focused { self.style(Role::Accent) } else { self.style(Role::Faint) };
        self.border(area, style);
    }

    /// A pane's title: bold where the focus is.
    pub fn title_style(&self, focused: bool) -> Style {
        if focused { self.bold(Role::Accent) } else { self.bold(Role::Text) }
    }

    /// A bar on the right border that shows which part of so many rows is in view.
    pub fn scrollbar(&mut self, area: Rect, offset: usize, view: usize, total: usize) {
        if total <= view || area.height < 4 || area.width < 2 {
            return;
        }
        let track = usize::from(area.height - 2);
        let size = (track * view / total).clamp(1, track);
        let most = total - view;
        let start = (track - size) * offset.min(most) / most;
        for at in start..start + size {
            self.put(area.right() - 1, area.top() + 1 + at as u16, '┃', self.theme.style(Role::Muted));
        }
    }
}
