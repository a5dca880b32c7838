//! Dates written without quotes: to YAML readers of Go they are moments, not text.

/// A moment in the two notations that Compose ends up with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    /// As Go prints it, for that is what ends up in environments and labels.
    pub text: String,
    /// As JSON has it.
    pub json: String,
}

impl Moment {
    /// Reads `2024-1-15`, `2024-01-15 10:00:00.5` or `2024-01-15T10:00:00+02:00`; nothing else is a moment.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
        let (date, rest) = text.split_at(end);
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 {
            return None;
        }
        let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
        if !(1..=12).contains(&month) || !(1..=days(year, month)).contains(&day) {
            return None;
        }
        let date = format!("{year:04}-{month:02}-{day:02}");
        if rest.is_empty() {
            return Some(Self {
                text: format!("{date} 00:00:00 +0000 UTC"),
                json: format!("{date}T00:00:00Z"),
            });
        }
        let (clock, zone) = match rest.strip_prefix(' ') {
            Some(clock) => (clock, None),
            None => {
                let zoned = &rest[1..];
                let at = zoned.find(['Z', '+', '-'])?;
                (&zoned[..at], Some(&zoned[at..]))
            }
        };
        let clock = clock_text(clock)?;
        Some(match zone {
            None | Some("Z") => {
                Self { text: format!("{date} {clock} +0000 UTC"), json: format!("{date}T{clock}Z") }
            }
            Some(zone) => {
                let (hours, minutes) = zone[1..].split_once(':')?;
                let fits = hours.len() == 2 && minutes.len() == 2;
                if !fits || digits(hours, 2)? > 24 || digits(minutes, 2)? > 59 {
                    return None;
                }
                let short = format!("{}{hours}{minutes}", &zone[..1]);
                Self {
                    text: format!("{date} {clock} {short} {short}"),
                    json: format!("{date}T{clock}{zone}"),
                }
            }
        })
    }
}

/// `15:4:5.999` with all its digits, and without zeros at the end.
fn clock_text(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let (hour, minute, second) =
        (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let known = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 || !known || text.ends_with('.') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hour:02}:{minute:02}:{second:02}{point}{fraction}"))
}

/// A number of at most so many digits.
fn digits(text: &str, most: usize) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn dates_and_times_are_moments() {
        for (text, shown, json) in [
            ("2024-01-15", "2024-01-15 00:00:00 +0000 UTC", "2024-01-15T00:00:00Z"),
            ("2024-2-29", "2024-02-29 00:00:00 +0000 UTC", "2024-02-29T00:00:00Z"),
            ("2024-01-15 1:2:3.50", "2024-01-15 01:02:03.5 +0000 UTC", "2024-01-15T01:02:03.5Z"),
            ("2024-01-15T10:00:00Z", "2024-01-15 10:00:00 +0000 UTC", "2024-01-15T10:00:00Z"),
            ("2024-01-15t10:00:00+02:00", "2024-01-15 10:00:00 +0200 +0200", "2024-01-15T10:00:00+02:00"),
        ] {
            let moment = Moment::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((moment.text.as_str(), moment.json.as_str()), (shown, json), "{text}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for text in [
            "2024-13-01",
            "2023-02-29",
            "24-01-01",
            "2024-01",
            "2024-01-01-1",
            "2024-01-01T10:00:00",
            "2024-01-01T10:00Z",
            "2024-01-01 25:00:00",
            "2024-01-01 10:00:00.",
            "2024-01-01 10:00:00 UTC",
            "12024-01-01",
            "2024-01-01T10:00:00+2:00",
            "",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
