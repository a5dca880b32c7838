//! Patterns of what is left out, as `.dockerignore` has them: `*`, `?`, `[a-z]`, `**` for any folders, `!` for what is
//! kept all the same. A folder that matches takes everything in it along.

/// A list of patterns; the last one that matches decides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Patterns(Vec<(bool, Vec<String>)>);

impl Patterns {
    /// Reads patterns, one each; empty ones and comments are left out.
    pub fn new<I: IntoIterator<Item = S>, S: AsRef<str>>(all: I) -> Self {
        let read = |line: S| {
            let line = line.as_ref().trim();
            if line.is_empty() || line.starts_with('#') {
                return None;
            }
            let (keeps, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let clean = crate::canonical::volume::clean(pattern);
            let parts = clean.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
            Some((keeps, parts))
        };
        Self(all.into_iter().filter_map(read).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something is kept although what is around it is left out.
    pub fn has_exceptions(&self) -> bool {
        self.0.iter().any(|(keeps, _)| *keeps)
    }

    /// Whether a path, relative and with `/`, is matched.
    pub fn matches(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        self.0.iter().fold(false, |matched, (keeps, pattern)| {
            if matched != *keeps {
                return matched;
            }
            let hit = pattern.iter().all(|part| part == ".")
                || (1..=parts.len()).any(|length| is_match(pattern, &parts[..length]));
            if hit { !keeps } else { matched }
        })
    }
}

fn is_match(pattern: &[String], parts: &[&str]) -> bool {
    match pattern.split_first() {
        None => parts.is_empty(),
        Some((first, rest)) if first == "**" => (0..=parts.len()).any(|skip| is_match(rest, &parts[skip..])),
        Some((first, rest)) => parts.split_first().is_some_and(|(part, others)| {
            is_part(first.as_bytes(), part.as_bytes()) && is_match(rest, others)
        }),
    }
}

/// Whether one name is matched. What follows the last `*` met is tried again one byte further on, so that no pattern
/// takes long.
fn is_part(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut index) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while index < name.len() {
        let step = match pattern.get(at) {
            Some(b'*') => {
                again = Some((at + 1, index));
                at += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => class(&pattern[at..], name[index]),
            Some(b'\\') if pattern.get(at + 1) == Some(&name[index]) => Some(2),
            Some(byte) if *byte == name[index] => Some(1),
            _ => None,
        };
        match (step, again) {
            (Some(step), _) => (at, index) = (at + step, index + 1),
            (None, Some((after, from))) => {
                (at, index) = (after, from + 1);
                again = Some((after, from + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// The length of the class that the pattern begins with, if the byte is in it.
fn class(pattern: &[u8], byte: u8) -> Option<usize> {
    let end = pattern.iter().skip(2).position(|byte| *byte == b']')? + 2;
    let (negated, inside) = match pattern[1] {
        b'^' | b'!' => (true, &pattern[2..end]),
        _ => (false, &pattern[1..end]),
    };
    let mut index = 0;
    let mut hit = false;
    while index < inside.len() {
        if inside.get(index + 1) == Some(&b'-') && index + 2 < inside.len() {
            hit |= (inside[index]..=inside[index + 2]).contains(&byte);
            index += 3;
        } else {
            hit |= inside[index] == byte;
            index += 1;
        }
    }
    (hit != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_docker_ignores() {
        for (patterns, path, expected) in [
            (&["node_modules/"][..], "node_modules/a/b.js", true),
            (&["*.foo"], "a.foo", true),
            (&["*.foo"], "b/a.foo", false),
            (&["**/*.foo"], "b/c/a.foo", true),
            (&["**/*.foo"], "a.foo", true),
            (&["./ignored"], "ignored/x", true),
            (&["/abs"], "abs", true),
            (&["*", "!keep"], "keep", false),
            (&["*", "!keep"], "other", true),
            (&["a/*/c"], "a/b/c/d", true),
            (&["?.[a-c]"], "x.b", true),
            (&["?.[^a-c]"], "x.b", false),
            (&["a*b*c"], "a-bb-c", true),
            (&["a*b*c"], "a-bb-d", false),
            (&["# note", ""], "# note", false),
            (&["."], "anything", true),
        ] {
            assert_eq!(Patterns::new(patterns).matches(path), expected, "{patterns:?} {path}");
        }
    }
}
