//! Plain scalars as the Compose implementations read them: YAML 1.2's core schema, with the octal numbers of YAML 1.1.

use super::{Moment, Value};

/// What a plain scalar means.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        let plain: String = text.chars().filter(|letter| *letter != '_').collect();
        if let Some(value) = integer(&plain) {
            return Value::Int(value);
        }
        if is_float(&plain)
            && let Ok(value) = plain.parse()
        {
            return Value::Float(value);
        }
        if let Some(moment) = Moment::parse(text) {
            return Value::Time(moment);
        }
    }
    Value::String(text.to_owned())
}

/// A whole number with its base by prefix; a leading 0 means octal, as in `mode: 0440`.
fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (text, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// A number as Go's `%v` prints it, for that is what ends up in environments and labels.
pub(crate) fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // That is how Go decides between the two notations of the shortest form.
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_types() {
        assert_eq!(resolve("80"), Value::Int(80));
        assert_eq!(resolve("0440"), Value::Int(0o440));
        assert_eq!(resolve("0o17"), Value::Int(15));
        assert_eq!(resolve("0x1F"), Value::Int(31));
        assert_eq!(resolve("1_000"), Value::Int(1000));
        assert_eq!(resolve("-5"), Value::Int(-5));
        assert_eq!(resolve("1.5"), Value::Float(1.5));
        assert_eq!(resolve(".5"), Value::Float(0.5));
        assert_eq!(resolve("yes"), Value::String("yes".into()));
        assert_eq!(resolve("80:80"), Value::String("80:80".into()));
        assert_eq!(resolve("1.2.3"), Value::String("1.2.3".into()));
        assert_eq!(resolve("-"), Value::String("-".into()));
        assert_eq!(resolve("09"), Value::Float(9.0));
        assert_eq!(resolve("~"), Value::Null);
    }

    #[test]
    fn numbers_print_shortest() {
        assert_eq!(number_text(1.10), "1.1");
        assert_eq!(number_text(3.0), "3");
        assert_eq!(number_text(0.00001), "1e-05");
        assert_eq!(number_text(1_234_567.0), "1.234567e+06");
    }
}
