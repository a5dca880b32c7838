//! Times and durations for people: `2 minutes ago`, `About an hour`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-27 23:39:32 +0000 UTC`, as Go prints times in listings; `N/A` for one that cannot be.
pub fn docker_time(nanoseconds: i64) -> String {
    let Ok(time) = Timestamp::from_nanosecond(i128::from(nanoseconds)) else { return "N/A".to_owned() };
    let zone = TimeZone::system();
    let place = zone.to_offset_info(time);
    let seconds = place.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    let date = place.offset().to_datetime(time).strftime("%Y-%m-%d %H:%M:%S");
    format!("{date} {sign}{hours:02}{minutes:02} {}", place.abbreviation())
}

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

/// A length of time in nanoseconds, in words.
pub fn human(nanoseconds: i64) -> String {
    let seconds = nanoseconds / SECOND;
    let minutes = seconds / 60;
    // Hours are rounded, so that 90 minutes are 2 hours.
    let hours = (seconds + 1800) / 3600;
    let counted = |count: i64, unit: &str| format!("{count} {unit}");
    if seconds < 1 {
        "Less than a second".to_owned()
    } else if seconds == 1 {
        "1 second".to_owned()
    } else if seconds < 60 {
        counted(seconds, "seconds")
    } else if minutes == 1 {
        "About a minute".to_owned()
    } else if minutes < 60 {
        counted(minutes, "minutes")
    } else if hours == 1 {
        "About an hour".to_owned()
    } else if hours < 48 {
        counted(hours, "hours")
    } else if hours < 24 * 7 * 2 {
        counted(hours / 24, "days")
    } else if hours < 24 * 30 * 2 {
        counted(hours / 24 / 7, "weeks")
    } else if hours < 24 * 365 * 2 {
        counted(hours / 24 / 30, "months")
    } else {
        counted(hours / 24 / 365, "years")
    }
}

/// The time from `then` to `now` in words; a moment in the future counts as now.
pub fn since(then: i64, now: i64) -> String {
    human(now.saturating_sub(then).max(0))
}

/// `2 minutes ago`.
pub fn ago(then: i64, now: i64) -> String {
    since(then, now) + " ago"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_in_words() {
        for (seconds, words) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (119, "About a minute"),
            (120, "2 minutes"),
            (3599, "59 minutes"),
            (3600, "About an hour"),
            (5400, "2 hours"),
            (47 * 3600, "47 hours"),
            (48 * 3600, "2 days"),
            (13 * 86400, "13 days"),
            (14 * 86400, "2 weeks"),
            (60 * 86400, "2 months"),
            (729 * 86400, "24 months"),
            (730 * 86400, "2 years"),
        ] {
            assert_eq!(human(seconds * SECOND), words, "{seconds}");
        }
        assert_eq!(ago(5 * SECOND, 0), "Less than a second ago");
    }
}
