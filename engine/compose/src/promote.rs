//! Keys that were extensions before the specification took them in: old files still have them by their first names.

use crate::merge::{Clash, merge};
use crate::yaml::Node;

/// Gives `x-develop` of services and `x-initialSync` of what is watched their names of today.
pub(crate) fn promote(document: &mut Node) -> Result<(), Clash> {
    for (name, service) in document.get_mut("services").and_then(Node::as_map_mut).into_iter().flatten() {
        rename(service, "x-develop", "develop", &["services", name])?;
        let watch = service.get_mut("develop").and_then(|develop| develop.get_mut("watch"));
        for (index, trigger) in watch.and_then(Node::as_list_mut).into_iter().flatten().enumerate() {
            let path = ["services", name, "develop", "watch", &index.to_string()];
            rename(trigger, "x-initialSync", "initial_sync", &path)?;
        }
    }
    Ok(())
}

/// Renames a key; where the new name is there already, what it says wins.
fn rename(node: &mut Node, old: &str, new: &str, path: &[&str]) -> Result<(), Clash> {
    let Some(map) = node.as_map_mut() else { return Ok(()) };
    let Some(before) = map.shift_remove(old) else { return Ok(()) };
    let joined = match map.shift_remove(new) {
        Some(own) if !own.is_null() => merge(before, own, &[path, &[new]].concat())?,
        _ => before,
    };
    map.insert(new.to_owned(), joined);
    Ok(())
}
