//! Log lines decoded once, as they come in: colours kept, every other escape sequence dropped.

use super::{char_width, is_safe};
use ratatui::style::{Color, Modifier, Style};

/// More colour changes than this in one line are dropped: no honest line has them, and each costs memory.
const MOST_RUNS: usize = 4096;

/// A line's safe text and its colours.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decoded {
    /// The text: no control character, no escape sequence, tabs laid out.
    pub text: Box<str>,
    /// Where the style changes, by byte offset in the text; empty for a plain line.
    pub runs: Box<[Run]>,
    /// How many cells the text takes.
    pub width: usize,
}

/// A change of style.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Run {
    /// From this byte on.
    pub start: u32,
    /// This style.
    pub style: Style,
}

/// Decodes the bytes of one line.
pub fn decode(line: impl Into<Vec<u8>>) -> Decoded {
    let line: Vec<u8> = line.into();
    if is_plain(&line) {
        // Nothing is copied: most lines are such, and a flood has millions of them.
        let text = String::from_utf8(line).unwrap_or_default().into_boxed_str();
        return Decoded { width: text.len(), text, runs: Box::default() };
    }
    let line = shown_part(&line);
    if is_plain(line) {
        let text: Box<str> = String::from_utf8_lossy(line).into();
        return Decoded { width: text.len(), text, runs: Box::default() };
    }
    let line = String::from_utf8_lossy(line);
    let mut text = String::with_capacity(line.len());
    let mut runs: Vec<Run> = Vec::new();
    let mut style = Style::new();
    let mut width = 0;
    let mut rest: &str = &line;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\u{1b}' | '\u{9b}' | '\u{9d}' | '\u{90}' => {
                let (sequence, tail) = take_sequence(c, rest);
                rest = tail;
                if let Some(parameters) = sequence {
                    let before = style;
                    style = select_graphic_rendition(style, parameters);
                    if style != before && runs.len() < MOST_RUNS {
                        let start = text.len() as u32;
                        match runs.last_mut().filter(|run| run.start == start) {
                            Some(run) => run.style = style,
                            None => runs.push(Run { start, style }),
                        }
                    }
                }
            }
            '\t' => {
                let stop = (width / 8 + 1) * 8;
                text.extend(std::iter::repeat_n(' ', stop - width));
                width = stop;
            }
            c if is_safe(c) => {
                text.push(c);
                width += char_width(c);
            }
            _ => {}
        }
    }
    Decoded { text: text.into(), runs: runs.into(), width }
}

/// Whether bytes are nothing but ASCII that is shown. Looked at by the block, which processors do at once.
fn is_plain(line: &[u8]) -> bool {
    line.chunks(64).all(|block| block.iter().fold(true, |plain, b| plain & (0x20..0x7f).contains(b)))
}

/// A carriage return starts a line over, as progress bars do: the last part that says something counts.
fn shown_part(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1);
    let start = line[..end].iter().rposition(|b| *b == b'\r').map_or(0, |at| at + 1);
    &line[start..end]
}

/// Takes one escape sequence off the front; gives the parameters when it selects colours.
fn take_sequence(first: char, rest: &str) -> (Option<&str>, &str) {
    let (kind, rest) = match first {
        '\u{9b}' => ('[', rest),
        '\u{9d}' => (']', rest),
        '\u{90}' => ('P', rest),
        _ => match rest.chars().next() {
            Some(c) => (c, &rest[c.len_utf8()..]),
            None => return (None, rest),
        },
    };
    match kind {
        '[' => {
            let final_byte = |c: char| matches!(c, '\u{40}'..='\u{7e}') || !matches!(c, '\u{20}'..='\u{3f}');
            match rest.find(final_byte) {
                Some(at) => {
                    let last = rest[at..].chars().next().unwrap_or('m');
                    let tail = &rest[at + last.len_utf8()..];
                    ((last == 'm').then_some(&rest[..at]), tail)
                }
                None => (None, ""),
            }
        }
        // Strings (titles, clipboard, device control) run to BEL or ST.
        ']' | 'P' | 'X' | '^' | '_' => {
            let bell = rest.find('\u{7}').map(|at| (at, 1));
            let st = rest.find("\u{1b}\\").map(|at| (at, 2));
            let c1 = rest.find('\u{9c}').map(|at| (at, 2));
            match [bell, st, c1].into_iter().flatten().min() {
                Some((at, length)) => (None, &rest[at + length..]),
                None => (None, ""),
            }
        }
        // Character set designations take one more character.
        '(' | ')' | '*' | '+' | '#' | '%' | ' ' => {
            let skip = rest.chars().next().map_or(0, char::len_utf8);
            (None, &rest[skip..])
        }
        _ => (None, rest),
    }
}

