//! What a command tells beside its output: a failure is one line on standard error, and one in the log file that the
//! caller named; warnings and, with `--debug`, steps go to the log file, or without one to standard error.

use super::cli::{Cli, LogFormat};
use crate::error::RuntimeError;
use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

/// Where lines go.
pub(super) struct Log {
    path: Option<PathBuf>,
    format: LogFormat,
    debug: bool,
}

impl Log {
    pub(super) fn new(cli: &Cli) -> Self {
        Self { path: cli.log.clone(), format: cli.log_format, debug: cli.debug }
    }

    /// One that tells of nothing but on standard error.
    #[cfg(test)]
    pub(super) fn quiet() -> Self {
        Self { path: None, format: LogFormat::Text, debug: false }
    }

    /// Tells why the command failed.
    pub(super) fn failure(&self, error: &RuntimeError) {
        let _ = writeln!(std::io::stderr(), "teu oci: {error}");
        self.append("error", error);
    }

    /// Tells what went wrong without making the command fail.
    pub(super) fn warn(&self, warning: impl Display) {
        if !self.append("warning", &warning) {
            let _ = writeln!(std::io::stderr(), "teu oci: warning: {warning}");
        }
    }

    /// Tells of a step, where that was asked for.
    pub(super) fn debug(&self, step: impl Display) {
        if self.debug && !self.append("debug", &step) {
            let _ = writeln!(std::io::stderr(), "{}", line(LogFormat::Text, "debug", &step));
        }
    }

    /// Adds a line to the file; false without one.
    fn append(&self, level: &str, text: &impl Display) -> bool {
        let Some(path) = &self.path else { return false };
        let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) else { return false };
        // One write, so that lines of several runtimes stay whole.
        file.write_all(format!("{}\n", line(self.format, level, text)).as_bytes()).is_ok()
    }
}

fn line(format: LogFormat, level: &str, text: &impl Display) -> String {
    let time = jiff::Timestamp::now().to_string();
    let text = text.to_string();
    match format {
        LogFormat::Json => serde_json::json!({"level": level, "msg": text, "time": time}).to_string(),
        LogFormat::Text => format!("time={time:?} level={level} msg={text:?}"),
    }
}
