//! `--format`: `table`, `json`, or a Go template, with or without a table around it.

use super::json;
use super::table::table;
use super::text::{is_safe, safe};
use crate::template::{Methods, Template};
use serde_json::Value;
use std::borrow::Cow;
use teu_api::Failure;

/// One line of a listing: what a template sees, and the labels that `.Label "key"` looks in.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Row {
    /// An object of the fields by their names.
    fields: Value,
    /// The labels.
    labels: std::collections::BTreeMap<String, String>,
}

impl Row {
    /// A row of text fields.
    pub fn new<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut fields: Vec<(String, Value)> =
            fields.into_iter().map(|(name, text)| (name.to_owned(), Value::String(text))).collect();
        // Docker writes a row's JSON with its fields in alphabetical order.
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            fields: Value::Object(fields.into_iter().collect()),
            labels: std::collections::BTreeMap::new(),
        }
    }

    /// A row of those text fields that a format shows; the others are not made. The first one always is: by having
    /// fields a template tells a row, which must have what it asks for, from a map.
    pub fn shown(format: &Format, fields: &[(&str, &dyn Fn() -> String)]) -> Self {
        let first = fields.iter().take(1);
        let others = fields.iter().skip(1).filter(|(name, _)| format.asks_for(name));
        Self::new(first.chain(others).map(|(name, text)| (*name, text())))
    }

    /// Adds a field that is more than a text.
    pub fn insert(&mut self, name: &str, value: Value) {
        if let Value::Object(fields) = &mut self.fields {
            fields.insert(name.to_owned(), value);
            fields.sort_keys();
        }
    }

    /// The row with labels.
    #[must_use]
    pub fn labels(mut self, labels: &std::collections::BTreeMap<String, String>) -> Self {
        self.labels.clone_from(labels);
        self
    }
}

/// How a listing is printed.
#[derive(Debug)]
pub enum Format {
    /// A table with a heading.
    Table(Template),
    /// One line for each row, no heading.
    Lines(Template),
    /// One JSON object a line.
    Json,
}

impl Format {
    /// Reads `--format`. `usual` is the template of the usual table, with cells parted by `\t`; an empty text
    /// and `table` mean it. `quiet` prints `.ID` alone (or what `quiet` names) unless the user gave a template.
    pub fn parse(text: Option<&str>, usual: &str, quiet: Option<&str>) -> Result<Self, Failure> {
        let text = text.unwrap_or_default().trim();
        match (text, quiet) {
            ("" | "table", Some(field)) => return Ok(Self::Lines(Template::parse(field)?)),
            ("" | "table", None) => return Ok(Self::Table(Template::parse(&unescaped(usual))?)),
            ("json", _) => return Ok(Self::Json),
            _ => {}
        }
        if let Some(cells) =
            text.strip_prefix("table").filter(|rest| rest.starts_with([' ', '\t', '\\', '{']))
        {
            return Ok(Self::Table(Template::parse(&unescaped(cells.trim_start()))?));
        }
        Ok(Self::Lines(Template::parse(&unescaped(text))?))
    }

    /// Whether this field is shown.
    pub fn asks_for(&self, field: &str) -> bool {
        match self {
            Self::Table(template) | Self::Lines(template) => template.asks_for(field),
            Self::Json => true,
        }
    }

    /// Prints the rows. `headings` gives the heading of each field.
    pub fn render<'a>(
        &self,
        headings: &[(&str, &str)],
        rows: impl IntoIterator<Item = &'a Row>,
    ) -> Result<String, Failure> {
        let mut text = String::new();
        let mut rows = rows.into_iter().peekable();
        let heading = headings
            .iter()
            .map(|(field, heading)| ((*field).to_owned(), Value::String((*heading).to_owned())))
            .collect();
        let heading = Value::Object(heading);
        match self {
            // A field that there is not is told even where there is nothing to print.
            Self::Lines(template) if rows.peek().is_none() => {
                template.check_fields(&heading)?;
            }
            Self::Json => {
                for row in rows {
                    text.push_str(&json::compact(&row.fields));
                    text.push('\n');
                }
            }
            Self::Lines(template) => {
                for row in rows {
                    text.push_str(&line(template, row)?);
                    text.push('\n');
                }
            }
            Self::Table(template) => {
                let cells =
                    |line: &str| line.split('\t').map(|cell| safe(cell).into_owned()).collect::<Vec<_>>();
                let mut lines = vec![cells(&template.render_heading(&heading)?)];
                for row in rows {
                    lines.push(cells(&line(template, row)?));
                }
                text = table(&lines);
            }
        }
        Ok(text)
    }
}

