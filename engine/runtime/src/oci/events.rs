//! `events`: statistics and out-of-memory events as JSON lines.

use super::say;
use super::store::{Status, Store};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::launch::reopen;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::json;

pub(super) fn events(store: &Store, id: &str, once: bool, interval: &str) -> Result<()> {
    let pause = duration(interval)?;
    let record = store.load(id)?;
    if store.status(&record) == Status::Stopped {
        return Err(RuntimeError::of(ErrorClass::Conflict, "watch", id, "is not running"));
    }
    let cgroup = Cgroup::open(&record.cgroup)?;
    let pidfd = reopen(record.pid)?;
    let mut kills = cgroup.oom_kills();
    loop {
        statistics(&cgroup, id)?;
        if once {
            return Ok(());
        }
        match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&pause)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            _ => return Ok(()),
        }
        let now = cgroup.oom_kills();
        if now > kills {
            kills = now;
            say(&json!({"type": "oom", "id": id}).to_string())?;
        }
    }
}

fn statistics(cgroup: &Cgroup, id: &str) -> Result<()> {
    let sample = cgroup.usage()?;
    let data = json!({
        "cpu": {"usage": {"total": sample.cpu_ns}},
        "memory": {"usage": {"usage": sample.memory, "limit": sample.memory_limit}},
        "pids": {"current": sample.pids, "limit": sample.pids_limit.unwrap_or(0)},
        "blkio": {"ioServiceBytesRecursive": [
            {"op": "Read", "value": sample.block_read}, {"op": "Write", "value": sample.block_write}]},
    });
    say(&json!({"type": "stats", "id": id, "data": data}).to_string())
}

fn duration(text: &str) -> Result<Timespec> {
    let wrong =
        || RuntimeError::invalid(format!("--interval {text}"), "is not a duration such as 500ms or 5s");
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => number,
        "s" | "" => number.saturating_mul(1000),
        "m" => number.saturating_mul(60_000),
        _ => return Err(wrong()),
    };
    if milliseconds <= 0 {
        return Err(wrong());
    }
    Ok(Timespec { tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000 })
}
