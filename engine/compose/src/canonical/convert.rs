//! The last step before the typed project: every value in the one type it has there.

use super::{BadValue, command, duration, size};
use crate::yaml::{Map, Node, Value};
use serde_json::{Map as JsonMap, Value as Json, json};

/// What a key's value is in the typed project.
enum Target {
    AsIs,
    Bool,
    Int,
    Float,
    Text,
    Bytes,
    Duration,
    /// Microseconds, or a duration.
    Micros,
    Command,
    HealthTest,
    /// `NAME: text`.
    Pairs,
    /// `NAME: text or nothing`.
    Environment,
    /// As `Environment`, without the names that have no value.
    Arguments,
    Texts,
    Hosts,
    FileMode,
    /// A file mode as a number.
    OctalNumber,
    Count,
    SshKeys,
    Multi,
}

/// What stands at a path.
fn target(path: &[&str]) -> Target {
    match path {
        ["services", _, "pre_start", _, "per_replica"] => Target::Bool,
        ["services", _, "pre_start", _, rest @ ..] | ["services", _, rest @ ..] => service_target(rest),
        ["networks", _, "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"] => Target::Bool,
        ["networks" | "volumes" | "secrets" | "configs", _, "external"] => Target::Bool,
        ["networks" | "volumes" | "secrets" | "configs", _, "labels" | "driver_opts"]
        | ["networks", _, "ipam", "config", _, "aux_addresses"]
        | ["networks", _, "ipam", "options"] => Target::Pairs,
        _ => Target::AsIs,
    }
}

fn service_target(path: &[&str]) -> Target {
    match path {
        ["command" | "entrypoint"]
        | ["post_start" | "pre_stop", _, "command"]
        | ["develop", "watch", _, "exec", "command"] => Target::Command,
        ["healthcheck", "test"] => Target::HealthTest,
        ["environment"]
        | ["post_start" | "pre_stop", _, "environment"]
        | ["develop", "watch", _, "exec", "environment"] => Target::Environment,
        ["build", "args"] => Target::Arguments,
        ["annotations" | "labels" | "sysctls" | "storage_opt"]
        | ["build", "labels" | "additional_contexts"]
        | ["deploy", "labels"]
        | ["logging", "options"]
        | ["networks", _, "driver_opts"]
        | ["volumes", _, "volume", "labels"]
        | ["gpus", _, "options"]
        | ["deploy", "resources", "reservations", "devices", _, "options"] => Target::Pairs,
        ["provider", "options"] => Target::Multi,
        ["expose" | "group_add"] => Target::Texts,
        ["extra_hosts"] | ["build", "extra_hosts"] => Target::Hosts,
        ["build", "ssh"] => Target::SshKeys,
        ["build", "provenance" | "sbom"] | ["ports", _, "published"] => Target::Text,
        ["mem_limit" | "mem_reservation" | "memswap_limit" | "mem_swappiness" | "shm_size"]
        | ["build", "shm_size"]
        | ["deploy", "resources", _, "memory"]
        | ["volumes", _, "tmpfs", "size"]
        | [
            "blkio_config",
            "device_read_bps" | "device_read_iops" | "device_write_bps" | "device_write_iops",
            _,
            "rate",
        ] => Target::Bytes,
        ["stop_grace_period"]
        | ["healthcheck", "interval" | "timeout" | "start_period" | "start_interval"]
        | ["deploy", "update_config" | "rollback_config", "delay" | "monitor"]
        | ["deploy", "restart_policy", "delay" | "window"] => Target::Duration,
        ["cpu_rt_period" | "cpu_rt_runtime"] => Target::Micros,
        [
            "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_shares" | "oom_score_adj" | "pids_limit"
            | "scale",
        ]
        | ["blkio_config", "weight"]
        | ["blkio_config", "weight_device", _, "weight"]
        | ["deploy", "replicas"]
        | ["deploy", "update_config" | "rollback_config", "parallelism"]
        | ["deploy", "restart_policy", "max_attempts"]
        | ["deploy", "placement", "max_replicas_per_node"]
        | ["deploy", "resources", _, "pids"]
        | ["deploy", "resources", _, "generic_resources", _, "discrete_resource_spec", "value"]
        | ["healthcheck", "retries"]
        | ["networks", _, "priority" | "gw_priority"]
        | ["ports", _, "target"]
        | ["ulimits", ..]
        | ["build", "ulimits", ..] => Target::Int,
        ["cpus" | "cpu_percent"]
        | ["deploy", "update_config" | "rollback_config", "max_failure_ratio"]
        | ["deploy", "resources", _, "cpus"] => Target::Float,
        ["secrets" | "configs", _, "mode"] | ["build", "secrets", _, "mode"] => Target::FileMode,
        ["volumes", _, "tmpfs", "mode"] => Target::OctalNumber,
        ["gpus", _, "count"] | ["deploy", "resources", "reservations", "devices", _, "count"] => {
            Target::Count
        }
        [
            "attach" | "init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty"
            | "use_api_socket",
        ]
        | ["build", "no_cache" | "pull" | "privileged"]
        | ["depends_on", _, "restart" | "required"]
        | ["env_file", _, "required"]
        | ["healthcheck", "disable"]
        | ["post_start" | "pre_stop", _, "privileged"]
        | ["develop", "watch", _, "exec", "privileged"]
        | ["develop", "watch", _, "initial_sync"]
        | ["volumes", _, "read_only"]
        | ["volumes", _, "bind", "create_host_path"]
        | ["volumes", _, "volume", "nocopy"] => Target::Bool,
        _ => Target::AsIs,
    }
}

