//! From files to one tree: read, fill in variables, include, extend, merge, check, expand.

use crate::dotenv::DotenvError;
use crate::error::{ComposeError, Position};
use crate::files::Files;
use crate::merge::{Clash, merge, strip};
use crate::paths::{Base, resolve};
use crate::template::{Variable, substitute, variables};
use crate::unique::unique;
use crate::yaml::{Map, Node, Span, Value, parse, path_text};
use crate::{canonical, defaults, extends, include, schema};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// The most services of a project; what walks along their dependencies need not fear for its stack.
const SERVICES_MAX: usize = 2000;

/// What files of one project, or of one included project, have in common.
#[derive(Clone)]
pub(crate) struct Scope {
    /// The folder that file names start from.
    pub folder: PathBuf,
    /// The same folder as seen from the including project.
    pub shown: PathBuf,
    pub environment: BTreeMap<String, String>,
    /// The files on the way here.
    pub included: Vec<PathBuf>,
}

/// Loads files and remembers what it meets on the way.
pub(crate) struct Loader<'a> {
    pub files: &'a dyn Files,
    pub interpolate: bool,
    pub warnings: Vec<String>,
    pub unset: BTreeSet<String>,
    pub variables: BTreeMap<String, Variable>,
    /// The names of files as shown, by number.
    names: Vec<String>,
    documents: HashMap<PathBuf, Vec<Node>>,
    root: PathBuf,
}

impl<'a> Loader<'a> {
    /// A loader that shows file names as seen from `root`.
    pub fn new(files: &'a dyn Files, interpolate: bool, root: &Path) -> Self {
        Self {
            files,
            interpolate,
            warnings: Vec::new(),
            unset: BTreeSet::new(),
            variables: BTreeMap::new(),
            names: vec![String::new()],
            documents: HashMap::new(),
            root: root.to_owned(),
        }
    }

    /// An error at a place.
    pub fn error(&self, span: Span, path: &[&str], message: impl Into<String>) -> ComposeError {
        let position = (span.line > 0).then(|| Position {
            file: self.names.get(usize::from(span.file)).cloned().unwrap_or_default(),
            line: span.line,
            column: span.column,
        });
        ComposeError { position, ..ComposeError::new(message).at(path_text(path)) }
    }

    pub fn clash(&self, clash: Clash) -> ComposeError {
        self.error(clash.span, &[], clash.message).at(clash.path)
    }

