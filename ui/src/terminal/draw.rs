//! A terminal's screen drawn into cells.

use super::Terminal;
use crate::text::is_safe;
use crate::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

/// Draws the screen; gives the cursor's place when it is to be shown.
pub fn draw(terminal: &Terminal, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let screen = terminal.screen();
    let (rows, columns) = screen.size();
    let base = theme.base();
    let mut symbol = String::new();
    for y in 0..area.height.min(rows.get()) {
        for x in 0..area.width.min(columns.get()) {
            let Some(cell) = screen.cell(y, x) else { continue };
            if cell.is_wide_continuation() {
                continue;
            }
            let target = &mut buffer[(area.x + x, area.y + y)];
            symbol.clear();
            symbol.extend(cell.contents().chars().filter(|c| is_safe(*c)));
            // A wide character at the edge would reach into the border.
            let cut = cell.is_wide() && x + 1 >= area.width;
            target.set_symbol(if symbol.is_empty() || cut { " " } else { &symbol });
            let style = style(cell, theme);
            target.set_style(base.patch(style));
            if cell.is_wide() && !cut {
                let next = &mut buffer[(area.x + x + 1, area.y + y)];
                next.reset();
                next.set_style(base.patch(style));
            }
        }
    }
    let (row, column) = screen.cursor_position();
    let shown = terminal.scroll() == 0 && !screen.hide_cursor() && row < area.height && area.width > 0;
    shown.then(|| Position::new(area.x + column.min(area.width - 1), area.y + row))
}

fn style(cell: &vt100::Cell, theme: &Theme) -> Style {
    let color = |color| match color {
        vt100::Color::Default => None,
        vt100::Color::Idx(index) => Some(theme.foreign(Color::Indexed(index))),
        vt100::Color::Rgb(r, g, b) => Some(theme.foreign(Color::Rgb(r, g, b))),
    };
    let mut style = Style { fg: color(cell.fgcolor()), bg: color(cell.bgcolor()), ..Style::new() };
    for (on, modifier) in [
        (cell.bold(), Modifier::BOLD),
        (cell.dim(), Modifier::DIM),
        (cell.italic(), Modifier::ITALIC),
        (cell.underline(), Modifier::UNDERLINED),
        (cell.inverse(), Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}
