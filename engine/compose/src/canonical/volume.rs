//! `[SOURCE:]TARGET[:OPTIONS]`.

use crate::yaml::{Node, Span, Value};

/// What a short volume means.
pub(crate) fn parse(text: &str, span: Span) -> Result<Value, String> {
    let (source, target, options) = split(text)?;
    let is_path = source.is_some_and(is_file_path);
    let mut map: Vec<(&str, Node)> =
        vec![("type", Node::string(if is_path { "bind" } else { "volume" }, span))];
    if let Some(source) = source {
        map.push(("source", Node::string(source, span)));
    }
    map.push(("target", Node::string(clean(target), span)));
    let (mut bind, mut volume) = (Vec::new(), Vec::new());
    for option in options.unwrap_or_default().split(',') {
        match option {
            "ro" => map.push(("read_only", Node::bool(true, span))),
            "nocopy" => volume.push(("nocopy", Node::bool(true, span))),
            "z" | "Z" => bind.push(("selinux", Node::string(option, span))),
            "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave" => {
                bind.push(("propagation", Node::string(option, span)));
            }
            // Docker takes words it does not know, such as `cached`, without a complaint.
            _ => {}
        }
    }
    if is_path {
        bind.push(("create_host_path", Node::bool(true, span)));
    }
    if is_path || !bind.is_empty() {
        map.push(("bind", Node::map(bind, span)));
    }
    if !is_path || !volume.is_empty() {
        map.push(("volume", Node::map(volume, span)));
    }
    Ok(Node::map(map, span).value)
}

/// The path in the container that a short volume stands for; the text itself where it cannot be read.
pub(crate) fn target_of(text: &str) -> String {
    split(text).map_or_else(|_| text.to_owned(), |(_, target, _)| clean(target))
}

/// A path without `.`, `..`, doubled or trailing slashes, where that can be told from the text.
pub(crate) fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".into(),
        (false, false) => parts.join("/"),
    }
}

fn split(text: &str) -> Result<(Option<&str>, &str, Option<&str>), String> {
    let bad = |why: &str| Err(format!("`{text}` is not a volume: {why}"));
    if text.is_empty() {
        return bad("it is empty");
    }
    let parts = sections(text);
    if parts.iter().any(|part| part.is_empty()) {
        return bad("a part between colons is empty");
    }
    match parts[..] {
        [target] => Ok((None, target, None)),
        [source, target] => Ok((Some(source), target, None)),
        [source, target, options] => Ok((Some(source), target, Some(options))),
        _ => bad("it has too many colons"),
    }
}

/// Splits at colons, but not at a Windows drive's and not inside `${…}`.
fn sections(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (index, letter) in text.char_indices() {
        match letter {
            '$' if text[index + 1..].starts_with('{') => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ':' if depth == 0 => {
                let part = &text[start..index];
                if part.len() == 1 && part.starts_with(|first: char| first.is_ascii_alphabetic()) {
                    continue;
                }
                parts.push(part);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn is_file_path(source: &str) -> bool {
    let mut letters = source.chars();
    let (first, second) = (letters.next(), letters.next());
    matches!(first, Some('.' | '/' | '~'))
        || source.starts_with(r"\\")
        || (first.is_some_and(char::is_alphabetic) && second == Some(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Node::new(parse(text, Span::default()).unwrap(), Span::default()).to_json().to_string()
    }

    #[test]
    fn short_volumes() {
        assert_eq!(read("/data"), r#"{"type":"volume","target":"/data","volume":{}}"#);
        assert_eq!(read("db:/data/"), r#"{"type":"volume","source":"db","target":"/data","volume":{}}"#);
        assert_eq!(
            read("./x:/y:ro,z"),
            r#"{"type":"bind","source":"./x","target":"/y","read_only":true,"bind":{"selinux":"z","create_host_path":true}}"#
        );
        assert_eq!(
            read(r"C:\x:/y"),
            r#"{"type":"bind","source":"C:\\x","target":"/y","bind":{"create_host_path":true}}"#
        );
        assert_eq!(
            read("db:/d:nocopy"),
            r#"{"type":"volume","source":"db","target":"/d","volume":{"nocopy":true}}"#
        );
        for bad in ["", "ab:", ":/x", "ab:/b:ro:c"] {
            assert!(parse(bad, Span::default()).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in
            [("/a/../b//c/.", "/b/c"), ("a/..", "."), ("../x", "../x"), ("/..", "/"), ("./a", "a")]
        {
            assert_eq!(clean(path), expected);
        }
    }
}
