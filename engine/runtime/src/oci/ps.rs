//! `ps`: the processes of a container, as the host's `ps` shows them.

use super::cli::Format;
use super::say;
use super::store::Store;
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};
use std::process::Command;

pub(super) fn ps(store: &Store, id: &str, format: Format, arguments: &[String]) -> Result<()> {
    let record = store.load(id)?;
    let pids = Cgroup::open(&record.cgroup)?.pids()?;
    if format == Format::Json {
        return say(&serde_json::json!(pids).to_string());
    }
    let default = ["-ef".to_string()];
    let output = Command::new("ps")
        .args(if arguments.is_empty() { &default } else { arguments })
        .output()
        .map_err(|error| RuntimeError::kernel("run", "ps", error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_string();
        return Err(RuntimeError::of(ErrorClass::Kernel, "run", "ps", said));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let column = header
        .split_whitespace()
        .position(|name| name == "PID")
        .ok_or_else(|| RuntimeError::invalid("ps", "its output has no PID column"))?;
    say(header)?;
    for line in lines {
        let pid = line.split_whitespace().nth(column).and_then(|text| text.parse::<i32>().ok());
        if pid.is_some_and(|pid| pids.contains(&pid)) {
            say(line)?;
        }
    }
    Ok(())
}
