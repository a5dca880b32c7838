//! Times as logs write them: RFC 3339 in UTC with nine digits of a second, so that all have the same length.

use jiff::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since the Unix epoch, now.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// Writes a time.
pub fn format(at: i64) -> String {
    let time = Timestamp::from_nanosecond(i128::from(at)).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.9}")
}

/// Reads a time in any RFC 3339 form.
pub fn parse(text: &[u8]) -> Option<i64> {
    let time: Timestamp = std::str::from_utf8(text).ok()?.parse().ok()?;
    i64::try_from(time.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_length_and_read_back() {
        for at in [0, 1, 999_999_999, 1_795_516_800_123_456_789, 1_795_516_800_000_000_000] {
            let text = format(at);
            assert_eq!(text.len(), 30, "{text}");
            assert_eq!(parse(text.as_bytes()), Some(at));
        }
        assert_eq!(format(1_795_516_800_123_000_000), "2026-11-24T10:40:00.123000000Z");
        assert_eq!(parse(b"1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(parse(b"yesterday"), None);
    }
}
