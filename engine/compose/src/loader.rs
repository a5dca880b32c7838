//! From files to one tree: read, include, extend, merge, check, expand.

use crate::error::ComposeError;
use crate::merge::{merge, strip};
use crate::paths::{Base, resolve};
use crate::reader::{Reader, Scope};
use crate::unique::unique;
use crate::yaml::{Map, Node, Span, Value};
use crate::{defaults, extends, include, rules, schema};
use std::path::{Path, PathBuf};

/// The most services of a project; what walks along their dependencies need not fear for its stack.
const SERVICES_MAX: usize = 2000;

/// One model from several files, each laid over those before it. With `resolve_paths`, paths start from the scope's
/// folder as the including project sees it.
pub(crate) fn load_model(
    reader: &mut Reader<'_>,
    paths: &[PathBuf],
    scope: &Scope,
    resolve_paths: bool,
) -> Result<Node, ComposeError> {
    let mut tree = Node::new(Value::Map(Map::new()), Span::default());
    for path in paths {
        tree = load_file(reader, path, scope, tree)?;
    }
    // An empty file may be laid over another, but says nothing on its own.
    if tree.as_map().is_none_or(Map::is_empty)
        && let Some(path) = paths.first()
    {
        return Err(ComposeError::new(format!("{} is empty", reader.shown(path))));
    }
    defaults::fill(&mut tree);
    rules::check(reader, &tree)?;
    if resolve_paths {
        let home = scope.environment.get("HOME").cloned();
        resolve(&mut tree, &[], &Base { folder: &scope.shown, home: home.as_deref() });
    }
    if reader.interpolate {
        defaults::resolve_environment(&mut tree, &scope.environment);
        defaults::resolve_contents(&mut tree, &scope.environment);
    }
    Ok(tree)
}

fn load_file(
    reader: &mut Reader<'_>,
    path: &Path,
    scope: &Scope,
    mut tree: Node,
) -> Result<Node, ComposeError> {
    let documents = reader.documents(path)?;
    let shown = reader.shown(path);
    for mut document in documents {
        reader.prepare(&mut document, scope)?;
        include::apply(reader, &mut document, path, scope, &mut load_model)?;
        extends::apply(reader, &mut document, &shown, scope)?;
        tree = merge(tree, document, &[]).map_err(|clash| reader.clash(clash))?;
        strip(&mut tree);
        let services = tree.get("services").and_then(Node::as_map).map_or(0, Map::len);
        if services > SERVICES_MAX {
            return Err(ComposeError::new(format!(
                "{shown} makes a project of more than {SERVICES_MAX} services"
            )));
        }
        unique(&mut tree, &[]).map_err(|clash| reader.clash(clash))?;
        schema::check(&tree, &schema::PROJECT, &[])
            .map_err(|wrong| reader.error(wrong.span, &[], wrong.message).at(wrong.path).hint(wrong.hint))?;
        if tree.as_map_mut().and_then(|map| map.shift_remove("version")).is_some() {
            reader
                .warnings
                .push(format!("{shown}: the attribute `version` is obsolete and has no effect; remove it"));
        }
        reader.expand(&mut tree)?;
    }
    Ok(tree)
}
