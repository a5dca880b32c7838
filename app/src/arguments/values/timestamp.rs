//! Moments: `--since 10m`, `--until 2026-01-02T03:04:05Z`, `--since 1700000000.5`.

use super::{duration, wrong};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use teu_api::Failure;

/// Reads a moment into nanoseconds since the Unix epoch. `now` is that too; times without a zone are of `zone`.
pub fn parse(text: &str, now: i64, zone: &TimeZone) -> Result<i64, Failure> {
    let bad =
        || wrong(format!("invalid time {text:?}"), "write 10m, 2026-01-02T03:04:05Z or seconds since 1970");
    if let Ok(ago) = duration::parse(text)
        && text != "0"
    {
        return now.checked_sub(ago).ok_or_else(bad);
    }
    if let Some(nanoseconds) = unix(text) {
        return Ok(nanoseconds);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return i64::try_from(moment.as_nanosecond()).map_err(|_| bad());
    }
    let civil = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)))
        .map_err(|_| bad())?;
    let moment = zone.to_timestamp(civil).map_err(|_| bad())?;
    i64::try_from(moment.as_nanosecond()).map_err(|_| bad())
}

/// Seconds since the epoch with up to nine decimals.
fn unix(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.is_empty() || !digits(seconds) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let part: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(part.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000_000_000;

    #[test]
    fn moments_are_read() {
        let zone = TimeZone::UTC;
        assert_eq!(parse("10m", NOW, &zone).unwrap(), NOW - 600_000_000_000);
        assert_eq!(parse("1700000000.5", NOW, &zone).unwrap(), NOW + 500_000_000);
        assert_eq!(parse("0", NOW, &zone).unwrap(), 0);
        assert_eq!(parse("2023-11-14T22:13:20Z", NOW, &zone).unwrap(), NOW);
        assert_eq!(parse("2023-11-14T23:13:20+01:00", NOW, &zone).unwrap(), NOW);
        assert_eq!(parse("2023-11-14T22:13:20", NOW, &zone).unwrap(), NOW);
        assert_eq!(parse("2023-11-14", NOW, &zone).unwrap(), 1_699_920_000_000_000_000);
        for bad in ["", "yesterday", "2023-13-01", "1.2.3", "10x"] {
            assert!(parse(bad, NOW, &zone).is_err(), "{bad}");
        }
    }
}
