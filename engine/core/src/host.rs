//! Facts of this host that decide how containers are made.

use std::path::Path;

/// Facts read once when the engine opens.
#[derive(Clone, Debug)]
pub struct Host {
    /// Capabilities of this process, as the kernel's bit set.
    pub capabilities: u64,
    /// Whether control groups are version 2 alone.
    pub unified_cgroups: bool,
}

impl Host {
    /// Reads the facts.
    pub fn read() -> Self {
        Self {
            capabilities: effective_capabilities(),
            unified_cgroups: Path::new("/sys/fs/cgroup/cgroup.controllers").exists(),
        }
    }
}

/// `CapEff` of `/proc/self/status` (proc_pid_status(5)); nothing where it cannot be read.
fn effective_capabilities() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|text| u64::from_str_radix(text.trim(), 16).ok()).unwrap_or(0)
}

/// The host's memory in bytes; 0 where it cannot be read.
pub fn total_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// The distribution's name for itself, from os-release(5).
pub fn operating_system() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| "Linux".to_owned(), |name| name.trim_matches('"').to_owned())
}
