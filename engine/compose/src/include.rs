//! Other projects taken into this one.

use crate::dotenv;
use crate::error::ComposeError;
use crate::merge::merge;
use crate::paths::{is_remote, join, relative};
use crate::reader::{Reader, Scope};
use crate::yaml::{Map, Node, Span, Value};
use std::path::{Path, PathBuf};

/// Loads one model from several files: what reads a file's own includes is handed in by what reads files.
pub(crate) type Load<'a> =
    &'a mut dyn FnMut(&mut Reader<'_>, &[PathBuf], &Scope, bool) -> Result<Node, ComposeError>;

/// Loads what `include` names and adds its services, networks, volumes, secrets, configs and models to the tree.
pub(crate) fn apply(
    reader: &mut Reader<'_>,
    tree: &mut Node,
    file: &Path,
    scope: &Scope,
    load: Load<'_>,
) -> Result<(), ComposeError> {
    let Some(include) = tree.as_map_mut().and_then(|map| map.shift_remove("include")) else { return Ok(()) };
    let Some(entries) = include.as_list() else {
        return Err(reader.error(
            include.place(),
            &["include"],
            format!("must be a list, not {}", include.kind()),
        ));
    };
    for (index, entry) in entries.iter().enumerate() {
        let index = index.to_string();
        let at = ["include", index.as_str()];
        let place = entry.span;
        let files = texts(entry.get("path").unwrap_or(entry));
        if files.is_empty() {
            return Err(reader.error(place, &at, "no path is given"));
        }
        if let Some(remote) = files.iter().find(|path| is_remote(path)) {
            let message =
                format!("`{remote}` is not on this machine, and only files of this machine can be included");
            return Err(reader.error(place, &at, message));
        }
        let files: Vec<PathBuf> = files.iter().map(|path| join(&scope.folder, path)).collect();
        if scope.included.contains(&files[0]) || files[0] == file {
            let mut circle: Vec<String> =
                scope.included.iter().map(|path| path.display().to_string()).collect();
            circle.push(files[0].display().to_string());
            return Err(reader.error(
                place,
                &at,
                format!("files include each other in a circle: {}", circle.join(" includes ")),
            ));
        }
        let folder = match entry.get("project_directory").and_then(Node::as_str) {
            Some(folder) => join(&scope.folder, folder),
            None => files[0].parent().unwrap_or(&scope.folder).to_owned(),
        };
        let environment = environment(reader, entry, &folder, scope, place, &at)?;
        let mut included = scope.included.clone();
        included.push(file.to_owned());
        let inner = Scope { shown: relative(&scope.folder, &folder), folder, environment, included };
        let imported = load(reader, &files, &inner, true).map_err(|error| match error.position {
            Some(_) => error,
            None => {
                let missing = error.missing;
                let named = reader.error(place, &at, error.message);
                if missing { named.missing() } else { named }
            }
        })?;
        import(reader, tree, imported)?;
    }
    Ok(())
}

/// The variables for the included files: those from outside, then those of the environment files that it names.
fn environment(
    reader: &Reader<'_>,
    entry: &Node,
    folder: &Path,
    scope: &Scope,
    place: Span,
    at: &[&str],
) -> Result<std::collections::BTreeMap<String, String>, ComposeError> {
    let files: Vec<PathBuf> = match entry.get("env_file") {
        Some(node) => texts(node).iter().map(|path| join(&scope.folder, path)).collect(),
        None => [folder.join(".env")].into_iter().filter(|path| reader.files.is_file(path)).collect(),
    };
    let mut found = std::collections::BTreeMap::new();
    let lookup = |name: &str| scope.environment.get(name).cloned();
    for path in files {
        let text = reader
            .files
            .read(&path)
            .map_err(|error| reader.error(place, at, format!("cannot read {}: {error}", path.display())))?;
        dotenv::parse(&text, &mut found, &lookup).map_err(|error| reader.dotenv_error(&path, &error))?;
    }
    found.extend(scope.environment.clone());
    Ok(found)
}

fn texts(node: &Node) -> Vec<String> {
    match &node.value {
        Value::String(text) => vec![text.clone()],
        Value::List(list) => list.iter().filter_map(Node::text).collect(),
        _ => Vec::new(),
    }
}

/// What this file says of an imported thing is laid over it.
fn import(reader: &Reader<'_>, tree: &mut Node, imported: Node) -> Result<(), ComposeError> {
    let (Some(target), Value::Map(source)) = (tree.as_map_mut(), imported.value) else { return Ok(()) };
    for (section, node) in source {
        if !matches!(section.as_str(), "services" | "volumes" | "networks" | "secrets" | "configs" | "models")
        {
            continue;
        }
        let key = node.key;
        let span = node.span;
        let Value::Map(things) = node.value else { continue };
        let here = target
            .entry(section.clone())
            .or_insert_with(|| Node { key, ..Node::new(Value::Map(Map::new()), span) });
        if here.is_null() {
            here.value = Value::Map(Map::new());
        }
        let Some(here) = here.as_map_mut() else { continue };
        for (name, thing) in things {
            let joined = match here.shift_remove(&name) {
                None => thing,
                Some(own) if own == thing => thing,
                Some(own) => {
                    let key = own.key;
                    let merged =
                        merge(thing, own, &[&section, &name]).map_err(|clash| reader.clash(clash))?;
                    Node { key, ..merged }
                }
            };
            here.insert(name, joined);
        }
    }
    Ok(())
}
