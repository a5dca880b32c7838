//! Byte sizes: a number and a binary unit.

/// Bytes in a text such as `512m`, `1.5G`, `64 kb`, `1024`.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(lower.len());
    let number: f64 = lower[..end].parse().ok()?;
    let unit = lower[end..].trim_start();
    let unit = unit.strip_suffix('b').unwrap_or(unit);
    let power = match unit.strip_suffix('i').unwrap_or(unit) {
        "" if unit.is_empty() => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let bytes = number * 1024_f64.powi(power);
    (bytes < i64::MAX as f64).then_some(bytes as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_binary() {
        for (text, bytes) in [
            ("1024", 1024),
            ("1k", 1024),
            ("1.5G", 1_610_612_736),
            ("64 MB", 67_108_864),
            ("2gib", 2_147_483_648),
            ("300b", 300),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        for bad in ["", "x", "-1", "1x", "1 mm", "m"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