fn select_graphic_rendition(mut style: Style, parameters: &str) -> Style {
    let mut numbers = parameters.split([';', ':']).map(|n| n.parse::<u16>().unwrap_or(0));
    while let Some(number) = numbers.next() {
        style = match number {
            0 => Style::new(),
            1 => style.add_modifier(Modifier::BOLD),
            2 => style.add_modifier(Modifier::DIM),
            3 => style.add_modifier(Modifier::ITALIC),
            4 => style.add_modifier(Modifier::UNDERLINED),
            7 => style.add_modifier(Modifier::REVERSED),
            9 => style.add_modifier(Modifier::CROSSED_OUT),
            22 => style.remove_modifier(Modifier::BOLD | Modifier::DIM),
            23 => style.remove_modifier(Modifier::ITALIC),
            24 => style.remove_modifier(Modifier::UNDERLINED),
            27 => style.remove_modifier(Modifier::REVERSED),
            29 => style.remove_modifier(Modifier::CROSSED_OUT),
            30..=37 => style.fg(Color::Indexed(number as u8 - 30)),
            90..=97 => style.fg(Color::Indexed(number as u8 - 82)),
            40..=47 => style.bg(Color::Indexed(number as u8 - 40)),
            100..=107 => style.bg(Color::Indexed(number as u8 - 92)),
            39 => Style { fg: None, ..style },
            49 => Style { bg: None, ..style },
            38 | 48 => {
                let color = match numbers.next() {
                    Some(5) => numbers.next().map(|n| Color::Indexed(n as u8)),
                    Some(2) => match (numbers.next(), numbers.next(), numbers.next()) {
                        (Some(r), Some(g), Some(b)) => Some(Color::Rgb(r as u8, g as u8, b as u8)),
                        _ => None,
                    },
                    _ => None,
                };
                match color {
                    Some(color) if number == 38 => style.fg(color),
                    Some(color) => style.bg(color),
                    None => style,
                }
            }
            _ => style,
        };
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_stay_and_the_rest_goes() {
        let decoded = decode(b"\x1b[31mred\x1b[0m \x1b]52;c;aGk=\x07\x1b[2Jplain\x1b[1;38;5;200mx\x1b]0;t");
        assert_eq!(&*decoded.text, "red plainx");
        assert_eq!(decoded.runs[0], Run { start: 0, style: Style::new().fg(Color::Indexed(1)) });
        assert_eq!(decoded.runs[1], Run { start: 3, style: Style::new() });
        let last = Style::new().add_modifier(Modifier::BOLD).fg(Color::Indexed(200));
        assert_eq!(decoded.runs[2], Run { start: 9, style: last });
    }

    #[test]
    fn tabs_and_carriage_returns_are_laid_out() {
        assert_eq!(&*decode(b"a\tb").text, "a       b");
        assert_eq!(&*decode(b"10%\r20%\r100%\r").text, "100%");
        assert_eq!(&*decode(b"\r\r").text, "");
    }

    #[test]
    fn broken_text_is_shown_as_such() {
        let decoded = decode(b"\xff\xfe ok \xe6\xbc\xa2\x07\xc2\x9b31mx");
        assert_eq!(&*decoded.text, "\u{fffd}\u{fffd} ok 漢x");
        assert_eq!(decoded.width, 9);
        assert_eq!(&*decode(b"ends in \x1b").text, "ends in ");
        assert_eq!(&*decode("\u{1b}[3é1mx".as_bytes()).text, "1mx");
    }
}
