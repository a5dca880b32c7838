//! Figures as people read them.

const SECOND: i64 = 1_000_000_000;

/// A number of things: `1 image`, `3 images`.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A span of time in one or two units: `12s`, `4m`, `3h 12m`, `2d 5h`, `6w`.
pub fn duration(nanoseconds: i64) -> String {
    let s = nanoseconds.max(0) / SECOND;
    let (m, h, d) = (s / 60, s / 3600, s / 86_400);
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{m}m"),
        3600..86_400 if m % 60 == 0 => format!("{h}h"),
        3600..86_400 => format!("{h}h {}m", m % 60),
        86_400..1_209_600 if h % 24 == 0 => format!("{d}d"),
        86_400..1_209_600 => format!("{d}d {}h", h % 24),
        _ if d < 730 => format!("{}w", d / 7),
        _ => format!("{}y", d / 365),
    }
}

/// How long ago a moment was: the text, and when it will read otherwise (both in nanoseconds since the epoch).
///
/// Seconds are not counted, and all ages on a screen change together when the clock's minute does: thirty containers
/// that were started one after the other cost one frame a minute, not thirty.
pub fn age(since: i64, now: i64) -> (String, i64) {
    let minute = 60 * SECOND;
    let passed = (now - now.rem_euclid(minute) - since).max(0);
    let step = match passed / SECOND {
        0..86_400 => minute,
        86_400..1_209_600 => 60 * minute,
        _ => 24 * 60 * minute,
    };
    let changes = since + (passed / step + 1) * step;
    let next = (changes + minute - 1).div_euclid(minute) * minute;
    let text = if passed < minute { "<1m".to_owned() } else { duration(passed) };
    (text, next)
}

/// Bytes in binary units with three digits or so: `812 B`, `3.4 MiB`, `128 MiB`.
pub fn bytes(count: u64) -> String {
    let (figure, unit) = scaled(count);
    if unit.is_empty() { format!("{figure} B") } else { format!("{figure} {unit}iB") }
}

/// Bytes as short as it goes: `812B`, `3.4M`, `128M`.
pub fn bytes_short(count: u64) -> String {
    let (figure, unit) = scaled(count);
    format!("{figure}{}", if unit.is_empty() { "B" } else { unit })
}

/// Bytes per second.
pub fn rate(per_second: f64) -> String {
    format!("{}/s", bytes(per_second.max(0.0) as u64))
}

fn scaled(count: u64) -> (String, &'static str) {
    let mut value = count as f64;
    let mut unit = "";
    for next in ["K", "M", "G", "T", "P", "E"] {
        if value < 999.5 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    let figure =
        if unit.is_empty() || value >= 99.95 { format!("{value:.0}") } else { format!("{value:.1}") };
    (figure, unit)
}

/// A share: `0.3%`, `42%`, `180%`.
pub fn percent(value: f64) -> String {
    if value >= 99.95 { format!("{value:.0}%") } else { format!("{value:.1}%") }
}

/// The time of day, `HH:MM:SS`, at an offset from UTC in seconds.
pub fn clock(at: i64, utc_offset: i32) -> String {
    let seconds = (at.div_euclid(SECOND) + i64::from(utc_offset)).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The date and the time of day, `YYYY-MM-DD HH:MM:SS`, at an offset from UTC in seconds.
pub fn date_and_clock(at: i64, utc_offset: i32) -> String {
    let seconds = at.div_euclid(SECOND) + i64::from(utc_offset);
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    format!("{year:04}-{month:02}-{day:02} {}", clock(at, utc_offset))
}

/// Days since 1970-01-01 as a date of the Gregorian calendar, counted in eras of 400 years from 1 March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(3_565_158), "3.4 MiB");
        assert_eq!(bytes(134_217_728), "128 MiB");
        assert_eq!(bytes_short(1023), "1.0K");
        assert_eq!(percent(0.34), "0.3%");
        assert_eq!(percent(180.2), "180%");
        assert_eq!(duration(12 * SECOND), "12s");
        assert_eq!(duration(11_520 * SECOND), "3h 12m");
        assert_eq!(duration(3 * 86_400 * SECOND), "3d");
        assert_eq!(duration(-5), "0s");
    }

    #[test]
    fn an_age_knows_when_it_changes() {
        for since in [0, 7 * SECOND, 59 * SECOND, 3599 * SECOND] {
            for passed in [0, 30, 61, 3_600, 3_661, 90_000, 1_000_000].map(|seconds| seconds * SECOND) {
                let now = since + passed;
                let (text, next) = age(since, now);
                assert!(next > now && next % (60 * SECOND) == 0, "it changes with the clock's minute");
                assert_eq!(age(since, next - 1).0, text, "not before");
                assert_ne!(age(since, next).0, text, "but then");
            }
        }
        assert_eq!(age(0, 90 * SECOND).0, "1m");
        assert_eq!(age(SECOND / 2, 2 * SECOND).0, "<1m");
    }

    #[test]
    fn moments_are_shown_at_an_offset() {
        assert_eq!(date_and_clock(1_795_500_000 * SECOND, 0), "2026-11-24 06:00:00");
        assert_eq!(clock(0, -3600), "23:00:00");
        assert_eq!(date_and_clock(-SECOND, 0), "1969-12-31 23:59:59");
        assert_eq!(date_and_clock(951_782_400 * SECOND, 0), "2000-02-29 00:00:00");
    }
}
