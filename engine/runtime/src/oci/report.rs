//! How a failure is told: one line on standard error, and one in the log file that the caller named.

use super::cli::{Cli, LogFormat};
use crate::error::RuntimeError;
use std::fs::OpenOptions;
use std::io::Write;

pub(super) fn failure(cli: &Cli, error: &RuntimeError) {
    let _ = writeln!(std::io::stderr(), "teu oci: {error}");
    let Some(path) = &cli.log else { return };
    let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) else { return };
    let time = jiff::Timestamp::now().to_string();
    let line = match cli.log_format {
        LogFormat::Json => {
            serde_json::json!({"level": "error", "msg": error.to_string(), "time": time}).to_string()
        }
        LogFormat::Text => format!("time={time:?} level=error msg={:?}", error.to_string()),
    };
    // One write, so that lines of several runtimes stay whole.
    let _ = file.write_all(format!("{line}\n").as_bytes());
}

/// Tells what went wrong without making the command fail.
pub(super) fn warn(error: &RuntimeError) {
    let _ = writeln!(std::io::stderr(), "teu oci: warning: {error}");
}
