//! Relative paths made to start from a folder.

use crate::canonical::volume::clean;
use crate::yaml::{Map, Node, Value, as_of_service};
use std::path::{Component, Path, PathBuf};

/// Where relative paths start from, and what `~` stands for.
pub(crate) struct Base<'a> {
    pub folder: &'a Path,
    pub home: Option<&'a str>,
}

impl Base<'_> {
    /// The path as seen from the base's own base.
    fn resolve(&self, path: &str) -> String {
        let expanded = match (path.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}"),
            _ => path.to_owned(),
        };
        let windows = expanded.as_bytes().get(1) == Some(&b':') || expanded.starts_with(r"\\");
        if expanded.is_empty() || expanded.starts_with('/') || windows {
            return expanded;
        }
        clean(&format!("{}/{expanded}", self.folder.display()))
    }

    fn context(&self, path: &str) -> String {
        let remote = path.contains("://")
            || ["service:", "github.com/", "git@", "docker-image:", "oci-layout:"]
                .iter()
                .any(|prefix| path.starts_with(prefix));
        if remote { path.to_owned() } else { self.resolve(path) }
    }
}

/// Resolves every path in a tree in its long form.
pub(crate) fn resolve(node: &mut Node, path: &[&str], base: &Base<'_>) {
    match &*as_of_service(path) {
        ["services", _, "build", "context"] | ["services", _, "build", "additional_contexts", _] => {
            return rewrite(node, |path| base.context(path));
        }
        ["services", _, "build", "additional_contexts"] if node.as_list().is_some() => {
            for item in node.as_list_mut().into_iter().flatten() {
                rewrite(item, |pair| match pair.split_once('=') {
                    Some((name, path)) => format!("{name}={}", base.context(path)),
                    None => pair.to_owned(),
                });
            }
            return;
        }
        ["services", _, "build", "ssh", _]
        | ["services", _, "env_file", _, "path"]
        | ["services", _, "label_file", _]
        | ["services", _, "extends", "file"]
        | ["services", _, "develop", "watch", _, "path"]
        | ["configs" | "secrets", _, "file"] => return rewrite(node, |path| base.resolve(path)),
        ["services", _, "volumes", _] => {
            if node.get("type").and_then(Node::as_str) == Some("bind")
                && let Some(source) = node.get_mut("source")
            {
                rewrite(source, |path| base.resolve(path));
            }
            return;
        }
        ["volumes", _] => {
            let is = |node: Option<&Node>, text: &str| node.and_then(Node::as_str) == Some(text);
            if is(node.get("driver"), "local")
                && let Some(options) = node.get_mut("driver_opts")
                && is(options.get("o"), "bind")
                && let Some(device) = options.get_mut("device")
            {
                rewrite(device, |path| base.resolve(path));
            }
            return;
        }
        _ => {}
    }
    match &mut node.value {
        Value::Map(map) => walk(map, path, base),
        Value::List(list) => {
            for (index, entry) in list.iter_mut().enumerate() {
                resolve(entry, &[path, &[&index.to_string()]].concat(), base);
            }
        }
        _ => {}
    }
}

fn walk(map: &mut Map, path: &[&str], base: &Base<'_>) {
    for (key, entry) in map.iter_mut() {
        resolve(entry, &[path, &[key]].concat(), base);
    }
}

fn rewrite(node: &mut Node, change: impl Fn(&str) -> String) {
    if let Value::String(text) = &mut node.value {
        *text = change(text);
    }
}

/// Whether a file is on another machine: a repository, a registry, a web address.
pub(crate) fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}

/// The way from one absolute folder to another.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut way: PathBuf = from[common..].iter().map(|_| Component::ParentDir).collect();
    way.extend(&to[common..]);
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

/// An absolute path without `.` and `..`, told from its text.
pub(crate) fn join(folder: &Path, path: &str) -> PathBuf {
    PathBuf::from(clean(&folder.join(path).to_string_lossy()))
}
