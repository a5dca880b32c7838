//! Durations: `1m30s`, `500ms`, `1d12h`.

const UNITS: [(&str, i64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
    ("w", 604_800_000_000_000),
];

/// Nanoseconds.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: f64 = 0.0;
    while !rest.is_empty() {
        let digits =
            rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').filter(|end| *end > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let word = rest.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(rest.len());
        let (_, scale) = UNITS.iter().find(|(unit, _)| *unit == &rest[..word])?;
        total += number * *scale as f64;
        rest = &rest[word..];
    }
    let total = if negative { -total } else { total };
    (total.abs() < i64::MAX as f64).then_some(total.round() as i64)
}

/// The text that Docker shows for so many nanoseconds: `1h2m3.5s`.
pub(crate) fn text(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let fraction = |value: u64, unit: u64, digits: usize| {
        let mut text = format!("{}.{:0digits$}", value / unit, value % unit);
        while text.ends_with('0') {
            text.pop();
        }
        text.trim_end_matches('.').to_owned()
    };
    match total {
        0 => "0s".into(),
        1..1_000 => format!("{sign}{total}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(total, 1_000, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(total, 1_000_000, 6)),
        _ => {
            let (minutes, rest) = (total / 60_000_000_000, total % 60_000_000_000);
            let seconds = fraction(rest, 1_000_000_000, 9);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print() {
        for (read, shown) in [
            ("10s", "10s"),
            ("90s", "1m30s"),
            ("1m30s", "1m30s"),
            ("2m", "2m0s"),
            ("1h", "1h0m0s"),
            ("500ms", "500ms"),
            ("1.5s", "1.5s"),
            ("100us", "100µs"),
            ("1d", "24h0m0s"),
            ("1w", "168h0m0s"),
            ("0", "0s"),
            ("0s", "0s"),
        ] {
            assert_eq!(parse(read).map(text).as_deref(), Some(shown), "{read}");
        }
        for bad in ["", "10", "s", "1x", "ten", "1s "] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
