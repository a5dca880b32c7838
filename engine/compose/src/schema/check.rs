//! Holds a tree against the schema.

use super::{Object, Shape};
use crate::error::did_you_mean;
use crate::yaml::{Map, Node, Span, Value, path_text};

/// What is wrong, where, and what to do.
pub(crate) struct Mismatch {
    pub span: Span,
    pub path: String,
    pub message: String,
    pub hint: String,
}

impl Mismatch {
    fn new(span: Span, path: &[&str], message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { span, path: path_text(path), message: message.into(), hint: hint.into() }
    }
}

/// The first thing in `node` that `shape` does not allow.
pub(crate) fn check(node: &Node, shape: &Shape, path: &[&str]) -> Result<(), Mismatch> {
    check_all(node, shape, path).into_iter().next().map_or(Ok(()), Err)
}

/// Everything in `node` that `shape` does not allow.
pub(crate) fn check_all(node: &Node, shape: &Shape, path: &[&str]) -> Vec<Mismatch> {
    let mut found = Vec::new();
    collect(node, shape, path, &mut found);
    found
}

fn collect(node: &Node, shape: &Shape, path: &[&str], found: &mut Vec<Mismatch>) {
    match shape {
        Shape::Any => {}
        Shape::NotYet(what) => {
            found.push(Mismatch::new(node.place(), path, format!("{what} are not supported yet"), ""));
        }
        Shape::Word(words) => match node.as_str() {
            Some(text) if words.contains(&text) => {}
            Some(text) => {
                let hint = did_you_mean(text, words.iter().copied());
                let message = format!("`{text}` is not one of {}", words.join(", "));
                found.push(Mismatch::new(node.span, path, message, hint));
            }
            None => found.push(wrong_kind(node, shape, path)),
        },
        Shape::Pattern(accepts, expected) => match node.as_str() {
            Some(text) if accepts(text) => {}
            Some(text) => {
                found.push(Mismatch::new(node.span, path, format!("`{text}` is not {expected}"), ""));
            }
            None => found.push(wrong_kind(node, shape, path)),
        },
        Shape::Range(least, most) => match node.value {
            Value::Int(value) if (*least..=*most).contains(&value) => {}
            Value::Int(value) => {
                let message = format!("{value} is not between {least} and {most}");
                found.push(Mismatch::new(node.span, path, message, ""));
            }
            // What stands in quotes is read as a number later, within the same bounds.
            Value::String(ref text) => {
                if let Ok(value) = text.parse::<f64>()
                    && !(*least as f64..=*most as f64).contains(&value)
                {
                    let message = format!("{text} is not between {least} and {most}");
                    found.push(Mismatch::new(node.span, path, message, ""));
                }
            }
            _ => found.push(wrong_kind(node, shape, path)),
        },
        Shape::Either(shapes) => either(node, shape, shapes, path, found),
        Shape::List(item) | Shape::Set(item) => {
            let Some(items) = node.as_list() else { return found.push(wrong_kind(node, shape, path)) };
            for (index, entry) in items.iter().enumerate() {
                collect(entry, item, &[path, &[&index.to_string()]].concat(), found);
                if matches!(shape, Shape::Set(_)) && items[..index].contains(entry) {
                    found.push(Mismatch::new(entry.span, path, "the same item stands here twice", ""));
                }
            }
        }
        Shape::Named(value) | Shape::Resources(value) => {
            let Some(map) = node.as_map() else { return found.push(wrong_kind(node, shape, path)) };
            for (key, entry) in map {
                let path = [path, &[key]].concat();
                if matches!(shape, Shape::Resources(_)) && !is_resource_name(key) {
                    let message =
                        format!("`{key}` is not a name: only letters, digits, `.`, `_` and `-` are");
                    found.push(Mismatch::new(entry.place(), &path, message, ""));
                }
                collect(entry, value, &path, found);
            }
        }
        Shape::Object(object) => match node.as_map() {
            Some(map) => check_object(node, map, object, path, found),
            None => found.push(wrong_kind(node, shape, path)),
        },
        _ if fits(node, shape) => {}
        _ => found.push(wrong_kind(node, shape, path)),
    }
}

