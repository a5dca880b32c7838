//! Reading bundles: what the specification lets a runtime pass over is passed over, with a warning.

use super::report::Log;
use crate::error::{ErrorClass, Result, RuntimeError, shown};
use oci_spec::runtime::{Capability, Process, Spec};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

/// Reads a configuration; gives the capabilities that were passed over as well.
pub(super) fn spec(path: &Path) -> Result<(Spec, Vec<String>)> {
    read(path, |value| value.get_mut("process").map_or_else(Vec::new, repair))
}

/// Reads the process of an exec session.
pub(super) fn process(path: &Path, log: &Log) -> Result<Process> {
    let (process, unknown) = read(path, repair)?;
    warn_of_unknown(&unknown, log);
    Ok(process)
}

/// Tells of the capabilities that were passed over.
pub(super) fn warn_of_unknown(names: &[String], log: &Log) {
    for name in names {
        let reason = "this runtime does not know it";
        log.warn(RuntimeError::of(ErrorClass::Kernel, "grant", format!("capability {name}"), reason));
    }
}

/// Most files are read at once; only one that is refused is looked at closer.
fn read<T: DeserializeOwned>(
    path: &Path,
    repair: impl Fn(&mut Value) -> Vec<String>,
) -> Result<(T, Vec<String>)> {
    let text = bytes(path)?;
    let refused = match serde_json::from_slice(&text) {
        Ok(found) => return Ok((found, Vec::new())),
        Err(error) => RuntimeError::invalid(shown(path), error.to_string()),
    };
    let Ok(mut value) = serde_json::from_slice::<Value>(&text) else { return Err(refused) };
    let passed_over = repair(&mut value);
    let found = serde_json::from_value(value)
        .map_err(|error| RuntimeError::invalid(shown(path), error.to_string()))?;
    Ok((found, passed_over))
}

/// Most bytes of a file.
const LIMIT: u64 = 16 << 20;

/// The bytes of a file, which may be a pipe, and need not have an end.
fn bytes(path: &Path) -> Result<Vec<u8>> {
    let fail = |error| RuntimeError::kernel("read", shown(path), error);
    let mut text = Vec::new();
    File::open(path).map_err(fail)?.take(LIMIT + 1).read_to_end(&mut text).map_err(fail)?;
    if text.len() as u64 > LIMIT {
        return Err(RuntimeError::invalid(shown(path), format!("is longer than {} MiB", LIMIT >> 20)));
    }
    Ok(text)
}

/// Gives what was left out its default, flags the names that the parser has for them, and drops capabilities that
/// nobody knows; gives the names of those.
fn repair(process: &mut Value) -> Vec<String> {
    let Some(fields) = process.as_object_mut() else { return Vec::new() };
    fields.entry("user").or_insert_with(|| json!({"uid": 0, "gid": 0}));
    if let Some(flags) =
        fields.get_mut("scheduler").and_then(|scheduler| scheduler.get_mut("flags")?.as_array_mut())
    {
        for flag in flags {
            match flag.as_str() {
                Some("SCHED_FLAG_RESET_ON_FORK") => *flag = "SCHED_RESET_ON_FORK".into(),
                Some("SCHED_FLAG_DL_OVERRUN") => *flag = "SCHED_FLAG_D_L_OVERRUN".into(),
                _ => {}
            }
        }
    }
    let mut unknown = Vec::new();
    let sets = fields.get_mut("capabilities").and_then(Value::as_object_mut).into_iter().flatten();
    for list in sets.filter_map(|(_, set)| set.as_array_mut()) {
        list.retain(|name| {
            let Some(name) = name.as_str() else { return true };
            let known = Capability::from_str(name.strip_prefix("CAP_").unwrap_or(name)).is_ok();
            if !known && !unknown.iter().any(|other| other == name) {
                unknown.push(name.to_string());
            }
            known
        });
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_passed_over_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("process.json");
        let text = json!({"args": ["x"], "cwd": "/", "capabilities": {"bounding": ["CAP_KILL", "CAP_NEW"]},
            "scheduler": {"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_RESET_ON_FORK"]}});
        std::fs::write(&path, text.to_string()).unwrap();
        let log = Log::quiet();
        let process = process(&path, &log).unwrap();
        assert_eq!(process.user().uid(), 0);
        let bounding = process.capabilities().as_ref().unwrap().bounding().clone().unwrap();
        assert_eq!(bounding.into_iter().collect::<Vec<_>>(), [Capability::Kill]);
        for wrong in ["", "{", "[]", r#"{"args": 1, "cwd": "/"}"#, r#"{"args": ["x"], "cwd": 7}"#] {
            std::fs::write(&path, wrong).unwrap();
            assert!(super::process(&path, &log).is_err(), "{wrong}");
        }
    }
}
