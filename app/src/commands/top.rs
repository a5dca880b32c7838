//! `teu top`.

use super::{Outcome, listing};
use crate::arguments::TopArguments;
use teu_core::Engine;

/// Prints the processes of a container as a table.
pub fn run(engine: &Engine, arguments: &TopArguments) -> Outcome {
    let record = engine.find(arguments.container())?;
    let table = engine.top(&record, arguments.options())?;
    let mut rows = vec![table.titles];
    rows.extend(table.rows);
    super::print(&listing::align(&rows))?;
    Ok(0)
}
