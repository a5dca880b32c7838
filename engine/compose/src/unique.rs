//! Lists whose items are one thing told twice: the later one counts.

use crate::canonical::volume::target_of;
use crate::merge::Clash;
use crate::yaml::{Node, Value, as_of_service, path_text};
use indexmap::IndexMap;

/// How the items of a list are told apart.
type Identity = fn(&Node) -> Option<String>;

fn identity_at(path: &[&str]) -> Option<Identity> {
    Some(match &*as_of_service(path) {
        ["networks", _, "labels"] | ["networks", _, "ipam", "options"] => pair_name,
        ["services", _, "build", "args" | "additional_contexts" | "platform" | "tags" | "labels"] => {
            pair_name
        }
        ["services", _, "deploy", "labels"] => pair_name,
        ["services", _, "networks", _, "aliases" | "link_local_ips"] => pair_name,
        ["services", _, key] => match *key {
            "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "environment"
            | "labels" | "links" | "profiles" | "sysctls" | "tmpfs" => pair_name,
            "configs" => |node| file_target(node, ""),
            "secrets" => |node| file_target(node, "/run/secrets"),
            "env_file" => |node| node.get("path").unwrap_or(node).text(),
            "expose" => Node::text,
            "ports" => port,
            "volumes" => volume,
            "devices" => device,
            _ => return None,
        },
        _ => return None,
    })
}

/// Drops every item that a later one replaces.
pub(crate) fn unique(node: &mut Node, path: &[&str]) -> Result<(), Clash> {
    match &mut node.value {
        Value::Map(map) => {
            map.iter_mut().try_for_each(|(key, entry)| unique(entry, &[path, &[key]].concat()))
        }
        Value::List(list) => {
            let Some(identity) = identity_at(path) else {
                return list
                    .iter_mut()
                    .enumerate()
                    .try_for_each(|(index, entry)| unique(entry, &[path, &[&index.to_string()]].concat()));
            };
            let mut kept: IndexMap<String, Node> = IndexMap::new();
            for item in list.drain(..) {
                let Some(id) = identity(&item) else {
                    let message = match item.value {
                        Value::Map(_) => "the target is missing".to_owned(),
                        _ => format!("{} cannot stand here", item.kind()),
                    };
                    return Err(Clash { span: item.span, path: path_text(path), message });
                };
                kept.insert(id, item);
            }
            list.extend(kept.into_values());
            Ok(())
        }
        _ => Ok(()),
    }
}

fn pair_name(node: &Node) -> Option<String> {
    let text = node.text()?;
    Some(text.split_once('=').map_or(text.clone(), |(name, _)| name.to_owned()))
}

fn file_target(node: &Node, folder: &str) -> Option<String> {
    if let Some(name) = node.as_str() {
        return Some(format!("{folder}/{name}"));
    }
    match node.get("target") {
        Some(target) => target.text(),
        None => Some(format!("{folder}/{}", node.get("source")?.text()?)),
    }
}

fn volume(node: &Node) -> Option<String> {
    match node.as_str() {
        Some(text) => Some(target_of(text)),
        None => node.get("target")?.text(),
    }
}

fn device(node: &Node) -> Option<String> {
    match node.as_str() {
        Some(text) => text.split(':').nth(1).or(Some(text)).map(str::to_owned),
        None => node.get("target").or_else(|| node.get("source"))?.text(),
    }
}

fn port(node: &Node) -> Option<String> {
    let Some(map) = node.as_map() else { return node.text() };
    let text = |key: &str, default: &str| {
        map.get(key)
            .and_then(Node::text)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| default.to_owned())
    };
    let target = map.get("target")?.text()?;
    Some(format!(
        "{}:{}:{target}/{}",
        text("host_ip", "0.0.0.0"),
        text("published", ""),
        text("protocol", "tcp")
    ))
}
