//! Taking times and printing them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The median of some durations.
pub fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds with two digits.
pub fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}

/// How long a command takes; `None` where it cannot be run or fails.
pub fn time(command: &mut Command) -> Option<Duration> {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then(|| start.elapsed())
}

/// The median of several runs of commands taken in turn, so that a noisy moment hits all of them alike.
pub fn in_turn(
    rounds: usize,
    commands: &mut [(&str, &mut dyn FnMut() -> Option<Duration>)],
) -> Vec<Option<Duration>> {
    let mut all: Vec<Vec<Duration>> = vec![Vec::new(); commands.len()];
    for round in 0..=rounds {
        for (index, (_, command)) in commands.iter_mut().enumerate() {
            // The first round warms the caches.
            if let Some(took) = command()
                && round > 0
            {
                all[index].push(took);
            }
        }
    }
    all.into_iter().map(|times| (!times.is_empty()).then(|| median(times))).collect()
}

/// One line: a figure, beside its goal.
pub fn line(what: &str, figure: &str, goal: &str, met: bool) {
    println!("{what:<58} {figure:>16}   goal {goal:<14} {}", if met { "met" } else { "MISSED" });
}

/// A program's proportional share of memory in KiB (proc_pid_smaps(5)).
pub fn proportional_memory(pid: i32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
}

/// The value below which so many per cent of the durations lie.
pub fn percentile(mut all: Vec<Duration>, percent: usize) -> Duration {
    all.sort();
    let at = (all.len() * percent).div_ceil(100).saturating_sub(1);
    all.get(at).copied().unwrap_or_default()
}

/// Resident memory in KiB (proc_pid_status(5)).
pub fn resident_memory(pid: i32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    value.unwrap_or(0)
}

/// The processor time that the threads of a process have used (the first field of schedstat is in nanoseconds).
pub fn processor_time(pid: i32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let time = |thread: std::fs::DirEntry| -> Option<u64> {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    Duration::from_nanos(threads.filter_map(time).sum())
}
