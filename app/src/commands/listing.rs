//! Lists as tables, JSON lines or a user's template.

use serde_json::Value;
use teu_api::Failure;

/// A column: its title, and the field of a row that it shows.
pub type Column = (&'static str, &'static str);

/// Prints rows as `--format` wants them; as a table of these columns where it says nothing.
pub fn print(rows: &[Value], columns: &[Column], format: Option<&str>) -> Result<(), Failure> {
    super::print(&render(rows, columns, format)?)
}

fn render(rows: &[Value], columns: &[Column], format: Option<&str>) -> Result<String, Failure> {
    match format {
        None | Some("" | "table") => {
            let mut cells = vec![columns.iter().map(|(title, _)| (*title).to_owned()).collect::<Vec<_>>()];
            cells.extend(rows.iter().map(|row| columns.iter().map(|(_, field)| text(&row[*field])).collect()));
            Ok(align(&cells))
        }
        Some("json") => Ok(rows.iter().map(|row| format!("{row}\n")).collect()),
        Some(template) => rows.iter().map(|row| expand(template, row).map(|line| line + "\n")).collect(),
    }
}

/// Expands a template over one value.
pub fn expand(template: &str, value: &Value) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        out.push_str(&rest[..start]);
        let end = rest[start..].find("}}").ok_or_else(|| Failure::usage("template parsing error: unclosed action"))?;
        let action = rest[start + 2..start + end].trim();
        let (json, path) = action.strip_prefix("json ").map_or((false, action), |path| (true, path.trim()));
        let mut found = value;
        for part in path.trim_start_matches('.').split('.').filter(|part| !part.is_empty()) {
            found = &found[part];
        }
        out.push_str(&if json { found.to_string() } else { text(found) });
        rest = &rest[start + end + 2..];
    }
    out.push_str(rest);
    Ok(out)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Lays cells out in columns, three spaces apart, as Docker does.
pub fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width + 3 - cell.chars().count()));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
