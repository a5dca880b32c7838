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

/// The sixteen as xterm defines them; only to measure nearness.
const SIXTEEN: [(Color, u8, u8, u8); 16] = [
    (Color::Black, 0, 0, 0),
    (Color::Red, 205, 49, 49),
    (Color::Green, 13, 188, 121),
    (Color::Yellow, 229, 229, 16),
    (Color::Blue, 36, 114, 200),
    (Color::Magenta, 188, 63, 188),
    (Color::Cyan, 17, 168, 205),
    (Color::Gray, 229, 229, 229),
    (Color::DarkGray, 102, 102, 102),
    (Color::LightRed, 241, 76, 76),
    (Color::LightGreen, 35, 209, 139),
    (Color::LightYellow, 245, 245, 67),
    (Color::LightBlue, 59, 142, 234),
    (Color::LightMagenta, 214, 112, 214),
    (Color::LightCyan, 41, 184, 219),
    (Color::White, 255, 255, 255),
];

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

fn nearest_16(r: u8, g: u8, b: u8) -> Color {
    let by_distance = |entry: &&(Color, u8, u8, u8)| distance((entry.1, entry.2, entry.3), (r, g, b));
    SIXTEEN.iter().min_by_key(by_distance).map_or(Color::Reset, |entry| entry.0)
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
        assert_eq!(ColorDepth::None.fit(Color::Rgb(1, 2, 3)), Color::Reset);
        assert_eq!(ColorDepth::TrueColor.fit(Color::Rgb(1, 2, 3)), Color::Rgb(1, 2, 3));
    }
}
