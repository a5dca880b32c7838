//! `teu compose version`.

use crate::arguments::ComposeVersionArguments;
use crate::commands::{Outcome, say};
use crate::output;

/// Prints the version.
pub fn run(arguments: &ComposeVersionArguments) -> Outcome {
    let version = env!("CARGO_PKG_VERSION");
    match (arguments.short, arguments.format.as_str()) {
        (true, _) => say(version)?,
        (false, "json") => say(&output::json(&serde_json::json!({"version": version})))?,
        (false, _) => say(&format!("teu compose version {version}"))?,
    }
    Ok(0)
}
