//! The span of time that a log is read for.

/// What a minute has in nanoseconds.
const MINUTE: i64 = 60_000_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment, told from now or for certain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Moment {
    /// So many nanoseconds ago.
    Ago(i64),
    /// Nanoseconds since the epoch.
    At(i64),
    /// A time of the day, in nanoseconds since its midnight: the last one there was.
    Clock(i64),
}

/// A span of time as it was typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Window {
    text: String,
    since: Option<Moment>,
    until: Option<Moment>,
}

impl Window {
    /// Reads a span: `5m`, `1h30m`, `14:00`, `14:00..14:30`, `2d..1d`, `2026-11-24 10:00`; empty for everything.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (since, until) = match text.split_once("..") {
            Some((since, until)) => (since.trim(), until.trim()),
            None => (text, ""),
        };
        let moment = |text: &str| (!text.is_empty()).then(|| self::moment(text)).transpose();
        Ok(Self { text: text.to_owned(), since: moment(since)?, until: moment(until)? })
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its ends in nanoseconds since the epoch, seen from now in a place so many seconds east of UTC.
    pub fn ends(&self, now: i64, utc_offset: i32) -> (Option<i64>, Option<i64>) {
        let offset = i64::from(utc_offset) * 1_000_000_000;
        let certain = |moment: Moment| match moment {
            Moment::Ago(ago) => now.saturating_sub(ago),
            Moment::At(at) => at.saturating_sub(offset),
            Moment::Clock(time) => {
                let today = (now + offset).div_euclid(DAY) * DAY + time - offset;
                if today > now { today - DAY } else { today }
            }
        };
        (self.since.map(certain), self.until.map(certain))
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || format!("{text:?} is no time: 5m, 1h30m, 14:00, 2026-11-24 10:00");
    if let Some(ago) = span(text) {
        return Ok(Moment::Ago(ago));
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (Some(date), time),
        None if text.contains(':') => (None, text),
        None => (Some(text), "00:00"),
    };
    let time = clock(time.trim_end_matches('Z')).ok_or_else(wrong)?;
    match date {
        Some(date) => Ok(Moment::At(days(date).ok_or_else(wrong)? * DAY + time)),
        None => Ok(Moment::Clock(time)),
    }
}

/// A length of time: `90s`, `5m`, `1h30m`, `2d`.
fn span(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut number: Option<i64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
            continue;
        }
        let unit = match c {
            's' => 1_000_000_000,
            'm' => MINUTE,
            'h' => HOUR,
            'd' => DAY,
            'w' => 7 * DAY,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (number.is_none() && total > 0).then_some(total)
}

fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut part = |below: i64| parts.next()?.parse::<i64>().ok().filter(|n| (0..below).contains(n));
    let (hours, minutes) = (part(24)?, part(60)?);
    let seconds = part(60).unwrap_or(0);
    Some(hours * HOUR + minutes * MINUTE + seconds * 1_000_000_000)
}

/// Days since the epoch of a date as ISO 8601 writes it (civil calendar, proleptic Gregorian).
fn days(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24 10:00:00 UTC.
    const NOW: i64 = 1_795_514_400_000_000_000;

    #[test]
    fn spans_and_moments_are_read() {
        let ends = |text: &str| Window::parse(text).unwrap().ends(NOW, 3600);
        assert_eq!(ends(""), (None, None));
        assert_eq!(ends("5m"), (Some(NOW - 5 * MINUTE), None));
        assert_eq!(ends("1h30m..10m"), (Some(NOW - 90 * MINUTE), Some(NOW - 10 * MINUTE)));
        // It is eleven o'clock there: half past ten was half an hour ago, noon was yesterday.
        assert_eq!(ends("10:30"), (Some(NOW - 30 * MINUTE), None));
        assert_eq!(ends("12:00.."), (Some(NOW - 23 * HOUR), None));
        assert_eq!(ends("2026-11-24 10:00"), (Some(NOW - HOUR), None));
        assert_eq!(ends("2026-11-24T11:00:00Z..2026-11-25"), (Some(NOW), Some(NOW + 13 * HOUR)));
        for wrong in ["x", "5", "m", "25:00", "10:60", "2026-13-01", "5m..z", "99999999999999999999m", "0s"] {
            assert!(Window::parse(wrong).is_err(), "{wrong}");
        }
    }
}
