//! Laying one file's tree over another's, key by key as the specification says.

use crate::yaml::{Directive, Map, Node, Span, Value, path_text};

/// Two values that cannot be joined.
pub(crate) struct Clash {
    pub span: Span,
    pub path: String,
    pub message: String,
}

/// Lays `over` over `base`. Directives that were carried out stay in the result: a file further down may need them too;
/// [`strip`] takes them away in the end.
pub(crate) fn merge(base: Node, over: Node, path: &[&str]) -> Result<Node, Clash> {
    if over.directive.is_some() {
        return Ok(over);
    }
    match path {
        ["services", _, "command" | "entrypoint"] | ["services", _, "healthcheck", "test"] => {
            return Ok(over);
        }
        ["networks" | "volumes", _, "labels"]
        | [
            "services",
            _,
            "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "environment"
            | "labels" | "sysctls" | "tmpfs",
        ]
        | ["services", _, "build", "args" | "additional_contexts" | "labels"]
        | ["services", _, "deploy", "labels"]
        | ["services", _, "volumes", _, "volume", "labels"] => return Ok(sequences(base, over, false)),
        ["services", _, "extra_hosts"] | ["services", _, "build", "extra_hosts"] => {
            return Ok(sequences(base, over, true));
        }
        ["services", _, "build"] => return mappings(build_mapping(base), build_mapping(over), path),
        ["services", _, "depends_on"] => return mappings(named(base, path)?, named(over, path)?, path),
        ["services", _, "networks" | "models"] => {
            return mappings(named(base, path)?, named(over, path)?, path);
        }
        ["services", _, "logging"] => return logging(base, over, path),
        ["services", _, "ulimits", _] => {
            return if base.as_map().is_some() && over.as_map().is_some() {
                mappings(base, over, path)
            } else {
                Ok(over)
            };
        }
        ["networks", _, "ipam", "config"] => return address_pools(base, over, path),
        _ => {}
    }
    if over.is_null() {
        return Ok(base);
    }
    match (&base.value, &over.value) {
        (Value::Map(_), Value::Map(_)) => mappings(base, over, path),
        (Value::List(_), Value::List(_)) => Ok(append(base, over)),
        (Value::Map(_) | Value::List(_), _) => Err(Clash {
            span: over.span,
            path: path_text(path),
            message: format!("{} cannot be laid over {}", over.kind(), base.kind()),
        }),
        _ => Ok(over),
    }
}

/// Takes away what `!reset` marks, and the marks of `!override`.
pub(crate) fn strip(node: &mut Node) {
    let reset = |node: &Node| node.directive == Some(Directive::Reset);
    match &mut node.value {
        Value::Map(map) => {
            map.retain(|_, entry| !reset(entry));
            map.values_mut().for_each(strip);
        }
        Value::List(list) => {
            list.retain(|entry| !reset(entry));
            list.iter_mut().for_each(strip);
        }
        _ => {}
    }
    node.directive = None;
}

fn mappings(base: Node, over: Node, path: &[&str]) -> Result<Node, Clash> {
    let (span, key) = (base.span, base.key);
    let (Value::Map(mut map), Value::Map(other)) = (base.value, over.value) else {
        return Err(Clash {
            span: over.span,
            path: path_text(path),
            message: "these values cannot be joined".into(),
        });
    };
    for (name, entry) in other {
        let joined = match map.get_mut(&name) {
            None => entry,
            Some(existing) => {
                let existing = std::mem::replace(existing, Node::null(Span::default()));
                merge(existing, entry, &[path, &[&name]].concat())?
            }
        };
        map.insert(name, joined);
    }
    Ok(Node { key, ..Node::new(Value::Map(map), span) })
}

