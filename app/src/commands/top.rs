//! `teu top`.

use super::{Outcome, print};
use crate::arguments::TopArguments;
use crate::output;
use teu_core::Engine;

/// The least width of a column: more than elsewhere, as Docker has it.
const WIDTH: usize = 20;

/// Prints the processes of a container as a table.
pub fn run(engine: &Engine, arguments: &TopArguments) -> Outcome {
    let record = engine.find(arguments.container())?;
    let table = engine.top(&record, arguments.options())?;
    super::record(engine, &record.event("top"));
    let safe = |row: Vec<String>| row.iter().map(|cell| output::safe(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(table.titles).chain(table.rows).map(safe).collect();
    print(&output::table_of(&rows, WIDTH))?;
    Ok(0)
}
