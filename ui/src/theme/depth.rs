//! How many colours a terminal shows, and the nearest one it has.

use ratatui::style::Color;

/// A terminal's colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColorDepth {
    /// 24 bits.
    #[default]
    TrueColor,
    /// The 6×6×6 cube and 24 greys of xterm.
    Ansi256,
    /// The sixteen that the user's terminal defines.
    Ansi16,
    /// None (`NO_COLOR`).
    None,
}

const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl ColorDepth {
    /// The nearest colour that this depth has.
    pub fn fit(self, color: Color) -> Color {
        match (self, color) {
            (Self::None, _) => Color::Reset,
            (Self::Ansi256, Color::Rgb(r, g, b)) => Color::Indexed(nearest_256(r, g, b)),
            (Self::Ansi16, Color::Rgb(r, g, b)) => nearest_16(r, g, b),
            (Self::Ansi16, Color::Indexed(index)) if index >= 16 => {
                let (r, g, b) = components(index);
                nearest_16(r, g, b)
            }
            _ => color,
        }
    }
}

/// A colour of the 256 as red, green and blue, beyond the sixteen that terminals choose.
pub(super) fn plain(color: Color) -> Color {
    match color {
        Color::Indexed(index @ 16..) => {
            let (red, green, blue) = components(index);
            Color::Rgb(red, green, blue)
        }
        other => other,
    }
}

/// How light a colour is, from 0 to 1; none for those that terminals choose.
pub(super) fn luminance(color: Color) -> Option<f64> {
    let Color::Rgb(red, green, blue) = color else { return None };
    let part = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    Some(0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue))
}

fn components(index: u8) -> (u8, u8, u8) {
    if index >= 232 {
        let grey = 8 + (index - 232) * 10;
        return (grey, grey, grey);
    }
    let n = usize::from(index - 16);
    (CUBE[n / 36], CUBE[n / 6 % 6], CUBE[n % 6])
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> i32 {
    let square = |x: u8, y: u8| (i32::from(x) - i32::from(y)).pow(2);
    // The eye weighs green most and blue least.
    3 * square(a.0, b.0) + 4 * square(a.1, b.1) + 2 * square(a.2, b.2)
}

fn nearest_256(r: u8, g: u8, b: u8) -> u8 {
    (16..=255u8).min_by_key(|index| distance(components(*index), (r, g, b))).unwrap_or(15)
}

/// With sixteen colours the hue says more than nearness: a pale green is green, not grey.
fn nearest_16(r: u8, g: u8, b: u8) -> Color {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let spread = i32::from(most - least);
    if spread < 28 {
        return match most {
            0..=40 => Color::Black,
            41..=130 => Color::DarkGray,
            131..=230 => Color::Gray,
            _ => Color::White,
        };
    }
    let (red, green, blue) = (i32::from(r), i32::from(g), i32::from(b));
    let hue = if most == r {
        (60 * (green - blue) / spread).rem_euclid(360)
    } else if most == g {
        120 + 60 * (blue - red) / spread
    } else {
        240 + 60 * (red - green) / spread
    };
    match hue {
        25..=74 => Color::Yellow,
        75..=164 => Color::Green,
        165..=199 => Color::Cyan,
        // The plain blue of most terminals is all but black, as which no light blue was meant.
        200..=254 if luminance(Color::Rgb(r, g, b)).is_some_and(|light| light > 0.2) => Color::LightBlue,
        200..=254 => Color::Blue,
        255..=335 => Color::Magenta,
        _ => Color::Red,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_fall_to_the_nearest() {
        assert_eq!(ColorDepth::Ansi256.fit(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(ColorDepth::Ansi256.fit(Color::Rgb(8, 8, 8)), Color::Indexed(232));
        assert_eq!(ColorDepth::Ansi16.fit(Color::Rgb(250, 250, 250)), Color::White);
        assert_eq!(ColorDepth::Ansi16.fit(Color::Indexed(196)), Color::Red);
        assert_eq!(ColorDepth::Ansi16.fit(Color::Indexed(3)), Color::Indexed(3));
        assert_eq!(ColorDepth::Ansi16.fit(Color::Rgb(0x89, 0xb4, 0xfa)), Color::LightBlue);
        assert_eq!(ColorDepth::Ansi16.fit(Color::Rgb(0x1e, 0x5a, 0xa8)), Color::Blue);
        assert_eq!(ColorDepth::None.fit(Color::Rgb(1, 2, 3)), Color::Reset);
        assert_eq!(ColorDepth::TrueColor.fit(Color::Rgb(1, 2, 3)), Color::Rgb(1, 2, 3));
    }
}
