//! What a container uses, read from its cgroup.

use super::{Cgroup, read};
use crate::error::Result;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use teu_api::stats::StatsSample;

impl Cgroup {
    /// Counters at this moment as the kernel has them: a group without a limit has one larger than any memory. Network
    /// counters stay 0: they belong to the network namespace.
    pub fn counters(&self) -> Result<StatsSample> {
        let mut sample = StatsSample { at: monotonic(), ..Default::default() };
        if self.is_unified() {
            self.usage_v2(&mut sample)?;
        } else {
            self.usage_v1(&mut sample)?;
        }
        Ok(sample)
    }

    /// Counters at this moment, with no more memory than the host has.
    pub fn usage(&self) -> Result<StatsSample> {
        let mut sample = self.counters()?;
        let host = host_memory();
        if sample.memory_limit == 0 || sample.memory_limit > host {
            sample.memory_limit = host;
        }
        Ok(sample)
    }

    /// The counter of processor time, to be read again and again; `None` where this host has none.
    pub fn cpu_time(&self) -> Option<CpuTime> {
        let is_unified = self.is_unified();
        let path = if is_unified {
            self.any()?.join("cpu.stat")
        } else {
            self.branch("cpuacct")?.join("cpuacct.usage")
        };
        Some(CpuTime { file: File::open(path).ok()?, is_unified })
    }

    fn usage_v1(&self, sample: &mut StatsSample) -> Result<()> {
        if let Some(path) = self.branch("cpuacct") {
            sample.cpu_ns = number(&path.join("cpuacct.usage"));
        }
        if let Some(path) = self.branch("memory") {
            let used = number(&path.join("memory.usage_in_bytes"));
            let inactive = field(&read(&path.join("memory.stat"))?, "total_inactive_file");
            sample.memory = used.saturating_sub(inactive);
            sample.memory_limit = number(&path.join("memory.limit_in_bytes"));
        }
        if let Some(path) = self.branch("pids") {
            sample.pids = number(&path.join("pids.current"));
            sample.pids_limit =
                fs::read_to_string(path.join("pids.max")).ok().and_then(|text| text.trim().parse().ok());
        }
        if let Some(path) = self.branch("blkio") {
            for file in ["blkio.throttle.io_service_bytes_recursive", "blkio.bfq.io_service_bytes_recursive"]
            {
                let text = fs::read_to_string(path.join(file)).unwrap_or_default();
                let sum = |kind: &str| -> u64 {
                    let lines = text.lines().filter(|line| line.split(' ').nth(1) == Some(kind));
                    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
                };
                sample.block_read = sample.block_read.max(sum("Read"));
                sample.block_write = sample.block_write.max(sum("Write"));
            }
        }
        Ok(())
    }

    fn usage_v2(&self, sample: &mut StatsSample) -> Result<()> {
        let Some(path) = self.any() else { return Ok(()) };
        sample.cpu_ns = field(&read(&path.join("cpu.stat"))?, "usage_usec") * 1000;
        let stat = fs::read_to_string(path.join("memory.stat")).unwrap_or_default();
        sample.memory = number(&path.join("memory.current")).saturating_sub(field(&stat, "inactive_file"));
        sample.memory_limit = number(&path.join("memory.max"));
        sample.pids = number(&path.join("pids.current"));
        sample.pids_limit =
            fs::read_to_string(path.join("pids.max")).ok().and_then(|text| text.trim().parse().ok());
        for entry in fs::read_to_string(path.join("io.stat")).unwrap_or_default().split_whitespace() {
            if let Some(bytes) = entry.strip_prefix("rbytes=") {
                sample.block_read += bytes.parse::<u64>().unwrap_or(0);
            } else if let Some(bytes) = entry.strip_prefix("wbytes=") {
                sample.block_write += bytes.parse::<u64>().unwrap_or(0);
            }
        }
        Ok(())
    }

    /// How often the kernel killed a process of the container for want of memory.
    pub fn oom_kills(&self) -> u64 {
        let Some(path) = self.branch("memory") else { return 0 };
        let file = if self.is_unified() { "memory.events" } else { "memory.oom_control" };
        field(&fs::read_to_string(path.join(file)).unwrap_or_default(), "oom_kill")
    }
}

/// The counter of a group's processor time: the one that tells whether anything ran at all, for a fraction of the price
/// of [`Cgroup::usage`]. It is the counter of this very group: it cannot be read any more once that is gone.
#[derive(Debug)]
pub struct CpuTime {
    file: File,
    is_unified: bool,
}

impl CpuTime {
    /// Nanoseconds used so far.
    pub fn read(&self) -> std::io::Result<u64> {
        // The time stands in the first line of either file.
        let mut buffer = [0; 64];
        let length = self.file.read_at(&mut buffer, 0)?;
        let text = String::from_utf8_lossy(&buffer[..length]);
        Ok(if self.is_unified { field(&text, "usage_usec") * 1000 } else { text.trim().parse().unwrap_or(0) })
    }
}

fn monotonic() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

fn number(path: &Path) -> u64 {
    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn field(text: &str, name: &str) -> u64 {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok()).unwrap_or(0)
}

fn host_memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("MemTotal:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}
