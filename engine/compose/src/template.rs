//! Variables in text: `$V`, `${V}`, the operators `:-` `-` `:?` `?` `:+` `+`, nested, and `$$` for a dollar sign.

use std::collections::{BTreeMap, BTreeSet};

/// Why a text cannot be filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TemplateError {
    /// A dollar sign that begins nothing.
    Invalid(String),
    /// A required variable without a value, and the author's words.
    Required { name: String, message: String },
}

/// The most letters of a text that a message shows.
const SHOWN_MAX: usize = 80;

impl TemplateError {
    pub fn message(&self) -> String {
        match self {
            Self::Invalid(text) => {
                let short: String = text.chars().take(SHOWN_MAX).collect();
                let more = if short.len() < text.len() { "…" } else { "" };
                format!("invalid interpolation in `{short}{more}`")
            }
            Self::Required { name, message } if message.is_empty() => {
                format!("required variable {name} is missing a value")
            }
            Self::Required { name, message } => {
                format!("required variable {name} is missing a value: {message}")
            }
        }
    }

    pub fn hint(&self) -> String {
        match self {
            Self::Invalid(_) => "write `$$` for a dollar sign".into(),
            Self::Required { name, .. } => format!("set {name} in the environment or in .env"),
        }
    }
}

/// A variable that a project asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Variable {
    /// Whether it must be set.
    pub required: bool,
    /// What it is where it is not set.
    pub default: String,
    /// What stands there where it is set.
    pub alternate: String,
}

/// Fills in a text. Names without a value are noted in `unset` and become empty.
pub(crate) fn substitute(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    unset: &mut BTreeSet<String>,
) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        let (part, after) =
            next_part(&rest[dollar + 1..]).ok_or_else(|| TemplateError::Invalid(text.to_owned()))?;
        rest = after;
        match part {
            Part::Dollar => out.push('$'),
            Part::Variable { name, operator: None, .. } => match lookup(name) {
                Some(value) => out.push_str(&value),
                None => {
                    unset.insert(name.to_owned());
                }
            },
            Part::Variable { name, operator: Some(operator), word } => {
                // A colon makes an empty value count as none.
                let value = lookup(name).filter(|value| !operator.starts_with(':') || !value.is_empty());
                match (operator.trim_start_matches(':'), value) {
                    ("-" | "?", Some(value)) => out.push_str(&value),
                    ("-", None) => out.push_str(&substitute(word, lookup, unset)?),
                    ("+", Some(_)) => out.push_str(&substitute(word, lookup, unset)?),
                    ("+", None) => {}
                    (_, _) => {
                        let message = substitute(word, lookup, unset)?;
                        return Err(TemplateError::Required { name: name.to_owned(), message });
                    }
                }
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Notes the variables that a text asks for.
pub(crate) fn variables(text: &str, found: &mut BTreeMap<String, Variable>) {
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        let Some((part, after)) = next_part(&rest[dollar + 1..]) else { return };
        rest = after;
        if let Part::Variable { name, operator, word } = part {
            let mut variable = Variable::default();
            match operator.map(|operator| operator.trim_start_matches(':')) {
                Some("-") => word.clone_into(&mut variable.default),
                Some("+") => word.clone_into(&mut variable.alternate),
                Some(_) => variable.required = true,
                None => {}
            }
            found.insert(name.to_owned(), variable);
            variables(word, found);
        }
    }
}

/// The deepest nesting of defaults within defaults.
const DEPTH_MAX: usize = 50;

enum Part<'a> {
    Dollar,
    Variable { name: &'a str, operator: Option<&'a str>, word: &'a str },
}

/// Reads what follows a dollar sign; `None` where nothing valid does.
fn next_part(text: &str) -> Option<(Part<'_>, &str)> {
    if let Some(after) = text.strip_prefix('$') {
        return Some((Part::Dollar, after));
    }
    if let Some(braced) = text.strip_prefix('{') {
        let end = closing_brace(braced)?;
        let (inside, after) = (&braced[..end], &braced[end + 1..]);
        let name = name_of(inside)?;
        let tail = &inside[name.len()..];
        if tail.is_empty() {
            return Some((Part::Variable { name, operator: None, word: "" }, after));
        }
        let operator =
            [":-", ":?", ":+", "-", "?", "+"].into_iter().find(|operator| tail.starts_with(operator))?;
        return Some((
            Part::Variable { name, operator: Some(operator), word: &tail[operator.len()..] },
            after,
        ));
    }
    let name = name_of(text)?;
    Some((Part::Variable { name, operator: None, word: "" }, &text[name.len()..]))
}

fn name_of(text: &str) -> Option<&str> {
    let end =
        text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    let name = &text[..end];
    (!name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit())).then_some(name)
}

/// Where the brace that closes an already opened `${` stands.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 1;
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        match bytes[index] {
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            b'$' if bytes.get(index + 1) == Some(&b'{') => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return None;
                }
                index += 1;
            }
            _ => {}
        }
        index += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, TemplateError> {
        let lookup = |name: &str| match name {
            "FOO" => Some("foo".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        substitute(text, &lookup, &mut BTreeSet::new())
    }

    #[test]
    fn every_operator() {
        for (text, expected) in [
            ("$FOO/${FOO}", "foo/foo"),
            ("$$FOO $${FOO}", "$FOO ${FOO}"),
            ("${UNSET:-d} ${EMPTY:-d} ${FOO:-d}", "d d foo"),
            ("${UNSET-d} ${EMPTY-d}", "d "),
            ("${UNSET:+r} ${EMPTY:+r} ${FOO:+r}", "  r"),
            ("${UNSET+r} ${EMPTY+r}", " r"),
            ("${EMPTY?e}${FOO:?e}", "foo"),
            ("${UNSET:-${FOO}-${NO:-x}}y", "foo-xy"),
            ("${UNSET:-a:-b}", "a:-b"),
            ("${UNSET:-http://x?y}", "http://x?y"),
            ("${UNSET}", ""),
        ] {
            assert_eq!(fill(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn required_and_invalid_ones_fail() {
        let required =
            |message: &str| TemplateError::Required { name: "UNSET".into(), message: message.into() };
        assert_eq!(fill("${UNSET:?no foo}"), Err(required("no foo")));
        assert_eq!(fill("${UNSET?${FOO}}"), Err(required("foo")));
        assert!(fill("${EMPTY:?e}").is_err());
        for text in ["$", "a $ b", "${", "${}", "${ FOO}", "${FOO", "$5", "${FOO!x}"] {
            assert_eq!(fill(text), Err(TemplateError::Invalid(text.into())), "{text}");
        }
    }

    #[test]
    fn variables_are_listed() {
        let mut found = BTreeMap::new();
        variables("$A ${B:-x} ${C?} ${D:+y}${E-$F}", &mut found);
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["A", "B", "C", "D", "E", "F"]);
        assert_eq!(found["B"].default, "x");
        assert!(found["C"].required);
        assert_eq!(found["D"].alternate, "y");
    }
}
