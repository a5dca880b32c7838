//! `stats`: what running containers use, read from the kernel's own counters.

use crate::engine::Engine;
use crate::host;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use teu_api::container::Status;
use teu_api::stats::{ContainerStats, StatsSample};
use teu_api::{ContainerId, Failure};
use teu_runtime::cgroup::{Cgroup, CpuTime};
use teu_store::ContainerRecord;

/// Reads samples. It keeps what does not change between two of them.
#[derive(Default)]
pub struct StatsReader {
    host_memory: u64,
    /// The running containers, as they were after the event of that number.
    running: Option<(i64, Vec<ContainerRecord>)>,
    known: HashMap<ContainerId, Known>,
}

/// What is kept of a container between two samples.
struct Known {
    /// Finding out where a group is costs more than reading it.
    group: Cgroup,
    /// Its counter, held open: that is most of the price of reading it.
    time: Option<CpuTime>,
    /// The last whole sample, and how often it was given again.
    last: Option<(StatsSample, u8)>,
}

/// How often in a row the sample of a container in which nothing ran is given again, before all is read anew: the kernel
/// may have reclaimed memory, or taken packets in, without any of its processes.
const AGAIN: u8 = 14;

/// How many counters are held open: each takes one of the process's descriptors.
const HELD: usize = 256;

impl StatsReader {
    /// A sample of every running container. What runs is looked up anew only after something has happened, and of a
    /// container in which nothing ran since the last sample only the processor time is read.
    pub fn sample_all(&mut self, engine: &Engine) -> Result<Vec<ContainerStats>, Failure> {
        let latest = engine.store().last_event()?;
        let running = match self.running.take() {
            Some((seen, running)) if seen == latest => running,
            _ => {
                let mut running = engine.store().unsettled_containers()?;
                running.retain(|record| matches!(record.state.status, Status::Running | Status::Paused));
                self.known.retain(|id, _| running.iter().any(|record| record.id == *id));
                running
            }
        };
        let mut gone = false;
        let mut samples = Vec::with_capacity(running.len());
        for record in &running {
            match self.sample_again(record) {
                Some(sample) => samples.push(ContainerStats { id: record.id.clone(), sample }),
                None => gone = true,
            }
        }
        // One that has just ended, or whose group is not there yet, is looked up anew.
        self.running = Some((latest, running)).filter(|_| !gone);
        Ok(samples)
    }

    /// The last sample again where nothing has run since, else a new one.
    fn sample_again(&mut self, record: &ContainerRecord) -> Option<StatsSample> {
        if let Some(known) = self.known.get_mut(&record.id)
            && let Some((last, times)) = &mut known.last
            && *times < AGAIN
            && known
                .time
                .as_ref()
                .map_or_else(|| known.group.cpu_time()?.read().ok(), |time| time.read().ok())
                == Some(last.cpu_ns)
        {
            *times += 1;
            return Some(StatsSample { at: monotonic(), ..last.clone() });
        }
        let sample = self.sample(record)?;
        if let Some(known) = self.known.get_mut(&record.id) {
            known.last = Some((sample.clone(), 0));
        }
        Some(sample)
    }

    /// A sample of one container; none where it has just ended.
    pub fn sample(&mut self, record: &ContainerRecord) -> Option<StatsSample> {
        if self.host_memory == 0 {
            self.host_memory = host::total_memory();
        }
        if !self.known.contains_key(&record.id) {
            let path = crate::bundle::cgroup_path(record.id.as_str(), &record.spec);
            let group = Cgroup::open(Path::new(&path)).ok()?;
            let time = if self.known.len() < HELD { group.cpu_time() } else { None };
            self.known.insert(record.id.clone(), Known { group, time, last: None });
        }
        // A container that was started again has a new group.
        let known = self.known.get(&record.id)?;
        let is_gone = known.time.as_ref().is_some_and(|time| time.read().is_err());
        let Some(mut sample) = known.group.counters().ok().filter(|_| !is_gone) else {
            self.known.remove(&record.id);
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
pub(crate) fn monotonic() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Bytes received and sent on every interface but loopback, as the first process sees them (proc_pid_net(5)).
fn network_counters(pid: i32) -> (u64, u64) {
    interface_bytes(&fs::read_to_string(format!("/proc/{pid}/net/dev")).unwrap_or_default(), |_| true)
}

/// Bytes received and sent on those interfaces of a table of proc_pid_net(5) that count; loopback never does.
pub(crate) fn interface_bytes(text: &str, counts: impl Fn(&str) -> bool) -> (u64, u64) {
    let mut totals = (0, 0);
    for line in text.lines().skip(2) {
        let Some((name, counters)) = line.split_once(':') else { continue };
        if name.trim() == "lo" || !counts(name.trim()) {
            continue;
        }
        let numbers: Vec<u64> = counters.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        totals.0 += numbers.first().copied().unwrap_or(0);
        totals.1 += numbers.get(8).copied().unwrap_or(0);
    }
    totals
}
