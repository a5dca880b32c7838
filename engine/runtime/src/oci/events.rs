//! `events`: statistics and out-of-memory events as JSON lines.

use super::say;
use super::store::{Status, Store};
use crate::cgroup::{Cgroup, OomWatch};
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::launch::reopen;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::json;
use std::time::{Duration, Instant};

pub(super) fn events(store: &Store, id: &str, once: bool, interval: &str) -> Result<()> {
    let pause = duration(interval)?;
    let record = store.load(id)?;
    if store.status(&record) == Status::Stopped {
        return Err(RuntimeError::of(ErrorClass::Conflict, "watch", id, "is not running"));
    }
    let cgroup = Cgroup::open(&record.cgroup)?;
    let pidfd = reopen(record.pid)?;
    let mut told = cgroup.oom_kills();
    let watch = cgroup.watch_oom()?;
    let mut next = Instant::now();
    loop {
        if next <= Instant::now() {
            statistics(&cgroup, id)?;
            if once {
                return Ok(());
            }
            next = Instant::now() + pause;
        }
        let mut fds = vec![PollFd::new(&pidfd, PollFlags::IN)];
        fds.extend(watch.as_ref().map(OomWatch::poll_fd));
        let left = next.saturating_duration_since(Instant::now());
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let ended = match poll(&mut fds, Some(&left)) {
            Ok(_) => !fds[0].revents().is_empty(),
            Err(rustix::io::Errno::INTR) => false,
            Err(error) => return Err(RuntimeError::kernel("watch", id, error)),
        };
        let news = fds.get(1).is_some_and(|fd| !fd.revents().is_empty());
        if let Some(watch) = watch.as_ref().filter(|_| news) {
            watch.settle();
        }
        // It tells of the end of a group on v1, too.
        if news && !cgroup.exists() {
            return Ok(());
        }
        // The kernel tells of a want on v1 before it has killed anybody and counted that.
        let kills = cgroup.oom_kills();
        if kills > told || news && !cgroup.is_unified() {
            told = told.max(kills);
            say(&json!({"type": "oom", "id": id}).to_string())?;
        }
        if ended {
            return Ok(());
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

fn duration(text: &str) -> Result<Duration> {
    let wrong =
        || RuntimeError::invalid(format!("--interval {text}"), "is not a duration such as 500ms or 5s");
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => number,
        "s" | "" => number.saturating_mul(1000),
        "m" => number.saturating_mul(60_000),
        "h" => number.saturating_mul(3_600_000),
        _ => return Err(wrong()),
    };
    if milliseconds == 0 {
        return Err(wrong());
    }
    Ok(Duration::from_millis(milliseconds))
}
