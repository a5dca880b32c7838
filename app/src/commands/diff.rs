//! `teu diff`.

use super::{Outcome, print};
use crate::arguments::DiffArguments;
use crate::output::safe;
use teu_core::Engine;
use teu_core::images::ChangeKind;

/// Shows what a container has changed, one path a line: added, changed or deleted.
pub fn run(engine: &Engine, arguments: &DiffArguments) -> Outcome {
    let mut text = String::new();
    for change in engine.diff(&engine.find(&arguments.container)?)? {
        let letter = match change.kind {
            ChangeKind::Added => 'A',
            ChangeKind::Modified => 'C',
            ChangeKind::Removed => 'D',
        };
        text.push_str(&format!("{letter} /{}\n", safe(&String::from_utf8_lossy(&change.path))));
    }
    print(&text)?;
    Ok(0)
}
