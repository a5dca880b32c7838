//! Durations in Go's syntax: `1m30s`, `1.5h`, `250ms`.

use super::wrong;
use teu_api::Failure;

/// Reads a duration into nanoseconds.
pub fn parse(text: &str) -> Result<i64, Failure> {
    let bad = || wrong(format!("invalid duration {text:?}"), "write it like 30s or 1m30s");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(bad());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => {
                return Err(wrong(
                    format!("missing unit in duration {text:?}"),
                    "write it like 30s or 1m30s",
                ));
            }
            _ => {
                return Err(wrong(
                    format!("unknown unit {unit:?} in duration {text:?}"),
                    "units are ns, us, ms, s, m and h",
                ));
            }
        };
        total += scaled(number, scale).ok_or_else(bad)?;
        rest = next;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| bad())
}

/// A decimal number times a scale, cut to a whole.
fn scaled(number: &str, scale: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > 19 || fraction.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction = &fraction[..fraction.len().min(15)];
    let part: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    Some(whole * scale + part * scale / 10i128.pow(fraction.len() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("1m30s", 90_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("250ms", 250_000_000),
            ("-2s", -2_000_000_000),
            (".5s", 500_000_000),
            ("1h0m1ns", 3_600_000_000_001),
        ] {
            assert_eq!(parse(text).unwrap(), nanoseconds, "{text}");
        }
        for bad in ["", "30", "s", "1d", ".s", "1.2.3s", "999999999999h", "-", "1 s"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
