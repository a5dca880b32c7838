//! Go's text/template, as far as users of `--format` need it, over JSON values.
//!
//! Actions, pipelines, variables, `if`, `range`, `with`, comments, trim markers, Go's functions and Docker's.
//! Not here: named templates (`define`, `template`, `block`).

mod evaluate;
mod fields;
mod functions;
mod lex;
mod parse;
mod print;
mod printf;
#[cfg(test)]
mod tests;

use serde_json::Value;
use teu_api::Failure;

/// Answers a field that is called like a method on the outermost value (`.Label "key"`); `None` when there is
/// none of that name.
pub type Methods<'a> = &'a dyn Fn(&str, &[Value]) -> Option<Value>;

/// A template that has been parsed.
#[derive(Debug)]
pub struct Template {
    nodes: Vec<parse::Node>,
    fields: Option<Vec<String>>,
}

impl Template {
    /// Parses a template. The error reads as Docker's: `template parsing error: …`.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let nodes = parse::parse(text).map_err(|error| {
            Failure::usage(format!("template parsing error: {error}"))
                .hint("see 'teu ps --format' for an example: '{{.ID}} {{.Names}}'")
        })?;
        Ok(Self { fields: fields::named(&nodes), nodes })
    }

    /// Whether rendering may look at this field of the outermost value.
    pub fn asks_for(&self, field: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.iter().any(|asked| asked == field))
    }

    /// Renders the template over a value.
    pub fn render(&self, value: &Value) -> Result<String, Failure> {
        self.render_with(value, &|_, _| None)
    }

    /// Renders the template over a value that has methods.
    pub fn render_with(&self, value: &Value, methods: Methods<'_>) -> Result<String, Failure> {
        evaluate::render(&self.nodes, value, methods, false).map_err(executing)
    }

    /// Fails where the template asks for a field that the value lacks; whatever else goes wrong depends on values.
    pub(crate) fn check_fields(&self, value: &Value) -> Result<(), Failure> {
        match evaluate::render(&self.nodes, value, &label_heading, false) {
            Err(error) if error.contains(evaluate::NO_FIELD) => Err(executing(error)),
            _ => Ok(()),
        }
    }

    /// Renders a table's heading: functions hand their first argument through, and a field without a heading is
    /// its own.
    pub(crate) fn render_heading(&self, headings: &Value) -> Result<String, Failure> {
        evaluate::render(&self.nodes, headings, &label_heading, true).map_err(executing)
    }
}

/// `.Label "com.example.front-end"` is headed `front end`, as Docker has it.
fn label_heading(method: &str, arguments: &[Value]) -> Option<Value> {
    match (method, arguments) {
        ("Label", [Value::String(key)]) => {
            let last = key.rsplit('.').next().unwrap_or(key);
            Some(Value::String(last.replace(['-', '_'], " ")))
        }
        _ => None,
    }
}

fn executing(error: String) -> Failure {
    Failure::usage(format!("template: {error}")).hint("print all fields with --format '{{json .}}'")
}
