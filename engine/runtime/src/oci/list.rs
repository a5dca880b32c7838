//! `list`: every container under `--root`.

use super::cli::Format;
use super::say;
use super::state::describe;
use super::store::{Status, Store};
use crate::error::Result;
use serde_json::Value;

pub(super) fn list(store: &Store, format: Format, quiet: bool) -> Result<()> {
    let records = store.all()?;
    if quiet {
        return records.iter().try_for_each(|record| say(&record.id));
    }
    if format == Format::Json {
        let all: Vec<Value> = records.iter().map(|record| describe(store, record)).collect();
        return say(&Value::from(all).to_string());
    }
    let mut rows = vec![["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"].map(String::from)];
    for record in &records {
        let status = store.status(record);
        let pid = if status == Status::Stopped { 0 } else { record.pid };
        rows.push([
            record.id.clone(),
            pid.to_string(),
            status.name().to_string(),
            record.bundle.display().to_string(),
            record.created.clone(),
            "root".to_string(),
        ]);
    }
    let widths: Vec<usize> =
        (0..6).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0).max(11)).collect();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        say(cells.join(" ").trim_end())?;
    }
    Ok(())
}
