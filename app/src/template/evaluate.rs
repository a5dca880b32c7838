//! Walking the tree.

use super::Methods;
use super::functions::{self, is_true};
use super::parse::{Base, Node, Operand, Pipeline};
use super::print;
use serde_json::Value;
use std::borrow::Cow;

/// Renders nodes over a value. In a heading functions hand their first argument through.
pub(super) fn render(
    nodes: &[Node],
    value: &Value,
    methods: Methods<'_>,
    heading: bool,
) -> Result<String, String> {
    let mut walk = Walk {
        root: value,
        methods,
        heading,
        variables: vec![("$".to_owned(), Cow::Borrowed(value))],
        out: String::new(),
    };
    walk.nodes(nodes, value)?;
    Ok(walk.out)
}

/// Whether a loop goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

/// What an error says where a value lacks a field.
pub(super) const NO_FIELD: &str = "map has no entry for key";

struct Walk<'a> {
    root: &'a Value,
    methods: Methods<'a>,
    heading: bool,
    variables: Vec<(String, Cow<'a, Value>)>,
    out: String,
}

impl<'a> Walk<'a> {
    fn nodes(&mut self, nodes: &[Node], dot: &Value) -> Result<Flow, String> {
        for node in nodes {
            let flow = match node {
                Node::Text(text) => {
                    self.out.push_str(text);
                    Flow::On
                }
                Node::Print(pipeline) => {
                    let value = self.pipeline(pipeline, dot)?.into_owned();
                    if pipeline.variables.is_empty() {
                        print::write(&value, &mut self.out);
                    } else {
                        self.set(pipeline, 0, value);
                    }
                    Flow::On
                }
                Node::If(pipeline, body, otherwise) => {
                    let depth = self.variables.len();
                    let value = self.pipeline(pipeline, dot)?.into_owned();
                    let chosen = if is_true(&value) { body } else { otherwise };
                    self.set(pipeline, 0, value);
                    let flow = self.nodes(chosen, dot)?;
                    self.variables.truncate(depth);
                    flow
                }
                Node::With(pipeline, body, otherwise) => {
                    let depth = self.variables.len();
                    let value = self.pipeline(pipeline, dot)?.into_owned();
                    self.set(pipeline, 0, value.clone());
                    let flow =
                        if is_true(&value) { self.nodes(body, &value)? } else { self.nodes(otherwise, dot)? };
                    self.variables.truncate(depth);
                    flow
                }
                Node::Range(pipeline, body, otherwise) => self.range(pipeline, body, otherwise, dot)?,
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn range(
        &mut self,
        pipeline: &Pipeline,
        body: &[Node],
        otherwise: &[Node],
        dot: &Value,
    ) -> Result<Flow, String> {
        let value = self.pipeline(pipeline, dot)?.into_owned();
        let items: Vec<(Value, Value)> = match value {
            Value::Array(items) => {
                items.into_iter().enumerate().map(|(index, item)| (index.into(), item)).collect()
            }
            Value::Object(map) => {
                let mut items: Vec<_> =
                    map.into_iter().map(|(key, item)| (Value::String(key), item)).collect();
                items.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
                items
            }
            Value::Number(number) if number.is_i64() => {
                // A slip must not fill the memory.
                (0..number.as_i64().unwrap_or(0).min(1_000_000))
                    .map(|index| (index.into(), index.into()))
                    .collect()
            }
            Value::Null => Vec::new(),
            other => return Err(format!("range can't iterate over {}", print::text(&other))),
        };
        if items.is_empty() {
            return self.nodes(otherwise, dot);
        }
        let depth = self.variables.len();
        for (key, item) in items {
            match pipeline.variables.len() {
                1 => self.set(pipeline, 0, item.clone()),
                2 => {
                    self.set(pipeline, 0, key);
                    self.set(pipeline, 1, item.clone());
                }
                _ => {}
            }
            let flow = self.nodes(body, &item)?;
            self.variables.truncate(depth);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    /// Sets one of a pipeline's variables, if it has it.
    fn set(&mut self, pipeline: &Pipeline, index: usize, value: Value) {
        let Some(name) = pipeline.variables.get(index) else { return };
        if pipeline.declares {
            self.variables.push((name.clone(), Cow::Owned(value)));
        } else if let Some(place) = self.variables.iter_mut().rev().find(|(other, _)| other == name) {
            place.1 = Cow::Owned(value);
        }
    }

    fn pipeline<'d>(&self, pipeline: &Pipeline, dot: &'d Value) -> Result<Cow<'d, Value>, String>
    where
        'a: 'd,
    {
        let mut value: Option<Cow<'d, Value>> = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, dot, value)?);
        }
        Ok(value.unwrap_or(Cow::Owned(Value::Null)))
    }

    /// Calls the first word with the others and, last, what came down the pipe.
    fn command<'d>(
        &self,
        command: &[Operand],
        dot: &'d Value,
        piped: Option<Cow<'d, Value>>,
    ) -> Result<Cow<'d, Value>, String>
    where
        'a: 'd,
    {
        let Some((first, rest)) = command.split_first() else { return Ok(Cow::Owned(Value::Null)) };
        if let Base::Function(name) = &first.base {
            return self
                .function(name, rest, dot, piped)
                .and_then(|value| self.fields(value, &first.fields, first));
        }
        if rest.is_empty() && piped.is_none() {
            return self.operand(first, dot);
        }
        let mut arguments = rest
            .iter()
            .map(|operand| Ok(self.operand(operand, dot)?.into_owned()))
            .collect::<Result<Vec<_>, String>>()?;
        arguments.extend(piped.map(Cow::into_owned));
        // Only a field of the outermost value can be a method.
        if let (Base::Dot | Base::Variable(_), [method]) = (&first.base, first.fields.as_slice())
            && (std::ptr::eq(dot, self.root) || first.base == Base::Variable("$".to_owned()))
            && let Some(value) = (self.methods)(method, &arguments)
        {
            return Ok(Cow::Owned(value));
        }
        if self.heading {
            return self.operand(first, dot).or_else(|_| Ok(Cow::Owned(arguments.swap_remove(0))));
        }
        Err(format!(
            "executing \"\" at <{}>: {} has arguments but cannot be invoked as function",
            shown(first),
            shown(first)
        ))
    }

    fn function<'d>(
        &self,
        name: &str,
        words: &[Operand],
        dot: &'d Value,
        piped: Option<Cow<'d, Value>>,
    ) -> Result<Cow<'d, Value>, String>
    where
        'a: 'd,
    {
        if self.heading
            && !matches!(
                name,
                "and"
                    | "or"
                    | "not"
                    | "eq"
                    | "ne"
                    | "lt"
                    | "le"
                    | "gt"
                    | "ge"
                    | "print"
                    | "printf"
                    | "println"
            )
        {
            let first = words.first().map(|word| self.operand(word, dot)).transpose()?;
            return Ok(piped.or(first).unwrap_or(Cow::Owned(Value::Null)));
        }
        // These stop at the first word that decides, so that a later one may be missing.
        if matches!(name, "and" | "or") {
            let mut last = None;
            for word in words {
                let value = self.operand(word, dot)?;
                let decides = is_true(&value) == (name == "or");
                last = Some(value);
                if decides {
                    break;
                }
            }
            let decided = last.as_ref().is_some_and(|value| is_true(value) == (name == "or"));
            return match (decided, piped, last) {
                (false, Some(piped), _) => Ok(piped),
                (_, _, Some(last)) => Ok(last),
                (_, _, None) => Err(format!("wrong number of args for {name}: want at least 1 got 0")),
            };
        }
        let mut arguments = words
            .iter()
            .map(|word| Ok(self.operand(word, dot)?.into_owned()))
            .collect::<Result<Vec<_>, String>>()?;
        arguments.extend(piped.map(Cow::into_owned));
        functions::call(name, &arguments)
            .map(Cow::Owned)
            .map_err(|error| format!("executing \"\" at <{name}>: {error}"))
    }

    fn operand<'d>(&self, operand: &Operand, dot: &'d Value) -> Result<Cow<'d, Value>, String>
    where
        'a: 'd,
    {
        let value = match &operand.base {
            Base::Dot => {
                if let [method] = operand.fields.as_slice()
                    && std::ptr::eq(dot, self.root)
                    && dot.get(method).is_none()
                    && let Some(value) = (self.methods)(method, &[])
                {
                    return Ok(Cow::Owned(value));
                }
                Cow::Borrowed(dot)
            }
            Base::Variable(name) => {
                let found = self.variables.iter().rev().find(|(other, _)| other == name);
                let value = found.map(|(_, value)| value.clone());
                value.ok_or_else(|| format!("executing \"\" at <{name}>: undefined variable: {name}"))?
            }
            Base::Constant(value) => Cow::Owned(value.clone()),
            Base::Function(name) => self.function(name, &[], dot, None)?,
            Base::Group(pipeline) => self.pipeline(pipeline, dot)?,
        };
        self.fields(value, &operand.fields, operand)
    }

