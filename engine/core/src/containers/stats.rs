//! `stats`: what running containers use, read from the kernel's own counters.

use crate::engine::Engine;
use crate::host;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use teu_api::container::Status;
use teu_api::stats::{ContainerStats, StatsSample};
use teu_api::{ContainerId, Failure};
use teu_runtime::cgroup::Cgroup;
use teu_store::ContainerRecord;

/// Reads samples. It keeps what does not change between two of them.
#[derive(Default)]
pub struct StatsReader {
    host_memory: u64,
    /// Finding out where a group is costs more than reading it.
    groups: HashMap<ContainerId, Cgroup>,
}

impl StatsReader {
    /// A sample of every running container.
    pub fn sample_all(&mut self, engine: &Engine) -> Result<Vec<ContainerStats>, Failure> {
        let running = engine.store().unsettled_containers()?;
        self.groups.retain(|id, _| running.iter().any(|record| record.id == *id));
        let samples =
            running.iter().filter(|record| matches!(record.state.status, Status::Running | Status::Paused));
        Ok(samples
            .filter_map(|record| {
                self.sample(record).map(|sample| ContainerStats { id: record.id.clone(), sample })
            })
            .collect())
    }

    /// A sample of one container; none where it has just ended.
    pub fn sample(&mut self, record: &ContainerRecord) -> Option<StatsSample> {
        if self.host_memory == 0 {
            self.host_memory = host::total_memory();
        }
        if !self.groups.contains_key(&record.id) {
            let path = crate::bundle::cgroup_path(record.id.as_str(), &record.spec);
            self.groups.insert(record.id.clone(), Cgroup::open(Path::new(&path)).ok()?);
        }
        // A container that was started again has a new group.
        let Ok(mut sample) = self.groups.get(&record.id)?.usage() else {
            self.groups.remove(&record.id);
            return None;
        };
        sample.at = monotonic();
        // Without a limit the kernel reports a number larger than any memory.
        if sample.memory_limit == 0 || sample.memory_limit > self.host_memory {
            sample.memory_limit = self.host_memory;
        }
        (sample.network_rx, sample.network_tx) = network_counters(record.state.pid);
        Some(sample)
    }
}

impl Engine {
    /// A sample of one container's resource use, zero where it does not run.
    pub fn sample(&self, reader: &mut StatsReader, id: &ContainerId) -> Result<StatsSample, Failure> {
        let record = self.store().container(id)?;
        Ok(reader.sample(&record).unwrap_or_default())
    }
}

/// Nanoseconds of the monotonic clock.
fn monotonic() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Bytes received and sent on every interface but loopback, as the first process sees them (proc_pid_net(5)).
fn network_counters(pid: i32) -> (u64, u64) {
    let text = fs::read_to_string(format!("/proc/{pid}/net/dev")).unwrap_or_default();
    let mut totals = (0, 0);
    for line in text.lines().skip(2) {
        let Some((name, counters)) = line.split_once(':') else { continue };
        if name.trim() == "lo" {
            continue;
        }
        let numbers: Vec<u64> = counters.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        totals.0 += numbers.first().copied().unwrap_or(0);
        totals.1 += numbers.get(8).copied().unwrap_or(0);
    }
    totals
}
