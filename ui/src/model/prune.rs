//! The prune wizard: what may go, why, what it frees, and what the user wants gone.

use std::collections::HashMap;
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

    /// Whether a row goes: it was chosen, and so was everything that must go before.
    pub fn goes(&self, at: usize) -> bool {
        let Some((row, chosen)) = self.rows.as_ref().and_then(|rows| rows.get(at)) else { return false };
        *chosen && self.kept_by(row).is_none()
    }

    /// The name of what stays and so keeps a row.
    pub fn kept_by(&self, row: &PruneRow) -> Option<&str> {
        let stays = |id: &String| {
            let found = self.rows.iter().flatten().find(|(other, _)| other.id == *id);
            found
                .filter(|(_, chosen)| !chosen)
                .map(|(other, _)| other.names.first().unwrap_or(&other.id).as_str())
        };
        row.after.iter().find_map(stays)
    }

    /// Bytes that each row frees. What several images share counts for the last of them that goes; a row that stays
    /// shows what it would free in addition.
    pub fn bytes(&self) -> Vec<u64> {
        let rows: Vec<(&PruneRow, bool)> =
            self.rows.iter().flatten().enumerate().map(|(at, (row, _))| (row, self.goes(at))).collect();
        let mut going: HashMap<&str, u32> = HashMap::new();
        for part in rows.iter().filter(|(_, goes)| *goes).flat_map(|(row, _)| &row.parts) {
            *going.entry(&part.id).or_default() += 1;
        }
        let mut left = going.clone();
        let mut of = |(row, goes): &(&PruneRow, bool)| {
            if row.parts.is_empty() {
                return row.bytes;
            }
            let mut own: HashMap<&str, u32> = HashMap::new();
            let mut freed = 0;
            for part in &row.parts {
                let id = part.id.as_str();
                if *goes {
                    let all = going.get(id).is_some_and(|going| *going >= part.users);
                    let Some(left) = left.get_mut(id) else { continue };
                    *left = left.saturating_sub(1);
                    freed += if all && *left == 0 { part.bytes } else { 0 };
                } else {
                    let own = own.entry(id).or_default();
                    *own += 1;
                    let all = going.get(id).copied().unwrap_or(0) + *own >= part.users;
                    freed += if all { part.bytes } else { 0 };
                }
            }
            freed
        };
        rows.iter().map(&mut of).collect()
    }

    /// What goes, each with the bytes that it frees.
    pub fn chosen(&self) -> Vec<PruneRow> {
        let rows = self.rows.iter().flatten().zip(self.bytes()).enumerate();
        rows.filter(|(at, _)| self.goes(*at))
            .map(|(_, ((row, _), bytes))| PruneRow { bytes, ..row.clone() })
            .collect()
    }

    /// How many go, and the bytes that frees.
    pub fn figures(&self) -> (usize, u64) {
        let going = self.bytes().into_iter().enumerate().filter(|(at, _)| self.goes(*at));
        going.fold((0, 0), |(count, sum), (_, bytes)| (count + 1, sum + bytes))
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

#[cfg(test)]
mod tests {
    use super::*;
    use teu_api::details::{PrunePart, PruneRowKind};

    fn image(id: &str, parts: &[(&str, u64, u32)], after: &[&str]) -> PruneRow {
        let part = |(id, bytes, users): &(&str, u64, u32)| PrunePart {
            id: (*id).into(),
            bytes: *bytes,
            users: *users,
        };
        PruneRow {
            kind: PruneRowKind::Image,
            id: id.into(),
            names: vec![format!("{id}:latest")],
            reason: "unused".into(),
            bytes: 0,
            parts: parts.iter().map(part).collect(),
            after: after.iter().map(|id| (*id).to_owned()).collect(),
            precious: false,
        }
    }

    #[test]
    fn shared_bytes_are_freed_by_the_last() {
        let mut wizard = Wizard::new(PruneScope::Images);
        let (base, kept) = (("base", 100, 2), ("kept", 50, 3));
        wizard.take(vec![
            image("a", &[base, ("a", 1, 1), kept], &[]),
            image("b", &[base, ("b", 2, 1), kept], &[]),
        ]);
        assert_eq!((wizard.bytes(), wizard.figures()), (vec![1, 102], (2, 103)));
        wizard.turn();
        assert_eq!((wizard.bytes(), wizard.figures()), (vec![101, 2], (1, 2)), "the base stays with a");
        assert_eq!(wizard.chosen()[0].bytes, 2);
    }

    #[test]
    fn an_image_stays_with_the_container_on_it() {
        let container = PruneRow {
            kind: PruneRowKind::Container,
            id: "c1".into(),
            names: vec!["old".into()],
            reason: "exited".into(),
            bytes: 7,
            ..image("", &[], &[])
        };
        let mut wizard = Wizard::new(PruneScope::Everything);
        wizard.take(vec![container, image("a", &[("a", 10, 1)], &["c1"])]);
        assert_eq!(wizard.figures(), (2, 17));
        wizard.turn();
        assert_eq!(wizard.figures(), (0, 0));
        assert_eq!(wizard.kept_by(&wizard.rows.as_ref().unwrap()[1].0), Some("old"));
    }
}
