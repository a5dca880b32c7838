//! What the schema cannot say.

use crate::error::ComposeError;
use crate::reader::Reader;
use crate::yaml::{Node, Value};

/// The first thing in a merged tree that breaks a rule.
pub(crate) fn check(reader: &Reader<'_>, tree: &Node) -> Result<(), ComposeError> {
    let section = |name: &str| tree.get(name).and_then(Node::as_map).into_iter().flatten();
    for (name, volume) in section("volumes") {
        check_external(reader, volume, &["volumes", name])?;
    }
    for (kind, keys) in
        [("configs", &["file", "environment", "content"][..]), ("secrets", &["file", "environment"][..])]
    {
        for (name, object) in section(kind) {
            let path = [kind, name.as_str()];
            check_external(reader, object, &path)?;
            let given = keys.iter().filter(|key| object.get(key).is_some()).count();
            let otherwise = object.get("driver").is_some() || object.get("external").is_some();
            if given > 1 {
                return Err(reader.error(
                    object.place(),
                    &path,
                    format!("only one of {} can be set", keys.join(", ")),
                ));
            }
            if given == 0 && !otherwise {
                return Err(reader.error(
                    object.place(),
                    &path,
                    format!("one of {} must be set", keys.join(", ")),
                ));
            }
        }
    }
    for (name, service) in section("services") {
        let watches = service
            .get("develop")
            .and_then(|develop| develop.get("watch"))
            .and_then(Node::as_list)
            .unwrap_or_default();
        if let Some(blank) =
            watches.iter().filter_map(|watch| watch.get("path")).find(|path| path.as_str() == Some(""))
        {
            return Err(reader.error(
                blank.place(),
                &["services", name, "develop", "watch", "path"],
                "the path is empty",
            ));
        }
        for (index, mount) in
            service.get("volumes").and_then(Node::as_list).unwrap_or_default().iter().enumerate()
        {
            if mount.get("type").and_then(Node::as_str) == Some("bind") && mount.get("source").is_none() {
                let path = ["services", name, "volumes", &index.to_string()];
                return Err(reader.error(mount.place(), &path, "a bind mount needs a source"));
            }
        }
    }
    Ok(())
}

/// A thing made elsewhere cannot be described here.
fn check_external(reader: &Reader<'_>, node: &Node, path: &[&str]) -> Result<(), ComposeError> {
    let external = node.get("external").is_some_and(|external| {
        matches!(&external.value, Value::Bool(true)) || external.as_str() == Some("true")
    });
    let other = node
        .as_map()
        .into_iter()
        .flatten()
        .find(|(key, _)| !matches!(key.as_str(), "name" | "external") && !key.starts_with("x-"));
    match other {
        Some((key, other)) if external => {
            Err(reader.error(other.place(), path, format!("`external` and `{key}` contradict each other")))
        }
        _ => Ok(()),
    }
}
