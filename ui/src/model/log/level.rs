//! How loud a line is, whatever it is written in: plain words, logfmt, or JSON.

/// How loud a line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Says nothing of itself.
    Unknown,
    /// For developers.
    Debug,
    /// Ordinary.
    Info,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
}

/// Fields that tell a line's level, in JSON and in logfmt.
const FIELDS: [&str; 5] = ["level", "severity", "lvl", "loglevel", "log.level"];
/// A plain line says its level near its beginning.
const HEAD: usize = 120;
/// How far into a line of fields one that tells the level is looked for.
const FAR: usize = 4096;

/// What a line says of itself.
pub fn level(text: &str) -> Level {
    let structured = text.starts_with('{') || text.contains('=');
    if structured && let Some(level) = field(&text[..floor(text, FAR)]) {
        return level;
    }
    let head = &text[..floor(text, HEAD)];
    let mut words = head.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.find_map(word).unwrap_or(Level::Unknown)
}

/// The last character boundary within so many bytes.
fn floor(text: &str, bytes: usize) -> usize {
    (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn word(word: &str) -> Option<Level> {
    // Longer than any of these: spared the comparisons.
    if word.len() > 11 {
        return None;
    }
    let is = |all: &[&str]| all.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is(&["error", "err", "fatal", "panic", "critical", "crit", "emerg", "emergency", "alert", "severe"]) {
        Some(Level::Error)
    } else if is(&["warn", "warning"]) {
        Some(Level::Warning)
    } else if is(&["info", "notice", "information"]) {
        Some(Level::Info)
    } else if is(&["debug", "trace", "verbose"]) {
        Some(Level::Debug)
    } else {
        None
    }
}

/// The value of a field that tells the level: `"level":"error"`, `"level": 50`, `level=warn`.
fn field(text: &str) -> Option<Level> {
    let bytes = text.as_bytes();
    let mut at = 0;
    // Every value follows one of these signs.
    while let Some(found) = bytes[at..].iter().position(|b| matches!(b, b':' | b'=')) {
        let sign = at + found;
        at = sign + 1;
        let name = text[..sign].trim_end_matches(['"', ' ']);
        let start = name
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .map_or(0, |p| p + name[p..].chars().next().map_or(1, char::len_utf8));
        if !FIELDS.iter().any(|field| name[start..].eq_ignore_ascii_case(field)) {
            continue;
        }
        let value = text[at..].trim_start_matches([' ', '"']);
        let end = value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len());
        let value = &value[..end];
        if let Some(level) = word(value).or_else(|| numbered(value)) {
            return Some(level);
        }
    }
    None
}

/// Levels as bunyan and pino number them.
fn numbered(value: &str) -> Option<Level> {
    Some(match value.parse::<u32>().ok()? {
        10..=20 => Level::Debug,
        30 => Level::Info,
        40 => Level::Warning,
        50..=60 => Level::Error,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_found_in_every_form() {
        for (text, wanted) in [
            ("INFO start", Level::Info),
            ("2026-11-24 10:00:00 ERROR no disk", Level::Error),
            ("[warn] x", Level::Warning),
            ("plain", Level::Unknown),
            ("", Level::Unknown),
            ("{\"msg\":\"an error was avoided\",\"level\":\"info\"}", Level::Info),
            ("{\"severity\": \"WARNING\", \"a\":1}", Level::Warning),
            ("{\"level\":50,\"pid\":1}", Level::Error),
            ("{\"log.level\":\"debug\"}", Level::Debug),
            ("ts=1 level=warn msg=\"error in name\"", Level::Warning),
            ("lvl=eror", Level::Unknown),
            ("time=10:00 msg=panic", Level::Error),
            ("漢字 error", Level::Error),
            ("{\"level\":", Level::Unknown),
            ("=:=:level", Level::Unknown),
        ] {
            assert_eq!(level(text), wanted, "{text}");
        }
    }
}
