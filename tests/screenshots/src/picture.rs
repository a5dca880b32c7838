//! A terminal's screen as a picture.

use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use vt100::Color;

/// A cell's size and the margin around the screen, in pixels.
const CELL: (f32, f32) = (9.03, 17.4);
const MARGIN: f32 = 14.0;
const FONT: &str = "'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace";
const FONT_SIZE: f32 = 15.0;
const FOREGROUND: &str = "#d8dee9";
const BACKGROUND: &str = "#11151c";

/// The sixteen colours that a terminal names by number.
const NAMED: [&str; 16] = [
    "#2e3440", "#bf616a", "#a3be8c", "#ebcb8b", "#81a1c1", "#b48ead", "#88c0d0", "#e5e9f0", "#4c566a",
    "#d06f79", "#b1d196", "#f0d399", "#8cafd2", "#c895bf", "#93ccdc", "#eceff4",
];

/// The screen as SVG: one rectangle for each run of a background, one text for each run of a style.
pub fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{FONT}\" font-size=\"{FONT_SIZE}\">\n"
    );
    // The margin has the ground of the theme in force.
    let ground = colors(screen, 0, columns - 1).1;
    let _ = writeln!(out, "<rect width=\"{width}\" height=\"{height}\" rx=\"10\" fill=\"{ground}\"/>");
    for row in 0..rows {
        backgrounds(screen, row, columns, &ground, &mut out);
        texts(screen, row, columns, &mut out);
    }
    out.push_str("</svg>\n");
    out
}

fn backgrounds(screen: &vt100::Screen, row: u16, columns: u16, ground: &str, out: &mut String) {
    let mut column = 0;
    while column < columns {
        let color = colors(screen, row, column).1;
        let start = column;
        while column < columns && colors(screen, row, column).1 == color {
            column += 1;
        }
        if color != ground {
            let (x, y) = place(row, start);
            let width = f32::from(column - start) * CELL.0;
            let _ = writeln!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{color}\"/>",
                CELL.1
            );
        }
    }
}

fn texts(screen: &vt100::Screen, row: u16, columns: u16, out: &mut String) {
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else { continue };
        let text = cell.contents();
        if text.trim().is_empty() {
            continue;
        }
        let (x, y) = place(row, column);
        let (color, _) = colors(screen, row, column);
        let mut style = String::new();
        if cell.bold() {
            style.push_str(" font-weight=\"bold\"");
        }
        if cell.italic() {
            style.push_str(" font-style=\"italic\"");
        }
        if cell.underline() {
            style.push_str(" text-decoration=\"underline\"");
        }
        if cell.dim() {
            style.push_str(" opacity=\"0.6\"");
        }
        // Each character at its own place: a font whose widths differ a little must not shift a column.
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{}\" fill=\"{color}\"{style}>{text}</text>",
            y + CELL.1 * 0.76
        );
    }
}

fn place(row: u16, column: u16) -> (f32, f32) {
    (MARGIN + f32::from(column) * CELL.0, MARGIN + f32::from(row) * CELL.1)
}

/// Foreground and background of a cell.
fn colors(screen: &vt100::Screen, row: u16, column: u16) -> (String, String) {
    let Some(cell) = screen.cell(row, column) else { return (FOREGROUND.to_owned(), BACKGROUND.to_owned()) };
    let foreground = color(cell.fgcolor(), FOREGROUND);
    let background = color(cell.bgcolor(), BACKGROUND);
    if cell.inverse() { (background, foreground) } else { (foreground, background) }
}

fn color(color: Color, default: &str) -> String {
    match color {
        Color::Default => default.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Idx(index @ 0..=15) => NAMED[usize::from(index)].to_owned(),
        // The cube of six levels a channel, then the greys, as xterm numbers them.
        Color::Idx(index @ 16..=231) => {
            let level = |value: u8| if value == 0 { 0 } else { 55 + value * 40 };
            let index = index - 16;
            format!("#{:02x}{:02x}{:02x}", level(index / 36), level(index / 6 % 6), level(index % 6))
        }
        Color::Idx(index) => {
            let grey = 8 + (index - 232) * 10;
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

/// The picture as PNG, drawn with the fonts of this machine.
pub fn png(svg: &str) -> Result<Vec<u8>> {
    let mut options = resvg::usvg::Options::default();
    options.fontdb_mut().load_system_fonts();
    anyhow::ensure!(
        options.fontdb.faces().any(|face| face.monospaced),
        "no monospaced font is installed (fonts-dejavu-core has one)"
    );
    let tree = resvg::usvg::Tree::from_str(svg, &options).context("the picture cannot be read back")?;
    let size = tree.size().to_int_size();
    let mut pixels =
        resvg::tiny_skia::Pixmap::new(size.width(), size.height()).context("the picture has no size")?;
    resvg::render(&tree, resvg::tiny_skia::Transform::default(), &mut pixels.as_mut());
    pixels.encode_png().context("the picture cannot be written as PNG")
}
