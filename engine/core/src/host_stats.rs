//! What the whole host uses, read from procfs.

use crate::containers::stats::{interface_bytes, monotonic};
use std::fs;
use teu_api::stats::StatsSample;

/// Counters of the host at this moment, in a container's terms: processor time of all CPUs, memory that is not
/// available to new programs, network bytes of all interfaces with a device behind them, block bytes of whole disks.
/// What cannot be read stays 0.
pub fn sample() -> StatsSample {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (memory, memory_limit) = memory(&text("/proc/meminfo"));
    let is_device = |name: &str| fs::exists(format!("/sys/class/net/{name}/device")).unwrap_or(false);
    let (network_rx, network_tx) = network(&text("/proc/net/dev"), &is_device);
    let is_disk = |name: &str| fs::exists(format!("/sys/block/{name}")).unwrap_or(false);
    let (block_read, block_write) = block(&text("/proc/diskstats"), &is_disk);
    StatsSample {
        at: monotonic(),
        cpu_ns: processor(&text("/proc/stat")),
        memory,
        memory_limit,
        pids: 0,
        pids_limit: None,
        network_rx,
        network_tx,
        block_read,
        block_write,
    }
}

/// Nanoseconds that CPUs were busy: all but idle and waiting (proc_stat(5)). A tick is a hundredth of a second on
/// every architecture that Linux has.
fn processor(text: &str) -> u64 {
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; guests count as user already.
    [0, 1, 2, 5, 6, 7].iter().filter_map(|at| ticks.get(*at)).sum::<u64>() * 10_000_000
}

fn memory(text: &str) -> (u64, u64) {
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"));
        value.and_then(|kib| kib.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    let total = field("MemTotal:");
    (total.saturating_sub(field("MemAvailable:")), total)
}

fn network(text: &str, is_device: &dyn Fn(&str) -> bool) -> (u64, u64) {
    // Bridges and pairs, of ours and of others, count the same bytes again; in a container or a virtual machine there
    // may be no device.
    let counts_again =
        |name: &str| ["veth", "br", "tv", "teu", "docker"].iter().any(|start| name.starts_with(start));
    match interface_bytes(text, is_device) {
        (0, 0) => interface_bytes(text, |name| !counts_again(name)),
        sums => sums,
    }
}

/// Sectors are of 512 bytes in this file, whatever the disk has (block/stat.rst).
fn block(text: &str, is_disk: &dyn Fn(&str) -> bool) -> (u64, u64) {
    let mut sums = (0, 0);
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (Some(name), Some(read), Some(written)) = (words.get(2), words.get(5), words.get(9)) else {
            continue;
        };
        // What lies on other disks would be counted twice.
        if ["loop", "dm-", "md", "zram", "ram"].iter().any(|start| name.starts_with(start)) || !is_disk(name)
        {
            continue;
        }
        sums.0 += read.parse::<u64>().unwrap_or(0) * 512;
        sums.1 += written.parse::<u64>().unwrap_or(0) * 512;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found() {
        assert_eq!(processor("cpu  10 1 5 1000 50 2 3 4 9 9\ncpu0 1 1"), 250_000_000);
        let text = "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    600 kB\n";
        assert_eq!(memory(text), (400 * 1024, 1000 * 1024));
        let net = "a\nb\n    lo: 5 0 0 0 0 0 0 0 5 0\n  eth0: 100 1 0 0 0 0 0 0 40 1\n veth1: 9 0 0 0 0 0 0 0 9 0\n tv1: 9 0 0 0 0 0 0 0 9 0\n";
        assert_eq!(network(net, &|name| name == "eth0"), (100, 40));
        assert_eq!(network(net, &|_| false), (100, 40));
        let disks = "8 0 sda 1 0 10 0 1 0 4 0\n8 1 sda1 1 0 10 0 1 0 4 0\n7 0 loop0 1 0 8 0 1 0 8 0\n";
        assert_eq!(block(disks, &|name| name == "sda" || name == "loop0"), (5120, 2048));
    }

    #[test]
    fn this_host_is_read() {
        let sample = sample();
        assert!(sample.cpu_ns > 0 && sample.memory > 0 && sample.memory < sample.memory_limit);
    }
}
