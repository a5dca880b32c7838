//! `teu history`.

use super::{Outcome, now, print};
use crate::arguments::HistoryArguments;
use crate::output::{self, Format, Row, ellipsis};
use jiff::Timestamp;
use teu_core::Engine;
use teu_core::images::HistoryEntry;

/// The longest step in the table, in columns.
const STEP: usize = 45;
const TABLE: &str = r"{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
const EXACT: &str = r"{{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
const HEADINGS: [(&str, &str); 6] = [
    ("ID", "IMAGE"),
    ("CreatedSince", "CREATED"),
    ("CreatedAt", "CREATED AT"),
    ("CreatedBy", "CREATED BY"),
    ("Size", "SIZE"),
    ("Comment", "COMMENT"),
];

/// Shows how an image was made, the last step first.
pub fn run(engine: &Engine, arguments: &HistoryArguments) -> Outcome {
    let image = engine.store().find_image(&arguments.image)?;
    let usual = if arguments.human { TABLE } else { EXACT };
    let format = Format::parse(arguments.format.as_deref(), usual, arguments.quiet.then_some("{{.ID}}"))?;
    let now = now();
    let history = engine.store().image_history(&image.id)?;
    let rows: Vec<Row> = history.iter().map(|step| row(step, arguments, now)).collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

fn row(step: &HistoryEntry, arguments: &HistoryArguments, now: i64) -> Row {
    let whole = arguments.no_trunc;
    let id = match &step.id {
        Some(id) if whole => id.clone(),
        Some(id) => output::short_id(id).to_owned(),
        None => "<missing>".to_owned(),
    };
    let created = step.created_at.and_then(|at| Timestamp::from_nanosecond(i128::from(at)).ok());
    let made = if whole { step.created_by.as_str().into() } else { ellipsis(&step.created_by, STEP) };
    let size = if arguments.human { output::decimal_digits(step.size, 3) } else { step.size.to_string() };
    Row::new([
        ("ID", id),
        ("CreatedSince", step.created_at.map_or_else(|| "N/A".to_owned(), |at| output::ago(at, now))),
        ("CreatedAt", created.map_or_else(|| "N/A".to_owned(), |at| at.to_string())),
        ("CreatedBy", made.into_owned()),
        ("Size", size),
        ("Comment", step.comment.clone()),
    ])
}