    pub fn dotenv_error(&self, file: &Path, error: &DotenvError) -> ComposeError {
        let position = Position { file: self.shown(file), line: error.line, column: 1 };
        ComposeError { position: Some(position), ..ComposeError::new(error.message.clone()) }
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The documents of a file, read once.
    pub fn documents(&mut self, path: &Path) -> Result<Vec<Node>, ComposeError> {
        if let Some(documents) = self.documents.get(path) {
            return Ok(documents.clone());
        }
        let shown = self.shown(path);
        let text = self.files.read(path).map_err(|error| {
            let failed = ComposeError::new(format!("cannot read {shown}: {error}"));
            if error.kind() == std::io::ErrorKind::NotFound { failed.missing() } else { failed }
        })?;
        let number = u16::try_from(self.names.len()).unwrap_or(0);
        self.names.push(shown);
        let documents =
            parse(&text, number).map_err(|bad| self.error(bad.span, &[], bad.message).hint(bad.hint))?;
        self.documents.insert(path.to_owned(), documents.clone());
        Ok(documents)
    }

    /// One model from several files, each laid over those before it. With `resolve_paths`, paths start from the scope's
    /// folder as the including project sees it.
    pub fn load_model(
        &mut self,
        paths: &[PathBuf],
        scope: &Scope,
        resolve_paths: bool,
    ) -> Result<Node, ComposeError> {
        let mut tree = Node::new(Value::Map(Map::new()), Span::default());
        for path in paths {
            tree = self.load_file(path, scope, tree)?;
        }
        defaults::fill(&mut tree);
        self.validate(&tree)?;
        if resolve_paths {
            let home = scope.environment.get("HOME").cloned();
            resolve(&mut tree, &[], &Base { folder: &scope.shown, home: home.as_deref() });
        }
        if self.interpolate {
            defaults::resolve_environment(&mut tree, &scope.environment);
            defaults::resolve_contents(&mut tree, &scope.environment);
        }
        Ok(tree)
    }

    fn load_file(&mut self, path: &Path, scope: &Scope, mut tree: Node) -> Result<Node, ComposeError> {
        let documents = self.documents(path)?;
        let shown = self.shown(path);
        if documents.is_empty() {
            return Err(ComposeError::new(format!("{shown} is empty")));
        }
        for mut document in documents {
            self.prepare(&mut document, scope)?;
            include::apply(self, &mut document, path, scope)?;
            extends::apply(self, &mut document, &shown, scope)?;
            tree = merge(tree, document, &[]).map_err(|clash| self.clash(clash))?;
            strip(&mut tree);
            let services = tree.get("services").and_then(Node::as_map).map_or(0, Map::len);
            if services > SERVICES_MAX {
                return Err(ComposeError::new(format!(
                    "{shown} makes a project of more than {SERVICES_MAX} services"
                )));
            }
            unique(&mut tree, &[]).map_err(|clash| self.clash(clash))?;
            schema::check(&tree, &schema::PROJECT, &[]).map_err(|wrong| {
                self.error(wrong.span, &[], wrong.message).at(wrong.path).hint(wrong.hint)
            })?;
            if tree.as_map_mut().and_then(|map| map.shift_remove("version")).is_some() {
                self.warnings.push(format!(
                    "{shown}: the attribute `version` is obsolete and has no effect; remove it"
                ));
            }
            self.expand(&mut tree)?;
        }
        Ok(tree)
    }

    /// A file on its own, for services that extend one in it: neither included files nor extended services are looked at.
    pub fn load_plain(&mut self, path: &Path, scope: &Scope) -> Result<Node, ComposeError> {
        let mut tree = Node::new(Value::Map(Map::new()), Span::default());
        for mut document in self.documents(path)? {
            self.prepare(&mut document, scope)?;
            tree = merge(tree, document, &[]).map_err(|clash| self.clash(clash))?;
            unique(&mut tree, &[]).map_err(|clash| self.clash(clash))?;
            self.expand(&mut tree)?;
        }
        Ok(tree)
    }

    fn prepare(&mut self, document: &mut Node, scope: &Scope) -> Result<(), ComposeError> {
        if document.as_map().is_none() {
            return Err(self.error(
                document.span,
                &[],
                format!("the file must be a mapping at the top, not {}", document.kind()),
            ));
        }
        self.fill_in(document, &[], scope)
    }

    fn expand(&self, tree: &mut Node) -> Result<(), ComposeError> {
        canonical::expand(tree, !self.interpolate)
            .map_err(|bad| self.error(bad.span, &[], bad.message).at(bad.path))?;
        // The long form shows items to be the same that looked different when they were short.
        unique(tree, &[]).map_err(|clash| self.clash(clash))
    }

    /// Fills in the variables of every value.
    fn fill_in(&mut self, node: &mut Node, path: &[&str], scope: &Scope) -> Result<(), ComposeError> {
        match &mut node.value {
            Value::String(text) if text.contains('$') => {
                variables(text, &mut self.variables);
                if self.interpolate {
                    let lookup = |name: &str| scope.environment.get(name).cloned();
                    match substitute(text, &lookup, &mut self.unset) {
                        Ok(filled) => *text = filled,
                        Err(error) => {
                            return Err(self.error(node.span, path, error.message()).hint(error.hint()));
                        }
                    }
                }
                Ok(())
            }
            Value::Map(map) => map
                .iter_mut()
                .try_for_each(|(key, entry)| self.fill_in(entry, &[path, &[key]].concat(), scope)),
            Value::List(list) => list.iter_mut().enumerate().try_for_each(|(index, entry)| {
                self.fill_in(entry, &[path, &[&index.to_string()]].concat(), scope)
            }),
            _ => Ok(()),
        }
    }

    /// What the schema cannot say.
    fn validate(&self, tree: &Node) -> Result<(), ComposeError> {
        let section = |name: &str| tree.get(name).and_then(Node::as_map).into_iter().flatten();
        for (name, volume) in section("volumes") {
            self.check_external(volume, &["volumes", name])?;
        }
        for (kind, keys) in
            [("configs", &["file", "environment", "content"][..]), ("secrets", &["file", "environment"][..])]
        {
            for (name, object) in section(kind) {
                let path = [kind, name.as_str()];
                self.check_external(object, &path)?;
                let given = keys.iter().filter(|key| object.get(key).is_some()).count();
                let otherwise = object.get("driver").is_some() || object.get("external").is_some();
                if given > 1 {
                    return Err(self.error(
                        object.place(),
                        &path,
                        format!("only one of {} can be set", keys.join(", ")),
                    ));
                }
                if given == 0 && !otherwise {
                    return Err(self.error(
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
                return Err(self.error(
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
                    return Err(self.error(mount.place(), &path, "a bind mount needs a source"));
                }
            }
        }
        Ok(())
    }

    /// A thing made elsewhere cannot be described here.
    fn check_external(&self, node: &Node, path: &[&str]) -> Result<(), ComposeError> {
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
                Err(self.error(other.place(), path, format!("`external` and `{key}` contradict each other")))
            }
            _ => Ok(()),
        }
    }
}
