//! The prune wizard: what may go, why, what it frees, and what the user wants gone.

use teu_api::details::{PruneRow, PruneScope};

/// The wizard.
#[derive(Debug)]
pub struct Wizard {
    /// What was planned for.
    pub scope: PruneScope,
    /// The rows, each with whether it goes; `None` until the plan is there.
    pub rows: Option<Vec<(PruneRow, bool)>>,
    /// The selected row.
    pub at: usize,
}

impl Wizard {
    /// A wizard that waits for its plan.
    pub fn new(scope: PruneScope) -> Self {
        Self { scope, rows: None, at: 0 }
    }

    /// Takes the plan. Where all kinds of things are offered, what cannot be had again is not chosen.
    pub fn take(&mut self, rows: Vec<PruneRow>) {
        let spared = self.scope == PruneScope::Everything;
        self.rows = Some(
            rows.into_iter()
                .map(|row| {
                    let goes = !(spared && row.precious);
                    (row, goes)
                })
                .collect(),
        );
        self.at = 0;
    }

    /// What goes.
    pub fn chosen(&self) -> Vec<PruneRow> {
        self.rows.iter().flatten().filter(|(_, goes)| *goes).map(|(row, _)| row.clone()).collect()
    }

    /// How many go, and the bytes that frees.
    pub fn figures(&self) -> (usize, u64) {
        let going = self.rows.iter().flatten().filter(|(_, goes)| *goes);
        going.fold((0, 0), |(count, bytes), (row, _)| (count + 1, bytes + row.bytes))
    }

    /// Turns the selected row.
    pub fn turn(&mut self) {
        let at = self.at;
        if let Some((_, goes)) = self.rows.as_mut().and_then(|rows| rows.get_mut(at)) {
            *goes = !*goes;
        }
    }

    /// All, or none if all were chosen.
    pub fn turn_all(&mut self) {
        let Some(rows) = &mut self.rows else { return };
        let all = rows.iter().all(|(_, goes)| *goes);
        for (_, goes) in rows {
            *goes = !all;
        }
    }
}

/// The scopes in the order in which they follow each other.
pub const SCOPES: [(PruneScope, &str); 4] = [
    (PruneScope::Everything, "everything unused"),
    (PruneScope::Containers, "stopped containers"),
    (PruneScope::Images, "unused images"),
    (PruneScope::Volumes, "unused volumes"),
];
