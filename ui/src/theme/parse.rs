//! Theme files: TOML with a name, a title, an appearance and one colour per meaning.

use super::{Appearance, Colors, Theme};
use crate::keys::line_of;
use ratatui::style::Color;
use std::fmt;

/// What is wrong with a theme file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThemeError {
    /// The line, from 1; 0 when it is the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ThemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "line {line}: {}", self.message),
        }
    }
}

impl std::error::Error for ThemeError {}

pub(super) fn parse(text: &str) -> Result<Theme, ThemeError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ThemeError {
        line: error.span().map_or(0, |span| line_of(text, span.start)),
        message: error.message().to_owned(),
    })?;
    let reader = Reader { text, colors: table.get("colors").and_then(toml::Value::as_table) };
    let word = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let missing = |key: &str| ThemeError { line: 0, message: format!("{key} is missing") };
    let name = word("name").ok_or_else(|| missing("name"))?;
    let appearance = match word("appearance").as_deref() {
        Some("dark") | None => Appearance::Dark,
        Some("light") => Appearance::Light,
        Some(other) => {
            let message = format!("appearance is {other:?}, not dark or light");
            return Err(ThemeError { line: reader.line("appearance"), message });
        }
    };
    let colors = Colors {
        background: reader.color("background")?,
        surface: reader.color("surface")?,
        text: reader.color("text")?,
        muted: reader.color("muted")?,
        faint: reader.color("faint")?,
        accent: reader.color("accent")?,
        on_accent: reader.color("on-accent")?,
        selection: reader.color("selection")?,
        good: reader.color("good")?,
        paused: reader.color("paused")?,
        warning: reader.color("warning")?,
        error: reader.color("error")?,
        info: reader.color("info")?,
        cpu: reader.color("cpu")?,
        memory: reader.color("memory")?,
        network: reader.color("network")?,
        block: reader.color("block")?,
        stderr: reader.color("stderr")?,
        highlight: reader.color("match")?,
        series: reader.series()?,
    };
    let title = word("title").unwrap_or_else(|| name.clone());
    Ok(Theme::from_colors(name, title, appearance, colors))
}

struct Reader<'a> {
    text: &'a str,
    colors: Option<&'a toml::Table>,
}

impl Reader<'_> {
    fn line(&self, key: &str) -> usize {
        let is_key =
            |line: &str| line.trim_start().strip_prefix(key).is_some_and(|r| r.trim_start().starts_with('='));
        self.text.lines().position(is_key).map_or(0, |at| at + 1)
    }

    fn color(&self, key: &str) -> Result<Color, ThemeError> {
        let value = self.colors.and_then(|colors| colors.get(key));
        let value =
            value.ok_or_else(|| ThemeError { line: 0, message: format!("colors.{key} is missing") })?;
        self.value(key, value)
    }

    fn series(&self) -> Result<Vec<Color>, ThemeError> {
        let list = self.colors.and_then(|colors| colors.get("series")).and_then(toml::Value::as_array);
        let list = list.filter(|list| !list.is_empty());
        let missing = || ThemeError { line: self.line("series"), message: "colors.series is no list".into() };
        list.ok_or_else(missing)?.iter().map(|value| self.value("series", value)).collect()
    }

    fn value(&self, key: &str, value: &toml::Value) -> Result<Color, ThemeError> {
        value.as_str().and_then(color).ok_or_else(|| ThemeError {
            line: self.line(key),
            message: format!(
                "colors.{key} is {value}; a colour is \"#rrggbb\", \"default\" or a name like \"blue\""
            ),
        })
    }
}

fn color(text: &str) -> Option<Color> {
    if let Some(digits) = text.strip_prefix('#') {
        let valid = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let number = valid.then(|| u32::from_str_radix(digits, 16).ok())??;
        return Some(Color::Rgb((number >> 16) as u8, (number >> 8) as u8, number as u8));
    }
    Some(match text {
        "default" => Color::Reset,
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_with_their_line() {
        let good = include_str!("../../../themes/harbor.toml");
        assert!(parse(good).is_ok());
        let error = parse(&good.replace("good       = \"#", "good       = \"@")).unwrap_err();
        assert!(error.line > 5 && error.message.contains("colors.good"), "{error}");
        assert_eq!(good.lines().nth(error.line - 1).unwrap().split_whitespace().next(), Some("good"));
        let error = parse("name = \"x\"\nappearance = \"dim\"\n").unwrap_err();
        assert_eq!(error.line, 2);
        let error = parse("name = \"x\"\n[colors\n").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(parse("name = \"x\"\n").unwrap_err().message.contains("background"));
    }
}
