//! Functions: Go's own and Docker's.

use super::{print, printf};
use serde_json::Value;
use std::cmp::Ordering;

/// Every function; `and` and `or` are evaluated by need, elsewhere.
const NAMES: [&str; 27] = [
    "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index", "slice", "print", "printf",
    "println", "html", "js", "urlquery", "json", "join", "split", "lower", "upper", "title", "pad",
    "truncate", "default",
];

/// Whether there is a function of that name.
pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Whether a value counts as true: not empty, not zero, not missing.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// Calls a function.
pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let failed = |why: String| format!("error calling {name}: {why}");
    let counted = |least: usize, most: usize| {
        if (least..=most).contains(&arguments.len()) {
            return Ok(());
        }
        let want = if least == most { format!("{least}") } else { format!("at least {least}") };
        Err(format!("wrong number of args for {name}: want {want} got {}", arguments.len()))
    };
    let string = |index: usize| match &arguments[index] {
        Value::String(text) => Ok(text.as_str()),
        other => Err(failed(format!("expected string, got {}", print::text(other)))),
    };
    let integer = |index: usize| {
        arguments[index]
            .as_i64()
            .ok_or_else(|| failed(format!("expected integer, got {}", print::text(&arguments[index]))))
    };
    Ok(match name {
        "not" => {
            counted(1, 1)?;
            Value::Bool(!is_true(&arguments[0]))
        }
        "eq" => {
            counted(2, usize::MAX)?;
            let mut found = false;
            for other in &arguments[1..] {
                found |= equal(&arguments[0], other).map_err(failed)?;
            }
            Value::Bool(found)
        }
        "ne" => {
            counted(2, 2)?;
            Value::Bool(!equal(&arguments[0], &arguments[1]).map_err(failed)?)
        }
        "lt" | "le" | "gt" | "ge" => {
            counted(2, 2)?;
            let order = compare(&arguments[0], &arguments[1]).map_err(failed)?;
            Value::Bool(match name {
                "lt" => order == Ordering::Less,
                "le" => order != Ordering::Greater,
                "gt" => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })
        }
        "len" => {
            counted(1, 1)?;
            match &arguments[0] {
                Value::String(text) => text.len().into(),
                Value::Array(items) => items.len().into(),
                Value::Object(map) => map.len().into(),
                other => return Err(failed(format!("len of {}", print::text(other)))),
            }
        }
        "index" => {
            counted(1, usize::MAX)?;
            let mut value = arguments[0].clone();
            for key in &arguments[1..] {
                value = index(&value, key).map_err(failed)?;
            }
            value
        }
        "slice" => {
            counted(1, 3)?;
            slice(arguments).map_err(failed)?
        }
        "print" => Value::String(printed(arguments)),
        "println" => Value::String(arguments.iter().map(print::text).collect::<Vec<_>>().join(" ") + "\n"),
        "printf" => {
            counted(1, usize::MAX)?;
            Value::String(printf::printf(string(0)?, &arguments[1..]))
        }
        "html" => Value::String(escaped(&printed(arguments), html)),
        "js" => Value::String(escaped(&printed(arguments), js)),
        "urlquery" => Value::String(urlquery(&printed(arguments))),
        "json" => {
            counted(1, 1)?;
            Value::String(crate::output::json(&arguments[0]))
        }
        "join" => {
            counted(2, 2)?;
            match &arguments[0] {
                Value::Array(items) => {
                    Value::String(items.iter().map(print::text).collect::<Vec<_>>().join(string(1)?))
                }
                Value::Null => Value::String(String::new()),
                other => return Err(failed(format!("expected a list, got {}", print::text(other)))),
            }
        }
        "split" => {
            counted(2, 2)?;
            let (text, separator) = (string(0)?, string(1)?);
            if separator.is_empty() {
                text.chars().map(|c| Value::String(c.to_string())).collect()
            } else {
                text.split(separator).map(|part| Value::String(part.to_owned())).collect()
            }
        }
        "lower" => {
            counted(1, 1)?;
            Value::String(string(0)?.to_lowercase())
        }
        "upper" => {
            counted(1, 1)?;
            Value::String(string(0)?.to_uppercase())
        }
        "title" => {
            counted(1, 1)?;
            Value::String(title(string(0)?))
        }
        "pad" => {
            counted(3, 3)?;
            let spaces = |count: i64| " ".repeat(usize::try_from(count).unwrap_or(0).min(10_000));
            let text = string(0)?;
            if text.is_empty() {
                Value::String(String::new())
            } else {
                Value::String(format!("{}{text}{}", spaces(integer(1)?), spaces(integer(2)?)))
            }
        }
        "truncate" => {
            counted(2, 2)?;
            let letters = usize::try_from(integer(1)?).unwrap_or(0);
            Value::String(string(0)?.chars().take(letters).collect())
        }
        "default" => {
            counted(2, 2)?;
            let chosen = if is_true(&arguments[1]) { &arguments[1] } else { &arguments[0] };
            chosen.clone()
        }
        _ => return Err(format!("function {name:?} not defined")),
    })
}

