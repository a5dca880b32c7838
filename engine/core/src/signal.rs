//! Signals by name or number.

use nix::sys::signal::Signal;
use teu_api::Failure;

/// The signal that a word names: `9`, `KILL`, `SIGKILL`, `sigkill`, `SIGRTMIN+3`.
pub fn parse(word: &str) -> Result<i32, Failure> {
    let unknown = || {
        Failure::usage(format!("invalid signal: {word}"))
            .hint("use a number or a name such as SIGTERM; kill -l lists them")
    };
    if let Ok(number) = word.parse::<i32>() {
        return if (1..=64).contains(&number) { Ok(number) } else { Err(unknown()) };
    }
    let upper = word.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    // The C library keeps the first two real-time signals for itself.
    let (first, last) = (34, 64);
    if let Some(rest) = name.strip_prefix("RTMIN") {
        let offset = if rest.is_empty() {
            0
        } else {
            rest.strip_prefix('+').and_then(|n| n.parse::<i32>().ok()).ok_or_else(unknown)?
        };
        return if first + offset <= last { Ok(first + offset) } else { Err(unknown()) };
    }
    if let Some(rest) = name.strip_prefix("RTMAX") {
        let offset = if rest.is_empty() {
            0
        } else {
            rest.strip_prefix('-').and_then(|n| n.parse::<i32>().ok()).ok_or_else(unknown)?
        };
        return if last - offset >= first { Ok(last - offset) } else { Err(unknown()) };
    }
    format!("SIG{name}").parse::<Signal>().map(|signal| signal as i32).map_err(|_| unknown())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn words_become_numbers() {
        for (word, number) in [
            ("9", 9),
            ("KILL", 9),
            ("SIGKILL", 9),
            ("sigterm", 15),
            ("RTMIN", 34),
            ("SIGRTMIN+3", 37),
            ("RTMAX-1", 63),
        ] {
            assert_eq!(parse(word).unwrap(), number, "{word}");
        }
        for bad in ["", "0", "65", "-1", "SIGNOPE", "RTMIN+99", "RTMAX-99", "RTMIN-1"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
