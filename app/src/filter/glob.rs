//! Patterns with `*`, `?` and `[…]`, as Go's `path.Match` has them: `*` and `?` stop at `/`.

/// Whether the whole text is matched. A malformed pattern matches nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where to try again with the last star one character longer.
    let mut again: Option<(usize, usize)> = None;
    loop {
        if at < pattern.len() && pattern[at] == '*' {
            again = Some((at, read));
            at += 1;
            continue;
        }
        if at == pattern.len() && read == text.len() {
            return true;
        }
        if let Some(next) = (read < text.len()).then(|| one(&pattern[at..], text[read])).flatten() {
            at += next;
            read += 1;
            continue;
        }
        match again {
            Some((star, from)) if from < text.len() && text[from] != '/' => {
                again = Some((star, from + 1));
                at = star + 1;
                read = from + 1;
            }
            _ => return false,
        }
    }
}

/// How many pattern characters match this one character; `None` when they do not.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match *pattern.first()? {
        '?' => (c != '/').then_some(1),
        '\\' => (*pattern.get(1)? == c).then_some(2),
        '[' => {
            let negated = pattern.get(1) == Some(&'^');
            let mut at = 1 + usize::from(negated);
            let mut found = false;
            let first = at;
            while at == first || *pattern.get(at)? != ']' {
                let low = *pattern.get(at)?;
                if pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|end| *end != ']') {
                    found |= (low..=pattern[at + 2]).contains(&c);
                    at += 3;
                } else {
                    found |= low == c;
                    at += 1;
                }
            }
            (found != negated).then_some(at + 1)
        }
        plain => (plain == c).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stop_at_slashes() {
        for (pattern, text) in [
            ("alp*", "alpine"),
            ("*", "x"),
            ("*/*", "demo/web"),
            ("demo/w?b", "demo/web"),
            ("[a-c]x", "bx"),
            ("[^a]x", "bx"),
            ("a*b*c", "a1b2b3c"),
            ("\\*", "*"),
            ("", ""),
            ("**", "ab"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("alp*", "demo/alpine"),
            ("*", "demo/web"),
            ("?", "/"),
            ("[a", "a"),
            ("a", "ab"),
            ("[a-c]", "d"),
            ("a*", "ba"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
