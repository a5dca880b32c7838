//! `teu compose top`.

use super::project::Stack;
use super::ps::service;
use crate::commands::{Outcome, print};
use crate::output::{self, safe};
use teu_api::FailureKind;
use teu_core::stacks::labels;
use teu_core::{ContainerRecord, Engine};

/// The least width of a column.
const WIDTH: usize = 4;

/// Shows the processes of services' containers in one table.
pub fn run(engine: &Engine, stack: &Stack, services: &[String]) -> Outcome {
    let mut containers = engine.stack_containers(&stack.name)?;
    containers.retain(|record| {
        let own = service(&record.spec.labels);
        record.state.status.is_live() && (services.is_empty() || services.iter().any(|name| name == own))
    });
    let mut rows: Vec<Vec<String>> = Vec::new();
    for record in &containers {
        let table = match engine.top(record, &[]) {
            Ok(table) => table,
            // It may have ended since.
            Err(failure) if failure.kind == FailureKind::Conflict => continue,
            Err(failure) => return Err(failure),
        };
        if rows.is_empty() {
            let titles = ["SERVICE", "#"].map(str::to_owned).into_iter();
            rows.push(titles.chain(table.titles).collect());
        }
        for row in table.rows {
            let cells = row.iter().map(|cell| safe(cell).into_owned());
            rows.push(begin(record).into_iter().chain(cells).collect());
        }
    }
    print(&output::table_of(&rows, WIDTH))?;
    Ok(0)
}

/// The service, and which of its containers.
fn begin(record: &ContainerRecord) -> [String; 2] {
    let number = record.spec.labels.get(labels::CONTAINER_NUMBER).cloned().unwrap_or_default();
    [safe(service(&record.spec.labels)).into_owned(), safe(&number).into_owned()]
}