    /// Follows fields. A missing key of what looks like a map is no value; a missing field is an error.
    fn fields<'d>(
        &self,
        mut value: Cow<'d, Value>,
        fields: &[String],
        operand: &Operand,
    ) -> Result<Cow<'d, Value>, String> {
        for field in fields {
            let next = match &value {
                Cow::Borrowed(Value::Object(map)) => map.get(field).map(Cow::Borrowed),
                Cow::Owned(Value::Object(map)) => map.get(field).cloned().map(Cow::Owned),
                _ => None,
            };
            value = match next {
                Some(next) => next,
                None if self.heading => Cow::Owned(Value::String(field.clone())),
                None => match &*value {
                    Value::Object(map) if !looks_like_struct(map) => Cow::Owned(Value::Null),
                    Value::Object(_) => {
                        return Err(format!("executing \"\" at <{}>: {NO_FIELD} {field:?}", shown(operand)));
                    }
                    Value::Null => {
                        return Err(format!(
                            "executing \"\" at <{}>: nil data; no entry for key {field:?}",
                            shown(operand)
                        ));
                    }
                    other => {
                        let what = print::text(other);
                        return Err(format!(
                            "executing \"\" at <{}>: can't evaluate field {field} in {what:?}",
                            shown(operand)
                        ));
                    }
                },
            };
        }
        Ok(value)
    }
}

/// Whether an object stands for a Go struct: it has fields, and all are exported names.
fn looks_like_struct(map: &serde_json::Map<String, Value>) -> bool {
    !map.is_empty()
        && map.keys().all(|key| {
            key.starts_with(|c: char| c.is_ascii_uppercase())
                && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

fn shown(operand: &Operand) -> String {
    let base = match &operand.base {
        Base::Dot if operand.fields.is_empty() => ".".to_owned(),
        Base::Dot => String::new(),
        Base::Variable(name) | Base::Function(name) => name.clone(),
        Base::Constant(value) => value.to_string(),
        Base::Group(_) => "(...)".to_owned(),
    };
    operand.fields.iter().fold(base, |text, field| format!("{text}.{field}"))
}
