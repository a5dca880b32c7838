//! The overview of what host and containers use.

use super::Model;
use super::container::ContainerRow;
use super::history::last;

/// The orders of its rows.
pub const ORDERS: [&str; 5] = ["cpu", "memory", "network", "disk", "name"];

/// Its state.
#[derive(Debug, Default)]
pub struct Monitor {
    /// The selected row.
    pub at: usize,
    /// The order in force: a place in [`ORDERS`].
    pub order: usize,
}

/// The containers that are compared: those marked, or all that run.
pub fn rows(model: &Model, order: usize) -> Vec<&ContainerRow> {
    let marked = model.containers.marks() > 1;
    let chosen: Vec<&ContainerRow> =
        if marked { model.containers.targets() } else { model.containers.items().iter().collect() };
    let mut rows: Vec<&ContainerRow> =
        chosen.into_iter().filter(|row| row.snapshot.state.status.is_live()).collect();
    let value = |row: &ContainerRow| -> f64 {
        let h = &row.history;
        match order {
            0 => row.cpu().unwrap_or(0.0),
            1 => row.memory().unwrap_or(0) as f64,
            2 => f64::from(last(&h.network_rx) + last(&h.network_tx)),
            3 => f64::from(last(&h.block_read) + last(&h.block_write)),
            _ => 0.0,
        }
    };
    rows.sort_by(|a, b| value(b).total_cmp(&value(a)).then_with(|| a.snapshot.name.cmp(&b.snapshot.name)));
    rows
}
