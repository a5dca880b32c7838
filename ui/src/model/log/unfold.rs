//! JSON lines, field by field.

use super::buffer::Line;

/// Longer JSON lines are not unfolded: they are data, not messages.
const MOST: usize = 64 << 10;

impl Line {
    /// Its fields row by row, when it is JSON, perhaps behind a few words.
    pub fn unfolded(&self) -> Option<Vec<String>> {
        let text = self.decoded.text.trim_end();
        if !text.ends_with(['}', ']']) || text.len() > MOST {
            return None;
        }
        let start = text.find(['{', '['])?;
        let (before, json) = text.split_at(start);
        let value: serde_json::Value = serde_json::from_str(json).ok()?;
        let is_empty = match &value {
            serde_json::Value::Object(object) => object.is_empty(),
            serde_json::Value::Array(array) => {
                array.len() < 2 && !array.iter().any(serde_json::Value::is_object)
            }
            _ => true,
        };
        if is_empty {
            return None;
        }
        let pretty = serde_json::to_string_pretty(&value).ok()?;
        let inside = pretty.lines().filter(|line| !matches!(*line, "{" | "}" | "[" | "]"));
        let inside = inside.map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned());
        let before = before.trim();
        Some((!before.is_empty()).then(|| before.to_owned()).into_iter().chain(inside).collect())
    }
}
