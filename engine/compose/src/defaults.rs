//! What a project means where it says nothing.

use crate::canonical::volume::clean;
use crate::merge::{Clash, merge};
use crate::schema;
use crate::yaml::{Map, Node, Span, Value};
use std::collections::BTreeMap;

fn entries<'a>(node: &'a mut Node, key: &str) -> impl Iterator<Item = (&'a String, &'a mut Node)> {
    node.get_mut(key).and_then(Node::as_map_mut).into_iter().flatten()
}

fn items<'a>(node: &'a mut Node, key: &str) -> impl Iterator<Item = &'a mut Node> {
    node.get_mut(key).and_then(Node::as_list_mut).into_iter().flatten()
}

fn set_missing(node: &mut Node, key: &str, value: &str) {
    let span = node.span;
    if let Some(map) = node.as_map_mut() {
        map.entry(key.to_owned()).or_insert_with(|| Node::string(value, span));
    }
}

/// Fills the gaps that do not depend on the project: before paths are resolved.
pub(crate) fn fill(tree: &mut Node) {
    for (_, service) in entries(tree, "services") {
        if let Some(build) = service.get_mut("build") {
            set_missing(build, "context", ".");
        }
        fill_container(service);
        items(service, "pre_start").for_each(fill_container);
        for port in items(service, "ports") {
            set_missing(port, "protocol", "tcp");
            set_missing(port, "mode", "ingress");
        }
        let reservations = service
            .get_mut("deploy")
            .and_then(|deploy| deploy.get_mut("resources"))
            .and_then(|resources| resources.get_mut("reservations"));
        if let Some(reservations) = reservations {
            items(reservations, "devices").for_each(all_devices);
        }
    }
}

/// What a service and a hook before its start have in common.
fn fill_container(container: &mut Node) {
    for secret in items(container, "secrets") {
        if let Some(source) = secret.get("source").and_then(Node::text) {
            set_missing(secret, "target", &format!("/run/secrets/{source}"));
        }
    }
    items(container, "gpus").for_each(all_devices);
}

fn all_devices(request: &mut Node) {
    if request.get("device_ids").is_none() {
        set_missing(request, "count", "all");
    }
}

/// Gives variables that are only named the value that they have outside.
pub(crate) fn resolve_environment(tree: &mut Node, environment: &BTreeMap<String, String>) {
    for (_, service) in entries(tree, "services") {
        if let Some(node) = service.get_mut("environment") {
            resolve_pairs(node, environment);
        }
        if let Some(args) = service.get_mut("build").and_then(|build| build.get_mut("args")) {
            resolve_pairs(args, environment);
        }
    }
}

/// Keeps what the variables of secrets and configs hold: only here is it known which environment files count.
pub(crate) fn resolve_contents(tree: &mut Node, environment: &BTreeMap<String, String>) {
    for section in ["secrets", "configs"] {
        for (_, thing) in entries(tree, section) {
            let value =
                thing.get("environment").and_then(Node::as_str).and_then(|name| environment.get(name));
            if let Some(value) = value.cloned() {
                set_missing(thing, "x-#content", &value);
            }
        }
    }
}

fn resolve_pairs(node: &mut Node, environment: &BTreeMap<String, String>) {
    match &mut node.value {
        Value::Map(map) => {
            for (name, entry) in map.iter_mut().filter(|(_, entry)| entry.is_null()) {
                if let Some(value) = environment.get(name) {
                    entry.value = Value::String(value.clone());
                }
            }
        }
        Value::List(list) => {
            for item in list {
                if let Value::String(text) = &mut item.value
                    && let Some(value) = environment.get(text.as_str())
                {
                    *text = format!("{text}={value}");
                }
            }
        }
        _ => {}
    }
}