/// The tree as JSON that the typed project can be read from.
pub(crate) fn convert(node: &Node, path: &[&str]) -> Result<Json, BadValue> {
    // The specification leaves the type of an author's own keys alone.
    if path.last().is_some_and(|key| key.starts_with("x-"))
        && !matches!(path, [_, _] | ["services", _, "depends_on", _])
    {
        return Ok(node.to_json());
    }
    let bad = |expected: &str| {
        let shown = node.text().map_or_else(|| node.kind().to_owned(), |text| format!("`{text}`"));
        BadValue::new(node, path, format!("{shown} is not {expected}"))
    };
    let target = target(path);
    if matches!(target, Target::Int) && node.as_map().is_some() {
        return collection(node, path);
    }
    if node.is_null() && !matches!(target, Target::Command) {
        return Ok(Json::Null);
    }
    Ok(match target {
        Target::AsIs | Target::Command if matches!(node.value, Value::Time(_)) => {
            return Err(unquoted(node, path));
        }
        Target::AsIs => return collection(node, path),
        Target::Bool => json!(boolean(node).ok_or_else(|| bad("a boolean: true or false"))?),
        Target::Int => json!(integer(node).ok_or_else(|| bad("an integer"))?),
        Target::Float => number(float(node).ok_or_else(|| bad("a number"))?),
        Target::Text => json!(node.text().ok_or_else(|| bad("a string"))?),
        Target::Bytes => {
            let bytes = match &node.value {
                Value::String(text) => size::parse(text),
                _ => integer(node).or_else(|| size::parse(&node.text()?)),
            };
            match bytes.ok_or_else(|| bad("a size such as 512m or 2g"))? {
                // No size is what zero means, but for rates.
                0 if path.last() != Some(&"rate") => json!(""),
                bytes => json!(bytes.to_string()),
            }
        }
        Target::Duration => {
            let nanoseconds = node.text().and_then(|text| duration::parse(&text));
            json!(duration::text(nanoseconds.ok_or_else(|| bad("a duration such as 10s or 1m30s"))?))
        }
        Target::Micros => {
            let micros = integer(node).or_else(|| Some(duration::parse(node.as_str()?)? / 1000));
            json!(micros.ok_or_else(|| bad("microseconds or a duration"))?)
        }
        Target::Command => match &node.value {
            Value::Null => Json::Null,
            Value::String(line) => json!(command::words(line).map_err(|why| BadValue::new(
                node,
                path,
                format!("`{line}` is not a command: {why}")
            ))?),
            _ => collection(node, path)?,
        },
        Target::HealthTest => match &node.value {
            Value::String(line) => json!(["CMD-SHELL", line]),
            _ => collection(node, path)?,
        },
        Target::Pairs if path.last() == Some(&"storage_opt") => {
            let wrong = |node: &&Node| matches!(node.value, Value::Bool(_) | Value::Time(_));
            if let Some(value) = node.as_map().into_iter().flat_map(Map::values).find(wrong) {
                return Err(unquoted(value, path));
            }
            pairs(node, |text| Some(json!(text.unwrap_or_default())))
        }
        Target::Pairs => pairs(node, |text| Some(json!(text.unwrap_or_default()))),
        Target::Environment => {
            if let Some(name) = spaced_name(node) {
                let message = format!("the variable `{name}` must not end with a space");
                return Err(BadValue::new(node, path, message));
            }
            pairs(node, |text| Some(text.map_or(Json::Null, Json::from)))
        }
        Target::Arguments => pairs(node, |text| text.map(Json::from)),
        Target::Texts if path.last() == Some(&"group_add") => {
            let list = node.as_list().unwrap_or_default();
            let wrong = |node: &&Node| matches!(node.value, Value::Float(_) | Value::Time(_));
            if let Some(wrong) = list.iter().find(wrong) {
                return Err(unquoted(wrong, path));
            }
            list.iter().filter_map(Node::text).collect()
        }
        Target::Texts => node.as_list().unwrap_or_default().iter().filter_map(Node::text).collect(),
        Target::Hosts => {
            hosts(node).map_err(|(span, message)| BadValue { span, ..BadValue::new(node, path, message) })?
        }
        Target::FileMode => json!(format!("0{:o}", mode(node).ok_or_else(|| bad("an octal file mode"))?)),
        Target::OctalNumber => json!(mode(node).ok_or_else(|| bad("an octal file mode"))?),
        Target::Count => match node.as_str() {
            Some(text) if text.eq_ignore_ascii_case("all") => json!(-1),
            _ => json!(integer(node).ok_or_else(|| bad("a number or `all`"))?),
        },
        Target::SshKeys => {
            let map = node.as_map().into_iter().flatten();
            map.map(|(id, path)| json!({ "id": id, "path": path.text().unwrap_or_default() })).collect()
        }
        Target::Multi => {
            let map = node.as_map().into_iter().flatten();
            Json::Object(map.map(|(name, value)| (name.clone(), several(value))).collect())
        }
    })
}