fn check_object(node: &Node, map: &Map, object: &Object, path: &[&str], found: &mut Vec<Mismatch>) {
    for (key, entry) in map {
        let path = [path, &[key]].concat();
        match object.keys.iter().find(|(known, _)| known == key) {
            Some((_, shape)) => collect(entry, shape, &path, found),
            None if object.extensions && key.starts_with("x-") => {}
            None => {
                let hint = did_you_mean(key, object.keys.iter().map(|(known, _)| *known));
                found.push(Mismatch::new(entry.place(), &path, "there is no such key", hint));
            }
        }
    }
    for key in object.required.iter().filter(|key| !map.contains_key(**key)) {
        found.push(Mismatch::new(node.place(), path, format!("the key `{key}` is missing"), ""));
    }
}

/// Fits one of several shapes; where none does, the one of the node's own kind says why.
fn either(node: &Node, whole: &Shape, shapes: &[Shape], path: &[&str], found: &mut Vec<Mismatch>) {
    let mut reasons: Option<Vec<Mismatch>> = None;
    for shape in shapes {
        let own = check_all(node, shape, path);
        if own.is_empty() {
            return;
        }
        if reasons.is_none() && fits(node, shape) {
            reasons = Some(own);
        }
    }
    match reasons {
        Some(reasons) => found.extend(reasons),
        None => found.push(wrong_kind(node, whole, path)),
    }
}

/// Whether a node is of a shape's kind, whatever is in it.
fn fits(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Any | Shape::NotYet(_) => true,
        Shape::Null => node.is_null(),
        Shape::Text => matches!(node.value, Value::String(_) | Value::Time(_)),
        Shape::Word(_) | Shape::Pattern(..) => matches!(node.value, Value::String(_)),
        Shape::Bool => matches!(node.value, Value::Bool(_)),
        Shape::Range(..) if node.as_str().is_some() => true,
        Shape::Int | Shape::Range(..) => match node.value {
            Value::Int(_) => true,
            Value::Float(value) => value.fract() == 0.0,
            _ => false,
        },
        Shape::Number => matches!(node.value, Value::Int(_) | Value::Float(_)),
        Shape::List(_) | Shape::Set(_) => matches!(node.value, Value::List(_)),
        Shape::Named(_) | Shape::Resources(_) | Shape::Object(_) => matches!(node.value, Value::Map(_)),
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(node, shape)),
    }
}

fn wrong_kind(node: &Node, shape: &Shape, path: &[&str]) -> Mismatch {
    let mut kinds = Vec::new();
    kinds_of(shape, &mut kinds);
    let hint = match node.value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) if fits(&Node::string("", node.span), shape) => {
            "quote it"
        }
        _ => "",
    };
    let place = if matches!(node.value, Value::Null | Value::Map(_) | Value::List(_)) {
        node.place()
    } else {
        node.span
    };
    Mismatch::new(place, path, format!("must be {}, not {}", kinds.join(" or "), node.kind()), hint)
}

fn kinds_of(shape: &Shape, kinds: &mut Vec<&'static str>) {
    let kind = match shape {
        Shape::Either(shapes) => return shapes.iter().for_each(|shape| kinds_of(shape, kinds)),
        Shape::Any | Shape::NotYet(_) => "anything",
        Shape::Null => "nothing",
        Shape::Text | Shape::Word(_) | Shape::Pattern(..) => "a string",
        Shape::Bool => "a boolean",
        Shape::Int | Shape::Range(..) => "an integer",
        Shape::Number => "a number",
        Shape::List(_) | Shape::Set(_) => "a list",
        Shape::Named(_) | Shape::Resources(_) | Shape::Object(_) => "a mapping",
    };
    if !kinds.contains(&kind) {
        kinds.push(kind);
    }
}

fn is_resource_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
