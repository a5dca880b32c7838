//! Files read, with their variables filled in, each thing at its place.

use crate::canonical;
use crate::dotenv::DotenvError;
use crate::error::{ComposeError, Position};
use crate::files::Files;
use crate::merge::{Clash, merge};
use crate::promote::promote;
use crate::template::{Variable, substitute, variables};
use crate::unique::unique;
use crate::yaml::{Map, Node, Span, Value, parse, path_text};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

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

/// Reads files and remembers what it meets on the way.
pub(crate) struct Reader<'a> {
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

impl<'a> Reader<'a> {
    /// A reader that shows file names as seen from `root`.
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
        ComposeError { position: self.position(span), ..ComposeError::new(message).at(path_text(path)) }
    }

    /// The place that a span begins at; none for what stands in no file.
    pub fn position(&self, span: Span) -> Option<Position> {
        (span.line > 0).then(|| Position {
            file: self.names.get(usize::from(span.file)).cloned().unwrap_or_default(),
            line: span.line,
            column: span.column,
        })
    }

    pub fn clash(&self, clash: Clash) -> ComposeError {
        self.error(clash.span, &[], clash.message).at(clash.path)
    }

    pub fn dotenv_error(&self, file: &Path, error: &DotenvError) -> ComposeError {
        let position = Position { file: self.shown(file), line: error.line, column: 1 };
        ComposeError { position: Some(position), ..ComposeError::new(error.message.clone()) }
    }

    /// The name of a file as shown.
    pub fn shown(&self, path: &Path) -> String {
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

    /// Fills in the variables of a document, which must be a mapping, and gives keys their names of today.
    pub fn prepare(&mut self, document: &mut Node, scope: &Scope) -> Result<(), ComposeError> {
        if document.as_map().is_none() {
            return Err(self.error(
                document.span,
                &[],
                format!("the file must be a mapping at the top, not {}", document.kind()),
            ));
        }
        self.fill_in(document, &[], scope)?;
        promote(document).map_err(|clash| self.clash(clash))
    }

    /// Brings every short form into its long one.
    pub fn expand(&self, tree: &mut Node) -> Result<(), ComposeError> {
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
}
