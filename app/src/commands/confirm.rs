//! The question before something is removed in bulk.

use std::io::{self, BufRead as _, Write as _};
use teu_api::Failure;

/// Asks, and returns whether the answer was yes. No answer is no.
pub fn ask(warning: &str) -> Result<bool, Failure> {
    super::print(&format!("WARNING! {warning}\nAre you sure you want to continue? [y/N] "))?;
    let mut answer = String::new();
    // A closed standard input says no.
    let _ = io::stdin().lock().read_line(&mut answer);
    let _ = io::stdout().flush();
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES"))
}
