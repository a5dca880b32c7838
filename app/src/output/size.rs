//! Sizes for people, as Docker writes them: three or four digits and a unit.

/// `1.234MB`: powers of 1000, four digits.
pub fn decimal(bytes: u64) -> String {
    decimal_digits(bytes, 4)
}

/// `1.23MB`: powers of 1000, so many digits; `ps --size` and `images` show three.
pub fn decimal_digits(bytes: u64, digits: usize) -> String {
    scaled(bytes as f64, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB", "EB"], digits)
}

/// `1.5MiB`: powers of 1024, four digits.
pub fn binary(bytes: u64) -> String {
    scaled(bytes as f64, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"], 4)
}

fn scaled(mut value: f64, base: f64, units: &[&str], digits: usize) -> String {
    let mut unit = 0;
    // 999.96 of a unit would round to four digits before the point: it is 1 of the next one.
    while unit + 1 < units.len() && (value >= base || rounded(value, digits) >= base) {
        value /= base;
        unit += 1;
    }
    let value = rounded(value, digits);
    let decimals = digits.saturating_sub(whole_digits(value));
    let mut text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text + units[unit]
}

/// The value with so many digits in all.
fn rounded(value: f64, digits: usize) -> f64 {
    let decimals = digits.saturating_sub(whole_digits(value));
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

fn whole_digits(value: f64) -> usize {
    if value < 1.0 { 1 } else { value.log10().floor() as usize + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_few_digits() {
        for (bytes, three, four) in [
            (0, "0B", "0B"),
            (999, "999B", "999B"),
            (1000, "1kB", "1kB"),
            (1_234_567, "1.23MB", "1.235MB"),
            (12_345_678, "12.3MB", "12.35MB"),
            (999_999, "1MB", "1MB"),
            (7_340_032, "7.34MB", "7.34MB"),
            (u64::MAX, "18.4EB", "18.45EB"),
        ] {
            assert_eq!(decimal_digits(bytes, 3), three);
            assert_eq!(decimal(bytes), four);
        }
        assert_eq!(binary(1_572_864), "1.5MiB");
        assert_eq!(binary(1023), "1023B");
        assert_eq!(binary(64 << 20), "64MiB");
        assert_eq!(binary(1_048_575), "1MiB");
    }
}