/// What would have been text in quotes.
fn unquoted(node: &Node, path: &[&str]) -> BadValue {
    BadValue::new(node, path, format!("must be a string, not {} (quote it)", node.kind()))
}

fn collection(node: &Node, path: &[&str]) -> Result<Json, BadValue> {
    match &node.value {
        Value::Map(map) => {
            let mut out = JsonMap::new();
            for (key, entry) in map {
                out.insert(key.clone(), convert(entry, &[path, &[key]].concat())?);
            }
            Ok(Json::Object(out))
        }
        Value::List(list) => {
            let items = list
                .iter()
                .enumerate()
                .map(|(index, entry)| convert(entry, &[path, &[&index.to_string()]].concat()));
            items.collect::<Result<Vec<_>, _>>().map(Json::Array)
        }
        _ => Ok(node.to_json()),
    }
}

fn boolean(node: &Node) -> Option<bool> {
    match &node.value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "y" | "yes" | "on" => Some(true),
            "false" | "n" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn integer(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Int(value) => Some(*value),
        Value::Float(value) if value.fract() == 0.0 => Some(*value as i64),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn float(node: &Node) -> Option<f32> {
    match &node.value {
        Value::Int(value) => Some(*value as f32),
        Value::Float(value) => Some(*value as f32),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A number in its shortest notation: whole ones without a point.
fn number(value: f32) -> Json {
    // Printed as the narrow type and read as the wide one, 0.1 stays 0.1.
    if value.fract() == 0.0 {
        json!(value as i64)
    } else {
        json!(value.to_string().parse().unwrap_or_else(|_| f64::from(value)))
    }
}

fn mode(node: &Node) -> Option<i64> {
    match &node.value {
        Value::String(text) => i64::from_str_radix(text.trim_start_matches("0o"), 8).ok(),
        _ => integer(node),
    }
}

/// `{NAME: value}` or `[NAME=value]` as a mapping; `value` decides what becomes of each.
fn pairs(node: &Node, value: impl Fn(Option<String>) -> Option<Json>) -> Json {
    let mut out = JsonMap::new();
    let mut add = |name: &str, text: Option<String>| {
        if let Some(value) = value(text) {
            out.insert(name.to_owned(), value);
        }
    };
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(name, entry)| add(name, entry.text())),
        Value::List(list) => {
            for text in list.iter().filter_map(Node::text) {
                match text.split_once('=') {
                    Some((name, value)) => add(name, Some(value.to_owned())),
                    None => add(&text, None),
                }
            }
        }
        _ => {}
    }
    Json::Object(out)
}

/// The first name of a variable that ends with a space, as in `NAME = value`.
fn spaced_name(node: &Node) -> Option<String> {
    let name = |item: &Node| item.text().map(|text| text.split('=').next().unwrap_or_default().to_owned());
    node.as_list()?.iter().filter_map(name).find(|name| name.ends_with(char::is_whitespace))
}

/// Hosts with their addresses as `name=address`, sorted.
fn hosts(node: &Node) -> Result<Json, (crate::yaml::Span, String)> {
    let mut lines = Vec::new();
    let mut add = |name: &str, address: &str, span| {
        if name.is_empty() || name.contains([':', '=']) {
            return Err((span, format!("`{name}` is not a host's name")));
        }
        let bare = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
        lines.push(format!("{name}={bare}"));
        Ok(())
    };
    for item in node.as_list().unwrap_or_default() {
        let text = item.text().unwrap_or_default();
        let Some((name, addresses)) = text.split_once('=').or_else(|| text.split_once(':')) else {
            return Err((item.span, format!("`{text}` lacks an address, HOST=ADDRESS")));
        };
        addresses.split(',').try_for_each(|address| add(name, address, item.span))?;
    }
    for (name, entry) in node.as_map().into_iter().flatten() {
        match entry.as_list() {
            Some(list) => list
                .iter()
                .try_for_each(|address| add(name, &address.text().unwrap_or_default(), address.span))?,
            None => add(name, &entry.text().unwrap_or_default(), entry.span)?,
        }
    }
    lines.sort();
    Ok(json!(lines))
}

fn several(node: &Node) -> Json {
    match node.as_list() {
        Some(list) => list.iter().filter_map(Node::text).collect(),
        None => json!([node.text().unwrap_or_default()]),
    }
}