/// Joins two lists; what stands there already is not said again.
fn append(base: Node, over: Node) -> Node {
    let (span, key) = (base.span, base.key);
    let mut items = into_items(base);
    for item in into_items(over) {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    Node { key, ..Node::list(items, span) }
}

fn into_items(node: Node) -> Vec<Node> {
    match node.value {
        Value::List(list) => list,
        _ => Vec::new(),
    }
}

/// Joins two `{NAME: value}` or `[NAME=value]` as lists.
fn sequences(base: Node, over: Node, distinct: bool) -> Node {
    let (span, key) = (base.span, base.key);
    let name = |item: &Node| {
        let text = item.text().unwrap_or_default();
        text.split(|letter| letter == '=' || (distinct && letter == ':')).next().map(str::to_owned)
    };
    let mut items = pairs(base);
    for item in pairs(over) {
        // What a directive says of one name holds for all that was said of it before.
        if item.directive.is_some() {
            let gone = name(&item);
            items.retain(|other| name(other) != gone);
        }
        if !(distinct && items.contains(&item)) {
            items.push(item);
        }
    }
    Node { key, ..Node::list(items, span) }
}

fn pairs(node: Node) -> Vec<Node> {
    let span = node.span;
    match node.value {
        Value::List(list) => list,
        Value::Map(map) => {
            let mut items = Vec::new();
            for (name, entry) in map {
                let span = entry.place();
                if entry.directive == Some(Directive::Reset) {
                    items.push(Node { directive: entry.directive, ..Node::string(name, span) });
                    continue;
                }
                match &entry.value {
                    Value::List(several) => {
                        items.extend(several.iter().map(|one| {
                            Node::string(format!("{name}={}", one.text().unwrap_or_default()), one.span)
                        }));
                    }
                    _ => items.push(match entry.text() {
                        Some(text) => Node::string(format!("{name}={text}"), span),
                        None => Node::string(name, span),
                    }),
                }
            }
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            items
        }
        Value::Null => Vec::new(),
        value => vec![Node::new(value, span)],
    }
}

/// A build as a mapping, also where only its context was given.
fn build_mapping(node: Node) -> Node {
    match node.value {
        Value::Map(_) => node,
        Value::Null => Node { value: Value::Map(Map::new()), ..node },
        _ => {
            let (span, key) = (node.span, node.key);
            Node { key, ..Node::map([("context", node)], span) }
        }
    }
}

/// A list of names as a mapping.
fn named(node: Node, path: &[&str]) -> Result<Node, Clash> {
    let (span, key) = (node.span, node.key);
    let entries = match node.value {
        Value::Map(_) => return Ok(node),
        Value::List(list) => list,
        _ => Vec::new(),
    };
    let map = entries.into_iter().map(|item| {
        let place = item.span;
        let Some(name) = item.as_str().map(str::to_owned) else {
            let message = format!("must be a name, not {}", item.kind());
            return Err(Clash { span: place, path: path_text(path), message });
        };
        let value = if path.last() == Some(&"depends_on") { dependency(place) } else { Node::null(place) };
        Ok((name, Node { key: place, ..value }))
    });
    Ok(Node { key, ..Node::map(map.collect::<Result<Vec<_>, Clash>>()?, span) })
}

/// What a dependency is if only its name is given.
pub(crate) fn dependency(span: Span) -> Node {
    Node::map(
        [("condition", Node::string("service_started", span)), ("required", Node::bool(true, span))],
        span,
    )
}

/// Options of another driver mean nothing to this one.
fn logging(base: Node, over: Node, path: &[&str]) -> Result<Node, Clash> {
    if over.is_null() {
        return Ok(base);
    }
    match (base.get("driver"), over.get("driver")) {
        (Some(before), Some(now)) if before != now => Ok(over),
        _ if base.as_map().is_none() => Ok(over),
        _ => mappings(base, over, path),
    }
}

/// Address pools are the same if their subnets are.
fn address_pools(base: Node, over: Node, path: &[&str]) -> Result<Node, Clash> {
    let (span, key) = (base.span, base.key);
    let mut pools = into_items(base);
    for pool in into_items(over) {
        let same = pools.iter().position(|known| known.get("subnet") == pool.get("subnet"));
        match same {
            Some(index) => {
                let known = std::mem::replace(&mut pools[index], Node::null(span));
                pools[index] = mappings(known, pool, path)?;
            }
            None => pools.push(pool),
        }
    }
    Ok(Node { key, ..Node::list(pools, span) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn merged(base: &str, over: &str) -> String {
        let read = |text: &str| parse(text, 0).unwrap().remove(0);
        let mut node = merge(read(base), read(over), &[]).unwrap_or_else(|clash| panic!("{}", clash.message));
        strip(&mut node);
        node.get("services").unwrap().get("a").unwrap().to_json().to_string()
    }

    #[test]
    fn each_key_has_its_rule() {
        for (base, over, expected) in [
            ("command: x", "command: [y]", r#"{"command":["y"]}"#),
            ("environment: {A: 1, B: 2}", "environment: [B=3]", r#"{"environment":["A=1","B=2","B=3"]}"#),
            (
                "depends_on: [x]",
                "depends_on: {y: {condition: service_healthy}}",
                r#"{"depends_on":{"x":{"condition":"service_started","required":true},"y":{"condition":"service_healthy"}}}"#,
            ),
            ("networks: [x]", "networks: [y]", r#"{"networks":{"x":null,"y":null}}"#),
            ("build: dir", "build: {target: t}", r#"{"build":{"context":"dir","target":"t"}}"#),
            (
                "logging: {driver: x, options: {a: 1}}",
                "logging: {driver: y}",
                r#"{"logging":{"driver":"y"}}"#,
            ),
            (
                "logging: {driver: x, options: {a: 1}}",
                "logging: {options: {b: 2}}",
                r#"{"logging":{"driver":"x","options":{"a":1,"b":2}}}"#,
            ),
            ("cap_add: [A]", "cap_add: [B, A]", r#"{"cap_add":["A","B"]}"#),
            ("networks: [x]", "networks: null", r#"{"networks":{"x":null}}"#),
            ("ports: [80]", "ports: !reset []", "{}"),
            ("ports: [80]", "ports: !override [81]", r#"{"ports":[81]}"#),
            (
                "ulimits: {nofile: 1}",
                "ulimits: {nofile: {soft: 1, hard: 2}}",
                r#"{"ulimits":{"nofile":{"soft":1,"hard":2}}}"#,
            ),
            ("image: x", "image: y", r#"{"image":"y"}"#),
            ("dns: 1.1.1.1", "dns: [8.8.8.8]", r#"{"dns":["1.1.1.1","8.8.8.8"]}"#),
        ] {
            let whole = |line: &str| format!("services:\n  a:\n    {line}\n");
            assert_eq!(merged(&whole(base), &whole(over)), expected, "{base} / {over}");
        }
    }
}