/// Fills the gaps that depend on the project: networks, names, dependencies that follow from other keys.
pub(crate) fn normalize(tree: &mut Node, project: &str) -> Result<(), Clash> {
    let mut default_used = false;
    for (name, service) in entries(tree, "services") {
        let span = service.span;
        if service.get("provider").is_none() && service.get("network_mode").is_none() {
            let none = service.get("networks").and_then(Node::as_map).is_none_or(Map::is_empty);
            if none {
                service.set("networks", Node::map([("default", Node::null(span))], span));
            }
            default_used |= service.get("networks").is_some_and(|networks| networks.get("default").is_some());
        }
        if let Some(policy) = service.get_mut("pull_policy")
            && policy.as_str() == Some("if_not_present")
        {
            policy.value = Value::String("missing".into());
        }
        if let Some(build) = service.get_mut("build")
            && build.get("dockerfile_inline").is_none()
        {
            set_missing(build, "dockerfile", "Dockerfile");
        }
        items(service, "volumes").for_each(clean_target);
        for hook in items(service, "pre_start") {
            items(hook, "volumes").for_each(clean_target);
        }
        infer_dependencies(service);
        complete_hooks(name, service)?;
    }
    if default_used {
        let span = tree.span;
        if let Some(map) = tree.as_map_mut() {
            let networks =
                map.entry("networks".to_owned()).or_insert_with(|| Node::new(Value::Map(Map::new()), span));
            if networks.get("default").is_none_or(Node::is_null) {
                networks.set("default", Node::new(Value::Map(Map::new()), span));
            }
        }
    }
    for section in ["networks", "volumes", "configs", "secrets"] {
        for (key, thing) in entries(tree, section) {
            let external = thing.get("external").is_some_and(|external| {
                matches!(&external.value, Value::Bool(true)) || external.as_str() == Some("true")
            });
            let name = if external { key.clone() } else { format!("{project}_{key}") };
            if thing.get("name").is_some_and(|name| name.as_str() == Some("")) {
                thing.as_map_mut().map(|map| map.shift_remove("name"));
            }
            set_missing(thing, "name", &name);
        }
    }
    Ok(())
}

fn clean_target(mount: &mut Node) {
    if let Some(target) = mount.get_mut("target")
        && let Value::String(text) = &mut target.value
    {
        *text = clean(text);
    }
}

/// Lays what each hook before the start says over what the service says of its containers. The service's mounts are left
/// out: a hook has those of the container that it prepares.
fn complete_hooks(name: &str, service: &mut Node) -> Result<(), Clash> {
    let span = service.span;
    let of_container = |(key, _): &(&String, &Node)| *key != "volumes" && schema::is_of_container(key);
    let base: Map = service
        .as_map()
        .into_iter()
        .flatten()
        .filter(of_container)
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    for hook in items(service, "pre_start") {
        let own = std::mem::replace(hook, Node::null(span));
        *hook = merge(Node::new(Value::Map(base.clone()), span), own, &["services", name])?;
    }
    Ok(())
}

/// Links, shared namespaces and shared volumes mean that the other service comes first.
fn infer_dependencies(service: &mut Node) {
    let texts = |key: &str| -> Vec<String> {
        service.get(key).and_then(Node::as_list).unwrap_or_default().iter().filter_map(Node::text).collect()
    };
    let mut found: Vec<(String, bool)> = Vec::new();
    found.extend(
        texts("links").iter().map(|link| (link.split(':').next().unwrap_or_default().to_owned(), true)),
    );
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        if let Some(name) =
            service.get(key).and_then(Node::as_str).and_then(|mode| mode.strip_prefix("service:"))
        {
            found.push((name.to_owned(), true));
        }
    }
    for source in texts("volumes_from") {
        if !source.starts_with("container:") {
            found.push((source.split(':').next().unwrap_or_default().to_owned(), false));
        }
    }
    if found.is_empty() {
        return;
    }
    let span: Span = service.span;
    let Some(map) = service.as_map_mut() else { return };
    let dependencies =
        map.entry("depends_on".to_owned()).or_insert_with(|| Node::new(Value::Map(Map::new()), span));
    for (name, restart) in found {
        if dependencies.get(&name).is_none() {
            let mut dependency = crate::merge::dependency(span);
            if restart {
                dependency.set("restart", Node::bool(true, span));
            }
            dependencies.set(&name, dependency);
        }
    }
}
