//! From text to trees: anchors, aliases, merge keys and tags are dissolved here, duplicate keys and bombs refused.

use super::scalar::resolve;
use super::{Directive, Map, Node, Span, Value};
use granit_parser::{Event, Parser, ScalarStyle};
use std::collections::HashMap;

/// The most nodes that one file may unfold to: far above real projects, far below what hurts.
const NODES_MAX: usize = 200_000;
/// The deepest nesting.
const DEPTH_MAX: usize = 100;

/// Why a file is not good YAML, and where.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub span: Span,
    pub message: String,
    pub hint: &'static str,
}

/// The documents of a file; one that is empty is left out.
pub(crate) fn parse(text: &str, file: u16) -> Result<Vec<Node>, Malformed> {
    let mut builder =
        Builder { file, open: Vec::new(), anchors: HashMap::new(), documents: Vec::new(), nodes: 0 };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Malformed {
            span: place(file, error.marker().line(), error.marker().col()),
            message: format!("not valid YAML: {}", error.info()),
            hint: "",
        })?;
        builder.take(event, place(file, span.start.line(), span.start.col()))?;
    }
    Ok(builder.documents)
}

fn place(file: u16, line: usize, column: usize) -> Span {
    let narrow = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span { file, line: narrow(line), column: narrow(column + 1) }
}

/// A collection whose end has not come yet.
struct Open {
    node: Node,
    anchor: usize,
    /// A mapping's key that waits for its value.
    key: Option<(String, Span)>,
    /// The values of `<<`, joined when the mapping ends so that its own keys win.
    merges: Vec<Node>,
}

