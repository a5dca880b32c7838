//! Resource use of a container at one moment.

use crate::id::ContainerId;
use serde::{Deserialize, Serialize};

/// Counters read from the kernel at one moment. Rates are differences of two samples.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct StatsSample {
    /// When it was read: nanoseconds of the monotonic clock, comparable within one boot only.
    pub at: i64,
    /// CPU time used since the container began, in nanoseconds.
    pub cpu_ns: u64,
    /// Memory in use less inactive file cache, in bytes, as `docker stats` counts it.
    pub memory: u64,
    /// The memory limit in bytes; the host's memory where none is set.
    pub memory_limit: u64,
    /// Processes and threads.
    pub pids: u64,
    /// The limit of processes and threads; `None` where none is set.
    pub pids_limit: Option<u64>,
    /// Bytes received on all interfaces but loopback.
    pub network_rx: u64,
    /// Bytes sent on all interfaces but loopback.
    pub network_tx: u64,
    /// Bytes read from block devices.
    pub block_read: u64,
    /// Bytes written to block devices.
    pub block_write: u64,
}

impl StatsSample {
    /// CPU use between an earlier sample and this one, in per cent of one core; 0 when no time has passed.
    pub fn cpu_percent_since(&self, earlier: &Self) -> f64 {
        let elapsed = self.at.saturating_sub(earlier.at);
        if elapsed <= 0 {
            return 0.0;
        }
        self.cpu_ns.saturating_sub(earlier.cpu_ns) as f64 / elapsed as f64 * 100.0
    }

    /// Memory in use, in per cent of the limit; 0 where no limit is known.
    pub fn memory_percent(&self) -> f64 {
        if self.memory_limit == 0 { 0.0 } else { self.memory as f64 / self.memory_limit as f64 * 100.0 }
    }
}

/// A sample and whose it is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ContainerStats {
    /// The container.
    pub id: ContainerId,
    /// What it uses.
    pub sample: StatsSample,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_the_share_of_one_core() {
        let a = StatsSample { at: 0, cpu_ns: 0, ..Default::default() };
        let b = StatsSample { at: 1_000_000_000, cpu_ns: 500_000_000, ..Default::default() };
        assert!((b.cpu_percent_since(&a) - 50.0).abs() < 1e-9);
        assert!(a.cpu_percent_since(&b).abs() < 1e-9);
    }
}
