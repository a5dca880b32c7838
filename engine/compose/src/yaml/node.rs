//! The tree.

use super::{Moment, number_text};
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::borrow::Cow;

/// Where a node begins: a file by its number, a line and a column from 1. Line 0: nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Span {
    pub file: u16,
    pub line: u32,
    pub column: u32,
}

/// What a tag of the Compose Specification asks of a merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Directive {
    /// `!reset`: what stood there before goes, and nothing takes its place.
    Reset,
    /// `!override`: this takes the place of what stood there before, unmerged.
    Override,
}

/// A mapping in the order of the file.
pub(crate) type Map = IndexMap<String, Node>;

/// A node's content.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(String),
    /// A date, with or without a time, that was written without quotes.
    Time(Moment),
    List(Vec<Node>),
    Map(Map),
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub value: Value,
    /// Where its content begins.
    pub span: Span,
    /// Where its key begins, if it is a mapping's value.
    pub key: Span,
    pub directive: Option<Directive>,
}

/// Two nodes are equal if their content is, wherever they stood.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.directive == other.directive
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b).is_eq(),
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl Node {
    pub fn new(value: Value, span: Span) -> Self {
        Self { value, span, key: Span::default(), directive: None }
    }

    pub fn string(text: impl Into<String>, span: Span) -> Self {
        Self::new(Value::String(text.into()), span)
    }

    pub fn bool(value: bool, span: Span) -> Self {
        Self::new(Value::Bool(value), span)
    }

    pub fn null(span: Span) -> Self {
        Self::new(Value::Null, span)
    }

    pub fn list(items: Vec<Node>, span: Span) -> Self {
        Self::new(Value::List(items), span)
    }

    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Node)>, span: Span) -> Self {
        Self::new(Value::Map(entries.into_iter().map(|(key, node)| (key.into(), node)).collect()), span)
    }

    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub fn as_list_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?.get_mut(key)
    }

    /// Sets a key of a mapping; does nothing on anything else.
    pub fn set(&mut self, key: &str, node: Node) {
        if let Some(map) = self.as_map_mut() {
            map.insert(key.to_owned(), node);
        }
    }

    /// A scalar as the text it stands for; `None` for null and for collections.
    pub fn text(&self) -> Option<String> {
        match &self.value {
            Value::String(text) => Some(text.clone()),
            Value::Time(moment) => Some(moment.text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Int(value) => Some(value.to_string()),
            Value::Float(value) => Some(number_text(*value)),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What kind of thing it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Time(_) => "a date",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// Where to point a reader at: the key if there is one.
    pub fn place(&self) -> Span {
        if self.key.line > 0 { self.key } else { self.span }
    }

    /// The node as JSON.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(*value),
            Value::Float(value) => Json::from(*value),
            Value::String(text) => Json::from(text.as_str()),
            Value::Time(moment) => Json::from(moment.json.as_str()),
            Value::List(list) => Json::Array(list.iter().map(Node::to_json).collect()),
            Value::Map(map) => {
                Json::Object(map.iter().map(|(key, node)| (key.clone(), node.to_json())).collect())
            }
        }
    }
}

/// A key's path as users write it.
pub(crate) fn path_text(path: &[&str]) -> String {
    path.join(".")
}

/// The path that a key of a hook's container would have in the service: there the same rules hold for it.
pub(crate) fn as_of_service<'a>(path: &'a [&'a str]) -> Cow<'a, [&'a str]> {
    match path {
        ["services", service, "pre_start", _, rest @ ..] if !rest.is_empty() => {
            Cow::Owned([&["services", *service], rest].concat())
        }
        _ => Cow::Borrowed(path),
    }
}
