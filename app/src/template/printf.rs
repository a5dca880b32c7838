//! `printf`: Go's verbs with flags, width and precision.

use super::print;
use serde_json::Value;

/// The widest field that is padded: a format is a user's own, but a slip must not take the memory.
const WIDEST: usize = 10_000;

/// Flags, width and precision of a verb.
#[derive(Default)]
struct Verb {
    left: bool,
    plus: bool,
    zero: bool,
    sharp: bool,
    space: bool,
    width: usize,
    precision: Option<usize>,
}

/// Formats arguments.
pub(super) fn printf(format: &str, arguments: &[Value]) -> String {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut characters = format.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut verb = Verb::default();
        while let Some(flag) = characters.next_if(|c| matches!(c, '-' | '+' | '0' | '#' | ' ')) {
            match flag {
                '-' => verb.left = true,
                '+' => verb.plus = true,
                '0' => verb.zero = true,
                '#' => verb.sharp = true,
                _ => verb.space = true,
            }
        }
        if characters.next_if_eq(&'*').is_some() {
            let width = arguments.next().and_then(Value::as_i64).unwrap_or_default();
            verb.left |= width < 0;
            verb.width = (width.unsigned_abs() as usize).min(WIDEST);
        } else {
            verb.width = digits(&mut characters);
        }
        if characters.next_if_eq(&'.').is_some() {
            verb.precision = Some(digits(&mut characters));
        }
        match characters.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(letter) => match arguments.next() {
                None => out.push_str(&format!("%!{letter}(MISSING)")),
                Some(value) => padded(&mut out, &verb, &converted(letter, &verb, value)),
            },
        }
    }
    let extra: Vec<String> =
        arguments.map(|value| format!("{}={}", kind(value), print::text(value))).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

fn digits(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> usize {
    let mut number = 0usize;
    while let Some(digit) = characters.peek().and_then(|c| c.to_digit(10)) {
        number = (number * 10 + digit as usize).min(WIDEST);
        characters.next();
    }
    number
}

/// Pads to the width; zeros go between sign and digits.
fn padded(out: &mut String, verb: &Verb, text: &str) {
    let missing = verb.width.saturating_sub(text.chars().count());
    if missing == 0 {
        out.push_str(text);
    } else if verb.left {
        out.push_str(text);
        out.extend(std::iter::repeat_n(' ', missing));
    } else if verb.zero {
        let (sign, rest) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        out.push_str(sign);
        out.extend(std::iter::repeat_n('0', missing));
        out.push_str(rest);
    } else {
        out.extend(std::iter::repeat_n(' ', missing));
        out.push_str(text);
    }
}

fn converted(letter: char, verb: &Verb, value: &Value) -> String {
    let wrong = || format!("%!{letter}({}={})", kind(value), print::text(value));
    let signed = |text: String| {
        if text.starts_with('-') {
            text
        } else if verb.plus {
            format!("+{text}")
        } else if verb.space {
            format!(" {text}")
        } else {
            text
        }
    };
    match (letter, value) {
        ('v', Value::String(text)) if verb.sharp => serde_json::Value::from(text.as_str()).to_string(),
        ('v', Value::Number(_)) => signed(print::text(value)),
        ('v', _) => print::text(value),
        ('s', Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            cut(print::text(value), verb.precision)
        }
        ('q', Value::String(text)) => crate::output::quoted(&cut(text.clone(), verb.precision)),
        ('q', Value::Array(items)) => {
            format!("[{}]", items.iter().map(|item| converted('q', verb, item)).collect::<Vec<_>>().join(" "))
        }
        ('t', Value::Bool(value)) => value.to_string(),
        ('T', _) => kind(value).to_owned(),
        ('d' | 'x' | 'X' | 'o' | 'b' | 'c' | 'U', Value::Number(number)) => {
            let Some(whole) = number.as_i64() else { return wrong() };
            let size = whole.unsigned_abs();
            let sign = if whole < 0 { "-" } else { "" };
            let prefix = |text: &str| if verb.sharp { text.to_owned() } else { String::new() };
            match letter {
                'd' => signed(format!("{sign}{size}")),
                'x' => signed(format!("{sign}{}{size:x}", prefix("0x"))),
                'X' => signed(format!("{sign}{}{size:X}", prefix("0X"))),
                'o' => signed(format!("{sign}{}{size:o}", prefix("0"))),
                'b' => signed(format!("{sign}{size:b}")),
                'U' => format!("U+{size:04X}"),
                _ => char::from_u32(size as u32).unwrap_or(char::REPLACEMENT_CHARACTER).to_string(),
            }
        }
        ('x' | 'X', Value::String(text)) => {
            let mut hex = String::with_capacity(text.len() * 2);
            for byte in text.bytes() {
                hex.push_str(&format!("{byte:02x}"));
            }
            if letter == 'X' { hex.to_uppercase() } else { hex }
        }
        ('f' | 'F', Value::Number(number)) => {
            signed(format!("{:.*}", verb.precision.unwrap_or(6), number.as_f64().unwrap_or_default()))
        }
        ('e' | 'E' | 'g' | 'G', Value::Number(number)) => match verb.precision {
            Some(precision) if letter.eq_ignore_ascii_case(&'e') => {
                signed(exponential(number.as_f64().unwrap_or_default(), precision))
            }
            None if letter.eq_ignore_ascii_case(&'e') => {
                signed(exponential(number.as_f64().unwrap_or_default(), 6))
            }
            _ => signed(print::number(number)),
        },
        _ => wrong(),
    }
}

/// Mantissa and an exponent of two digits at least.
fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

fn cut(text: String, letters: Option<usize>) -> String {
    match letters {
        Some(letters) => text.chars().take(letters).collect(),
        None => text,
    }
}

/// The type's name as Go would have it.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}
