//! Options about limits.

use clap::Args;

/// Limits.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub struct LimitOptions {
    /// Memory limit
    #[arg(short, long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// Memory plus swap; -1 for as much swap as there is
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory_swap: Option<String>,
    /// Soft memory limit
    #[arg(long, value_name = "SIZE")]
    pub memory_reservation: Option<String>,
    /// Swappiness, 0 to 100
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub memory_swappiness: Option<i64>,
    /// Accepted and without effect, as the kernel has dropped it.
    #[arg(long, value_name = "SIZE", hide = true)]
    pub kernel_memory: Option<String>,
    /// Number of CPUs
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub cpus: Option<String>,
    /// Relative CPU weight
    #[arg(short, long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub cpu_shares: Option<i64>,
    /// CPU quota in microseconds per period
    #[arg(long, value_name = "MICROSECONDS", allow_negative_numbers = true)]
    pub cpu_quota: Option<i64>,
    /// CPU period in microseconds
    #[arg(long, value_name = "MICROSECONDS", allow_negative_numbers = true)]
    pub cpu_period: Option<i64>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "MICROSECONDS", allow_negative_numbers = true, hide = true)]
    pub cpu_rt_period: Option<i64>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "MICROSECONDS", allow_negative_numbers = true, hide = true)]
    pub cpu_rt_runtime: Option<i64>,
    /// CPUs to run on, as 0-3,5
    #[arg(long, value_name = "CPUS")]
    pub cpuset_cpus: Option<String>,
    /// Memory nodes to use, as 0-1
    #[arg(long, value_name = "NODES")]
    pub cpuset_mems: Option<String>,
    /// Most processes and threads; -1 for no limit
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub pids_limit: Option<i64>,
    /// Relative block I/O weight, 10 to 1000
    #[arg(long, value_name = "NUMBER")]
    pub blkio_weight: Option<u16>,
    /// Relative block I/O weight on a device, 10 to 1000, as PATH:WEIGHT
    #[arg(long, value_name = "PATH:WEIGHT")]
    pub blkio_weight_device: Vec<String>,
    /// Bytes read per second from a device, as PATH:RATE
    #[arg(long, value_name = "PATH:RATE")]
    pub device_read_bps: Vec<String>,
    /// Bytes written per second to a device, as PATH:RATE
    #[arg(long, value_name = "PATH:RATE")]
    pub device_write_bps: Vec<String>,
    /// Reads per second from a device, as PATH:RATE
    #[arg(long, value_name = "PATH:RATE")]
    pub device_read_iops: Vec<String>,
    /// Writes per second to a device, as PATH:RATE
    #[arg(long, value_name = "PATH:RATE")]
    pub device_write_iops: Vec<String>,
    /// Switch the out-of-memory killer off
    #[arg(long)]
    pub oom_kill_disable: bool,
    /// Adjust the out-of-memory score, -1000 to 1000
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub oom_score_adj: Option<i32>,
    /// Set a process limit, as NAME=SOFT[:HARD]
    #[arg(long, value_name = "LIMIT")]
    pub ulimit: Vec<String>,
    /// The parent control group
    #[arg(long, value_name = "PATH")]
    pub cgroup_parent: Option<String>,
}
