//! The `WWW-Authenticate` header (RFC 9110, section 11.6.1): what a registry wants to see.

/// How a registry wants to be convinced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Challenge {
    /// A user name and a password with every request.
    Basic,
    /// A token, from somewhere else.
    Bearer {
        /// Where tokens are to be had.
        realm: String,
        /// What the token is for.
        service: Option<String>,
        /// What the refused request would have needed.
        scope: Option<String>,
    },
}

/// The best challenge among the header's values: tokens before passwords.
pub(crate) fn best<'a>(values: impl Iterator<Item = &'a str>) -> Option<Challenge> {
    let all: Vec<Challenge> = values.flat_map(parse).collect();
    let bearer = all.iter().find(|c| matches!(c, Challenge::Bearer { .. })).cloned();
    bearer.or_else(|| all.into_iter().next())
}

/// The understood challenges of one header value, in order.
fn parse(value: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut rest = value.trim_start();
    while !rest.is_empty() {
        let (scheme, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let (parameters, remainder) = parameters(after.trim_start());
        let get = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        if scheme.eq_ignore_ascii_case("basic") {
            found.push(Challenge::Basic);
        } else if scheme.eq_ignore_ascii_case("bearer")
            && let Some(realm) = get("realm")
        {
            found.push(Challenge::Bearer { realm, service: get("service"), scope: get("scope") });
        }
        rest = remainder;
    }
    found
}

/// Reads `key=value` pairs until the text ends or the next scheme begins; returns what is left.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut pairs = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let key_end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
        let after_key = &rest[key_end..];
        let Some(value) = after_key.strip_prefix('=').filter(|_| key_end > 0) else {
            // A word without `=` is the next scheme; anything else is beyond reading.
            return (pairs, if key_end > 0 { rest } else { "" });
        };
        let key = rest[..key_end].to_ascii_lowercase();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let end = value.find([',', ' ']).unwrap_or(value.len());
                (value[..end].to_owned(), &value[end..])
            }
        };
        pairs.push((key, value));
        rest = after;
    }
}

/// Reads up to the closing quote, resolving `\x`.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &str) -> Option<Challenge> {
        best(std::iter::once(value))
    }

    #[test]
    fn usual_challenges_are_read() {
        let expected = Challenge::Bearer {
            realm: "https://auth.docker.io/token".into(),
            service: Some("registry.docker.io".into()),
            scope: Some("repository:library/alpine:pull,push".into()),
        };
        let value = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
                     scope=\"repository:library/alpine:pull,push\"";
        assert_eq!(one(value), Some(expected.clone()));
        assert_eq!(one(&format!("Basic realm=\"a, b\", {value}")), Some(expected));
        assert_eq!(one("basic realm=x"), Some(Challenge::Basic));
    }

    #[test]
    fn nonsense_ends_and_yields_nothing() {
        for text in [
            "",
            "Bearer",
            "Bearer realm",
            "Negotiate abc==",
            "=,=,=",
            "Bearer service=\"x\"",
            "\"",
            "Digest \"\\",
        ] {
            assert_eq!(one(text), None, "{text}");
        }
        assert!(
            matches!(one("Bearer realm=\"a\\\"b"), Some(Challenge::Bearer { realm, .. }) if realm == "a\"b")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read_to_its_end(text in "[Bb]?(earer|asic)? ?[a-z=\"\\\\, é]{0,60}") {
            let all = parse(&text);
            proptest::prop_assert!(all.len() <= text.len());
        }
    }
}
