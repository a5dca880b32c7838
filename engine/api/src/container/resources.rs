//! Limits on what a container may use.

use serde::{Deserialize, Serialize};

/// Limits; a field at its default sets nothing.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Memory limit in bytes.
    pub memory: i64,
    /// Memory plus swap in bytes; -1 for unlimited swap.
    pub memory_swap: i64,
    /// Soft memory limit in bytes.
    pub memory_reservation: i64,
    /// Swappiness 0–100; `None` for the kernel's choice.
    pub memory_swappiness: Option<i64>,
    /// CPUs in billionths.
    pub nano_cpus: i64,
    /// Relative CPU weight, 2–262144.
    pub cpu_shares: i64,
    /// CPU quota in microseconds per period.
    pub cpu_quota: i64,
    /// CPU period in microseconds.
    pub cpu_period: i64,
    /// CPUs to run on, `0-2,4`.
    pub cpuset_cpus: String,
    /// Memory nodes to use.
    pub cpuset_mems: String,
    /// Most processes and threads; 0 or -1 for no limit.
    pub pids_limit: i64,
    /// Relative block I/O weight, 10–1000.
    pub blkio_weight: u16,
    /// Relative block I/O weights by device, 10–1000; the rate is the weight.
    pub blkio_weight_device: Vec<DeviceRate>,
    /// Bytes read per second, by device.
    pub device_read_bps: Vec<DeviceRate>,
    /// Bytes written per second, by device.
    pub device_write_bps: Vec<DeviceRate>,
    /// Reads per second, by device.
    pub device_read_iops: Vec<DeviceRate>,
    /// Writes per second, by device.
    pub device_write_iops: Vec<DeviceRate>,
    /// Whether the out-of-memory killer is switched off.
    pub oom_kill_disable: bool,
    /// Devices handed in.
    pub devices: Vec<DeviceRequest>,
    /// Device access rules, `c 1:3 rwm`.
    pub device_cgroup_rules: Vec<String>,
    /// Process limits.
    pub ulimits: Vec<Ulimit>,
    /// The parent control group; empty for teu's own.
    pub cgroup_parent: String,
}

/// A rate for one block device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceRate {
    /// The device's path on the host.
    pub path: String,
    /// The rate.
    pub rate: u64,
}

/// A host device handed into a container.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceRequest {
    /// Its path on the host.
    pub host: String,
    /// Its path in the container.
    pub container: String,
    /// Some of `rwm`.
    pub permissions: String,
}

impl Ulimit {
    /// The limits that Linux has, by their short names (getrlimit(2)).
    pub const NAMES: [&str; 16] = [
        "as",
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
}

/// One process limit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ulimit {
    /// Its name without `RLIMIT_`, in lower case: `nofile`.
    pub name: String,
    /// The soft limit; -1 for unlimited.
    pub soft: i64,
    /// The hard limit; -1 for unlimited.
    pub hard: i64,
}
