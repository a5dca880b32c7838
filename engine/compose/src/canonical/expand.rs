//! Short forms become long ones. What is long already stays, so a tree may be expanded again after a merge.

use super::{BadValue, port, volume};
use crate::merge::dependency;
use crate::yaml::{Map, Node, Value, as_of_service};

/// Expands a whole tree. With `lenient`, what cannot be read because it still holds variables stays as it is.
pub(crate) fn expand(node: &mut Node, lenient: bool) -> Result<(), BadValue> {
    walk(node, &[], lenient)
}

fn walk(node: &mut Node, path: &[&str], lenient: bool) -> Result<(), BadValue> {
    expand_one(node, path, lenient)?;
    match &mut node.value {
        Value::Map(map) => {
            for (key, entry) in map.iter_mut() {
                walk(entry, &[path, &[key]].concat(), lenient)?;
            }
        }
        Value::List(list) => {
            for (index, entry) in list.iter_mut().enumerate() {
                walk(entry, &[path, &[&index.to_string()]].concat(), lenient)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn expand_one(node: &mut Node, path: &[&str], lenient: bool) -> Result<(), BadValue> {
    match &*as_of_service(path) {
        ["services", _, "build"] => text_to_map(node, "context"),
        ["services", _, "extends"] => text_to_map(node, "service"),
        ["services", _, "depends_on"] => {
            list_to_map(node, |item| dependency(item.span));
            for entry in node.as_map_mut().into_iter().flat_map(Map::values_mut) {
                let span = entry.span;
                if let Some(map) = entry.as_map_mut() {
                    map.entry("required".into()).or_insert_with(|| Node::bool(true, span));
                }
            }
        }
        ["services", _, "networks" | "models"] => list_to_map(node, |item| Node::null(item.span)),
        ["services", _, "env_file"] => {
            text_to_list(node);
            for item in node.as_list_mut().into_iter().flatten() {
                text_to_map(item, "path");
                let span = item.span;
                if let Some(map) = item.as_map_mut() {
                    map.entry("required".into()).or_insert_with(|| Node::bool(true, span));
                }
            }
        }
        ["services", _, "dns"] => {
            text_to_list(node);
            if let Some(list) = node.as_list_mut() {
                list.retain(|item| !item.is_null() && item.as_str() != Some(""));
            }
        }
        ["services", _, "label_file" | "dns_search" | "tmpfs"]
        | ["services", _, "build", "no_cache_filter"]
        | ["services", _, "develop", "watch", _, "ignore" | "include"] => text_to_list(node),
        ["services", _, "gpus"] if node.as_str() == Some("all") => {
            let span = node.span;
            let all = Node::map([("count", Node::string("all", span))], span);
            node.value = Value::List(vec![all]);
        }
        ["services", _, "devices", _] => device(node, path)?,
        ["services", _, "secrets" | "configs", _] | ["services", _, "build", "secrets", _] => {
            text_to_map(node, "source");
        }
        ["services", _, "ports"] => ports(node, path, lenient)?,
        ["services", _, "volumes", _] => {
            if let Some(text) = node.as_str() {
                let read =
                    volume::parse(text, node.span).map_err(|message| BadValue::new(node, path, message))?;
                node.value = read;
            }
        }
        ["services", _, "build", "ssh"] => ssh(node),
        ["volumes" | "networks" | "secrets" | "configs", _] => external(node, path)?,
        ["include", _] => text_to_map(node, "path"),
        _ => {}
    }
    Ok(())
}

fn text_to_map(node: &mut Node, key: &str) {
    if matches!(node.value, Value::String(_)) {
        let inner = Node::new(node.value.clone(), node.span);
        node.value = Value::Map(Map::from_iter([(key.to_owned(), inner)]));
    }
}

fn text_to_list(node: &mut Node) {
    if matches!(node.value, Value::String(_)) {
        let inner = Node::new(node.value.clone(), node.span);
        node.value = Value::List(vec![inner]);
    }
}

fn list_to_map(node: &mut Node, value: impl Fn(&Node) -> Node) {
    if let Some(list) = node.as_list() {
        let map = list
            .iter()
            .filter_map(|item| Some((item.text()?, Node { key: item.span, ..value(item) })))
            .collect();
        node.value = Value::Map(map);
    }
}

fn device(node: &mut Node, path: &[&str]) -> Result<(), BadValue> {
    let Some(text) = node.as_str() else { return Ok(()) };
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts[..] {
        [source] => (source, source, "rwm"),
        [source, target] => (source, target, "rwm"),
        [source, target, permissions] => (source, target, permissions),
        _ => {
            return Err(BadValue::new(
                node,
                path,
                format!("`{text}` is not a device, SOURCE[:TARGET[:PERMISSIONS]]"),
            ));
        }
    };
    let part = |text: &str| Node::string(text, node.span);
    node.value = Node::map(
        [("source", part(source)), ("target", part(target)), ("permissions", part(permissions))],
        node.span,
    )
    .value;
    Ok(())
}

fn ports(node: &mut Node, path: &[&str], lenient: bool) -> Result<(), BadValue> {
    let Some(list) = node.as_list_mut() else { return Ok(()) };
    let mut out = Vec::with_capacity(list.len());
    for item in list.drain(..) {
        match &item.value {
            Value::Int(_) => {
                let span = item.span;
                out.push(Node::map([("target", item)], span));
            }
            Value::String(text) if !(lenient && text.contains('$')) => {
                let ports =
                    port::parse(text, item.span).map_err(|message| BadValue::new(&item, path, message))?;
                out.extend(ports);
            }
            Value::String(_) | Value::Map(_) => out.push(item),
            _ => return Err(BadValue::new(&item, path, format!("{} is not a port", item.kind()))),
        }
    }
    *list = out;
    Ok(())
}

/// Keys for the build, `[default, id=path]` or `{default: null, id: path}`, as a mapping.
fn ssh(node: &mut Node) {
    if let Some(text) = node.as_str() {
        let span = node.span;
        node.value = Value::List(vec![Node::string(text, span)]);
    }
    if let Some(list) = node.as_list() {
        let map = list.iter().filter_map(|item| {
            let text = item.text()?;
            Some(match text.split_once('=') {
                Some((id, path)) => (id.to_owned(), Node::string(path, item.span)),
                None => (text, Node::null(item.span)),
            })
        });
        node.value = Value::Map(map.collect());
    }
}

/// Nothing means an empty mapping; `external: {name: N}` means `external: true` and `name: N`.
fn external(node: &mut Node, path: &[&str]) -> Result<(), BadValue> {
    if node.is_null() {
        node.value = Value::Map(Map::new());
    }
    let Some(map) = node.as_map_mut() else { return Ok(()) };
    let Some(external) = map.get("external") else { return Ok(()) };
    let span = external.span;
    if let Some(old) = external.as_map() {
        if let Some(name) = old.get("name").cloned() {
            if map.get("name").is_some_and(|other| *other != name) {
                return Err(BadValue::new(&name, path, "`name` and `external.name` contradict each other"));
            }
            map.insert("name".into(), name);
        }
        let key = map.get("external").map(|node| node.key).unwrap_or_default();
        map.insert("external".into(), Node { key, ..Node::bool(true, span) });
    }
    Ok(())
}
