//! Services that build on others.

use crate::error::{ComposeError, did_you_mean};
use crate::merge::merge;
use crate::paths::{Base, is_remote, join, relative, resolve};
use crate::reader::{Reader, Scope};
use crate::yaml::{Map, Node, Span, Value};

/// A service that is being extended: its file and its name.
type Step = (String, String);

/// The most services that may extend each other in a row.
const CHAIN_MAX: usize = 50;

/// Lays every service over the one that it extends.
pub(crate) fn apply(
    reader: &mut Reader<'_>,
    tree: &mut Node,
    file: &str,
    scope: &Scope,
) -> Result<(), ComposeError> {
    let Some(names) =
        tree.get("services").and_then(Node::as_map).map(|map| map.keys().cloned().collect::<Vec<_>>())
    else {
        return Ok(());
    };
    for name in names {
        let Some(services) = tree.get_mut("services").and_then(Node::as_map_mut) else { break };
        extend(reader, services, &name, file, scope, &[])?;
    }
    Ok(())
}

fn extend(
    reader: &mut Reader<'_>,
    services: &mut Map,
    name: &str,
    file: &str,
    scope: &Scope,
    steps: &[Step],
) -> Result<(), ComposeError> {
    let Some(extends) = services.get(name).and_then(|service| service.get("extends")).cloned() else {
        return Ok(());
    };
    let path = ["services", name, "extends"];
    let place = extends.place();
    let fail = |reader: &Reader<'_>, message: String| reader.error(place, &path, message);
    let (target, other_file) = match &extends.value {
        Value::String(target) => (target.clone(), None),
        Value::Map(_) => {
            let target = extends.get("service").and_then(Node::as_str);
            let Some(target) = target else { return Err(fail(reader, "`service` is missing".into())) };
            (target.to_owned(), extends.get("file").and_then(Node::as_str).map(str::to_owned))
        }
        _ => return Err(fail(reader, format!("must be a string or a mapping, not {}", extends.kind()))),
    };

    let mut foreign = None;
    if let Some(other) = &other_file {
        foreign = Some(load_other(reader, other, scope, place, name)?);
    }
    let shown = other_file.clone().unwrap_or_else(|| file.to_owned());
    // The service itself, and not its target, is what closes a circle.
    let step = (file.to_owned(), name.to_owned());
    if steps.contains(&step) {
        let circle: Vec<String> =
            steps.iter().chain([&step]).map(|(file, name)| format!("{name} in {file}")).collect();
        return Err(fail(
            reader,
            format!("services extend each other in a circle: {}", circle.join(", which extends ")),
        ));
    }
    if steps.len() > CHAIN_MAX {
        return Err(fail(reader, format!("more than {CHAIN_MAX} services extend each other in a row")));
    }
    let mut steps = steps.to_vec();
    steps.push(step);

    let others = foreign.as_mut().unwrap_or(services);
    if !others.contains_key(&target) {
        let hint = did_you_mean(&target, others.keys().map(String::as_str));
        return Err(fail(reader, format!("there is no service `{target}` in {shown}")).hint(hint));
    }
    extend(reader, others, &target, &shown, scope, &steps)?;
    let base = others.get(&target).cloned().unwrap_or_else(|| Node::null(Span::default()));

    let Some(service) = services.get_mut(name) else { return Ok(()) };
    let mut own = std::mem::replace(service, Node::null(place));
    let key = own.key;
    if let Some(map) = own.as_map_mut() {
        map.shift_remove("extends");
    }
    let merged = if base.is_null() {
        own
    } else {
        merge(base, own, &["services", name]).map_err(|clash| reader.clash(clash))?
    };
    *service = Node { key, ..merged };
    Ok(())
}

/// The services of another file, with their paths as seen from here.
fn load_other(
    reader: &mut Reader<'_>,
    other: &str,
    scope: &Scope,
    place: Span,
    name: &str,
) -> Result<Map, ComposeError> {
    if is_remote(other) {
        let message = format!(
            "`{other}` is not on this machine, and only services of this machine's files can be extended"
        );
        return Err(reader.error(place, &["services", name, "extends", "file"], message));
    }
    let path = join(&scope.folder, other);
    let mut tree = reader.load_plain(&path, scope).map_err(|error| match error.position {
        Some(_) => error,
        None => {
            let missing = error.missing;
            let named = reader.error(place, &["services", name, "extends", "file"], error.message);
            if missing { named.missing() } else { named }
        }
    })?;
    let home = scope.environment.get("HOME").cloned();
    let folder = relative(&scope.folder, path.parent().unwrap_or(&scope.folder));
    resolve(&mut tree, &[], &Base { folder: &folder, home: home.as_deref() });
    match tree.get_mut("services").and_then(Node::as_map_mut) {
        Some(services) => Ok(std::mem::take(services)),
        None => Err(reader.error(
            place,
            &["services", name, "extends", "file"],
            format!("{other} has no services"),
        )),
    }
}