fn line(template: &Template, row: &Row) -> Result<String, Failure> {
    let label = |name: &str, arguments: &[Value]| match (name, arguments) {
        ("Label", [Value::String(key)]) => {
            Some(Value::String(row.labels.get(key).map(|value| safe(value).into_owned()).unwrap_or_default()))
        }
        _ => None,
    };
    let methods: Methods<'_> = &label;
    template.render_with(&clean(&row.fields), methods)
}

/// Escapes the control characters of a stranger's text before a template lays it out.
fn clean(row: &Value) -> Cow<'_, Value> {
    let Value::Object(fields) = row else { return Cow::Borrowed(row) };
    if fields.values().all(|value| value.as_str().is_none_or(is_safe)) {
        return Cow::Borrowed(row);
    }
    let clean = |value: &Value| match value {
        Value::String(text) => Value::String(safe(text).into_owned()),
        other => other.clone(),
    };
    Cow::Owned(fields.iter().map(|(name, value)| (name.clone(), clean(value))).collect())
}

/// Shells hand `\t` and `\n` over as two letters each; Docker reads them as one.
fn unescaped(text: &str) -> String {
    text.replace("\\t", "\t").replace("\\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = "{{.ID}}\t{{.Names}}";
    const HEADINGS: [(&str, &str); 2] = [("ID", "CONTAINER ID"), ("Names", "NAMES")];

    fn rows() -> Vec<Row> {
        let labels = [("tier".to_owned(), "front".to_owned())].into();
        vec![
            Row::new([("Names", "web".to_owned()), ("ID", "0123456789ab".to_owned())]).labels(&labels),
            Row::new([("Names", "e\x1b[2Jvil\t".to_owned()), ("ID", "1".to_owned())]),
        ]
    }

    fn render(format: Option<&str>, quiet: Option<&str>) -> Result<String, Failure> {
        Format::parse(format, USUAL, quiet)?.render(&HEADINGS, &rows())
    }

    #[test]
    fn the_usual_table_keeps_strangers_text_in_its_cell() {
        assert_eq!(
            render(None, None).unwrap(),
            "CONTAINER ID   NAMES\n0123456789ab   web\n1              e\\x1b[2Jvil\\t\n"
        );
    }

    #[test]
    fn tables_of_the_users_own_have_headings() {
        let text = render(Some("table {{.Names}}\\t{{json .ID}}"), None).unwrap();
        assert!(
            text.starts_with("NAMES           CONTAINER ID\nweb             \"0123456789ab\"\n"),
            "{text}"
        );
    }

    #[test]
    fn lines_json_and_quiet() {
        assert!(
            render(Some("{{.ID}}-{{.Label \"tier\"}}"), None)
                .unwrap()
                .starts_with("0123456789ab-front\n1-\n")
        );
        assert!(
            render(Some("json"), None).unwrap().starts_with("{\"ID\":\"0123456789ab\",\"Names\":\"web\"}\n")
        );
        assert!(render(Some("table {{.Label \"a.front-end\"}}"), None).unwrap().starts_with("front end\n"));
        assert_eq!(render(None, Some("{{.ID}}")).unwrap(), "0123456789ab\n1\n");
        assert!(render(Some("{{.Nope}}"), None).is_err());
        assert!(render(Some("{{.ID"), None).unwrap_err().message.starts_with("template parsing error"));
    }
}
