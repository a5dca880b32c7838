//! Sizes: `64m`, `1.5GiB`, `4096`. Every unit is a power of 1024, as Docker reads them.

use super::wrong;
use teu_api::Failure;

/// Reads a size in bytes.
pub fn parse(text: &str) -> Result<i64, Failure> {
    let bad = || wrong(format!("invalid size: {text:?}"), "write it like 512m or 1.5g");
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
    let power = match unit.strip_suffix("ib").or_else(|| unit.strip_suffix('b')).unwrap_or(&unit) {
        "" if unit != "ib" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return Err(bad()),
    };
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(1 << (10 * power)).ok_or_else(bad);
    }
    let value: f64 = number.parse().map_err(|_| bad())?;
    let bytes = value
        * f64::from(1u32 << (10 * power.min(3)))
        * if power > 3 { 1024f64.powi(power - 3) } else { 1.0 };
    // The largest double below 2^63 is what an i64 can still hold.
    if bytes.is_finite() && bytes < 9.223_372_036_854_774e18 { Ok(bytes as i64) } else { Err(bad()) }
}

/// Reads a size that `flag` was given.
pub fn flag(flag: &str, text: &str) -> Result<i64, Failure> {
    parse(text).map_err(|error| {
        wrong(
            format!("invalid argument {text:?} for {flag}: {}", error.message),
            "write it like 512m or 1.5g",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("64b", 64),
            ("1k", 1024),
            ("64m", 64 << 20),
            ("1.5g", 3 << 29),
            ("1GiB", 1 << 30),
            ("2 MB", 2 << 20),
            ("3T", 3 << 40),
        ] {
            assert_eq!(parse(text).unwrap(), bytes, "{text}");
        }
        for bad in ["", "m", "-1", "1x", "1ib", "1..5m", "12 kk", "9999999999999999999", "9e5p", "99999p"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
