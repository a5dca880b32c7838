//! Numbers with fixed point: `--cpus 1.5`.

use super::wrong;
use teu_api::Failure;

/// Reads a number of CPUs into billionths of one, exactly.
pub fn cpus(text: &str) -> Result<i64, Failure> {
    let bad = || {
        wrong(
            format!("invalid argument {text:?} for --cpus: failed to parse as a number"),
            "write it like 1.5",
        )
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(bad());
    }
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(bad());
    }
    if fraction.len() > 9 && fraction[9..].bytes().any(|byte| byte != b'0') {
        return Err(wrong(
            format!("invalid argument {text:?} for --cpus: value is too precise"),
            "nine decimals are the most",
        ));
    }
    let nano: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| bad())? };
    let nano: i64 = nano.parse().map_err(|_| bad())?;
    whole.checked_mul(1_000_000_000).and_then(|value| value.checked_add(nano)).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_exact() {
        assert_eq!(cpus("1.5").unwrap(), 1_500_000_000);
        assert_eq!(cpus(".1").unwrap(), 100_000_000);
        assert_eq!(cpus("2").unwrap(), 2_000_000_000);
        assert_eq!(cpus("0.000000001").unwrap(), 1);
        for bad in ["", ".", "-1", "1e3", "one", "1.0000000001", "99999999999999"] {
            assert!(cpus(bad).is_err(), "{bad}");
        }
    }
}
