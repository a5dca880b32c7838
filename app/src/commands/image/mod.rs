//! Commands about images that have no shorter name.

pub mod cat;
pub mod diff;
pub mod extract;
pub mod layers;
pub mod tree;

use teu_core::images::{Change, ChangeKind};

/// A path as people and JSON read it: absolute, and what is no text replaced.
fn path(change: &Change) -> String {
    format!("/{}", String::from_utf8_lossy(&change.path))
}

/// Docker's letter for a change.
fn letter(kind: ChangeKind) -> char {
    match kind {
        ChangeKind::Added => 'A',
        ChangeKind::Modified => 'C',
        ChangeKind::Removed => 'D',
    }
}

fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Modified => "changed",
        ChangeKind::Removed => "removed",
    }
}