/// Go's Sprint: a blank between two arguments when neither is text.
fn printed(arguments: &[Value]) -> String {
    let mut out = String::new();
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 && !argument.is_string() && !arguments[index - 1].is_string() {
            out.push(' ');
        }
        print::write(argument, &mut out);
    }
    out
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(a == b),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
            Err("non-comparable type".to_owned())
        }
        (Value::Number(a), Value::Number(b)) => Ok(a == b || a.as_f64() == b.as_f64()),
        (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) => Ok(a == b),
        _ => Err("incompatible types for comparison".to_owned()),
    }
}

fn compare(a: &Value, b: &Value) -> Result<Ordering, String> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Ok(a.cmp(&b)),
            _ => a.as_f64().partial_cmp(&b.as_f64()).ok_or_else(|| "not a number".to_owned()),
        },
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        _ => Err("incompatible types for comparison".to_owned()),
    }
}

fn index(value: &Value, key: &Value) -> Result<Value, String> {
    match (value, key) {
        (Value::Array(items), Value::Number(_)) => {
            let at = key.as_i64().ok_or("cannot index with a fraction")?;
            usize::try_from(at)
                .ok()
                .and_then(|at| items.get(at))
                .cloned()
                .ok_or_else(|| format!("index out of range: {at}"))
        }
        (Value::String(text), Value::Number(_)) => {
            let at = key.as_i64().and_then(|at| usize::try_from(at).ok());
            at.and_then(|at| text.as_bytes().get(at))
                .map(|byte| (*byte).into())
                .ok_or_else(|| format!("index out of range: {key}"))
        }
        (Value::Object(map), Value::String(name)) => Ok(map.get(name).cloned().unwrap_or(Value::Null)),
        (Value::Null, _) => Err("index of untyped nil".to_owned()),
        _ => Err(format!("cannot index {} with {}", print::text(value), print::text(key))),
    }
}

fn slice(arguments: &[Value]) -> Result<Value, String> {
    let length = match &arguments[0] {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len(),
        other => return Err(format!("can't slice item of type {}", print::text(other))),
    };
    let bound = |index: usize, usual: usize| match arguments.get(index) {
        None => Ok(usual),
        Some(value) => value
            .as_u64()
            .map(|bound| bound as usize)
            .filter(|bound| *bound <= length)
            .ok_or_else(|| format!("index out of range: {value}")),
    };
    let (from, to) = (bound(1, 0)?, bound(2, length)?);
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    match &arguments[0] {
        Value::String(text) => text
            .get(from..to)
            .map(|part| Value::String(part.to_owned()))
            .ok_or_else(|| "slice within a letter".to_owned()),
        Value::Array(items) => Ok(Value::Array(items[from..to].to_vec())),
        _ => Ok(Value::Null),
    }
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        begins = !(c.is_alphanumeric() || c == '_' || c == '\'');
    }
    out
}

fn escaped(text: &str, escape: fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(instead) => out.push_str(instead),
            None => out.push(c),
        }
    }
    out
}

fn html(c: char) -> Option<&'static str> {
    Some(match c {
        '"' => "&#34;",
        '\'' => "&#39;",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '\0' => "\u{fffd}",
        _ => return None,
    })
}

fn js(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\\\",
        '\'' => "\\'",
        '"' => "\\\"",
        '<' => "\\u003C",
        '>' => "\\u003E",
        '&' => "\\u0026",
        '=' => "\\u003D",
        '\n' => "\\u000A",
        '\r' => "\\u000D",
        '\t' => "\\u0009",
        _ => return None,
    })
}

fn urlquery(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