struct Builder {
    file: u16,
    open: Vec<Open>,
    /// Anchored nodes and how many nodes each one is.
    anchors: HashMap<usize, (Node, usize)>,
    documents: Vec<Node>,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Malformed> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| Tag::new(tag.core_suffix(), tag.suffix()));
                let plain = style == ScalarStyle::Plain;
                let value = match tag.as_ref() {
                    Some(Tag::Core(suffix)) if suffix == "str" => Value::String(text.into_owned()),
                    Some(Tag::Core(suffix))
                        if matches!(suffix.as_str(), "int" | "float" | "bool" | "null") =>
                    {
                        resolve(&text)
                    }
                    _ if plain => resolve(&text),
                    _ => Value::String(text.into_owned()),
                };
                let mut node = Node::new(value, span);
                node.directive = tag.and_then(Tag::directive);
                self.count(1, span)?;
                if anchor > 0 {
                    self.anchors.insert(anchor, (node.clone(), 1));
                }
                self.add(node)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let directive = tag.and_then(|tag| Tag::new(tag.core_suffix(), tag.suffix()).directive());
                self.start(Value::List(Vec::new()), anchor, directive, span)
            }
            Event::MappingStart(_, anchor, tag) => {
                let directive = tag.and_then(|tag| Tag::new(tag.core_suffix(), tag.suffix()).directive());
                self.start(Value::Map(Map::new()), anchor, directive, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.malformed(span, "this alias refers to a node that contains it", ""));
                };
                self.count(size, span)?;
                self.add(node)
            }
            _ => Ok(()),
        }
    }

    fn malformed(&self, span: Span, message: impl Into<String>, hint: &'static str) -> Malformed {
        Malformed { span: Span { file: self.file, ..span }, message: message.into(), hint }
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Malformed> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > NODES_MAX {
            return Err(self.malformed(
                span,
                format!("the file unfolds to more than {NODES_MAX} nodes"),
                "aliases of aliases grow without bound",
            ));
        }
        Ok(())
    }

    fn start(
        &mut self,
        value: Value,
        anchor: usize,
        directive: Option<Directive>,
        span: Span,
    ) -> Result<(), Malformed> {
        if self.open.len() >= DEPTH_MAX {
            return Err(self.malformed(span, format!("nested deeper than {DEPTH_MAX} levels"), ""));
        }
        self.count(1, span)?;
        let mut node = Node::new(value, span);
        node.directive = directive;
        self.open.push(Open { node, anchor, key: None, merges: Vec::new() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let Some(mut open) = self.open.pop() else { return Ok(()) };
        for merge in std::mem::take(&mut open.merges) {
            let span = merge.span;
            if !merge_into(&mut open.node, merge) {
                return Err(self.malformed(
                    span,
                    "`<<` merges mappings only",
                    "write `<<: *anchor` where the anchor is on a mapping",
                ));
            }
        }
        if open.anchor > 0 {
            let size = size(&open.node);
            // The copy for later aliases counts as well: nested anchors would otherwise keep a copy for every level.
            self.count(size, open.node.span)?;
            self.anchors.insert(open.anchor, (open.node.clone(), size));
        }
        self.add(open.node)
    }

    /// Puts a finished node where it belongs: into the open collection, or among the documents.
    fn add(&mut self, node: Node) -> Result<(), Malformed> {
        let Some(parent) = self.open.last_mut() else {
            if !node.is_null() {
                self.documents.push(node);
            }
            return Ok(());
        };
        match &mut parent.node.value {
            Value::List(list) => list.push(node),
            Value::Map(map) => match parent.key.take() {
                None => {
                    let Some(key) = node.text().or_else(|| node.is_null().then(|| "null".to_owned())) else {
                        let message = format!("a key must be a string, not {}", node.kind());
                        return Err(Malformed {
                            span: node.span,
                            message,
                            hint: "quote it if it is meant as text",
                        });
                    };
                    if key != "<<" && map.contains_key(&key) {
                        let first = map[&key].key.line;
                        let message = format!("the key `{key}` is already there, on line {first}");
                        return Err(Malformed {
                            span: node.span,
                            message,
                            hint: "a key may stand only once in a mapping",
                        });
                    }
                    parent.key = Some((key, node.span));
                }
                Some((key, _)) if key == "<<" => parent.merges.push(node),
                Some((key, span)) => {
                    map.insert(key, Node { key: span, ..node });
                }
            },
            _ => {}
        }
        Ok(())
    }
}

/// A tag of the source.
enum Tag {
    Core(String),
    Local(String),
}

impl Tag {
    fn new(core: Option<&str>, suffix: &str) -> Self {
        core.map_or_else(|| Self::Local(suffix.to_owned()), |core| Self::Core(core.to_owned()))
    }

    fn directive(self) -> Option<Directive> {
        match self {
            Self::Local(tag) if tag == "reset" => Some(Directive::Reset),
            Self::Local(tag) if tag == "override" => Some(Directive::Override),
            _ => None,
        }
    }
}

/// Adds the keys of a merged mapping, or of several, that are not there yet.
fn merge_into(node: &mut Node, merge: Node) -> bool {
    let Some(map) = node.as_map_mut() else { return false };
    match merge.value {
        Value::Map(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
            true
        }
        Value::List(list) => {
            list.into_iter().all(|item| matches!(item.value, Value::Map(_)) && merge_into(node, item))
        }
        Value::Null => true,
        _ => false,
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Map(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        parse(text, 0).unwrap().remove(0)
    }

    #[test]
    fn anchors_and_merge_keys_dissolve() {
        let node = one("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\nc:\n  <<: [*x, {m: 4}]\n");
        assert_eq!(
            node.to_json().to_string(),
            r#"{"a":{"k":1,"l":2},"b":{"l":3,"k":1},"c":{"k":1,"l":2,"m":4}}"#
        );
    }

    #[test]
    fn tags_become_directives() {
        let node = one("a: !reset null\nb: !override [1]\nc: !!str 80\n");
        assert_eq!(node.get("a").unwrap().directive, Some(Directive::Reset));
        assert_eq!(node.get("b").unwrap().directive, Some(Directive::Override));
        assert_eq!(node.get("c").unwrap().as_str(), Some("80"));
    }

    #[test]
    fn duplicate_keys_are_refused_with_their_place() {
        let error = parse("a: 1\nb:\n  c: 1\n  c: 2\n", 0).unwrap_err();
        assert_eq!((error.span.line, error.span.column), (4, 3));
        assert!(error.message.contains("on line 3"), "{}", error.message);
    }

    #[test]
    fn bombs_are_refused() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let below = level - 1;
            let aliases = vec![format!("*a{below}"); 10].join(",");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(parse(&text, 0).unwrap_err().message.contains("unfolds"));
        let deep = format!("{}{}", "[".repeat(150), "]".repeat(150));
        assert!(parse(&deep, 0).is_err());
    }

    #[test]
    fn a_self_reference_is_refused() {
        assert!(parse("a: &a\n  b: *a\n", 0).is_err());
    }

    #[test]
    fn several_documents_are_kept_and_empty_ones_dropped() {
        assert_eq!(parse("a: 1\n---\nb: 2\n---\n", 0).unwrap().len(), 2);
    }
}
