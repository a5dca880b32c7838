//! `update`: new limits for a container.

use super::cli::UpdateOptions;
use super::store::{Status, Store};
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError};
use oci_spec::runtime::{LinuxBlockIo, LinuxCpu, LinuxMemory, LinuxPids, LinuxResources};
use std::io::Read;

pub(super) fn update(store: &Store, options: &UpdateOptions) -> Result<()> {
    let record = store.load(&options.id)?;
    if store.status(&record) == Status::Stopped {
        return Err(RuntimeError::of(ErrorClass::Conflict, "update", &options.id, "is not running"));
    }
    Cgroup::open(&record.cgroup)?.update(&resources(options)?)
}

fn resources(options: &UpdateOptions) -> Result<LinuxResources> {
    if let Some(source) = &options.resources {
        let mut text = String::new();
        let read = if source == "-" {
            std::io::stdin().read_to_string(&mut text)
        } else {
            std::fs::File::open(source).and_then(|mut file| file.read_to_string(&mut text))
        };
        read.map_err(|error| RuntimeError::kernel("read", source, error))?;
        return serde_json::from_str(&text).map_err(|error| RuntimeError::invalid(source, error.to_string()));
    }
    let mut resources = LinuxResources::default();
    // The type's own default denies every device, which is no change that was asked for.
    resources.set_devices(None);
    let mut cpu = LinuxCpu::default();
    cpu.set_shares(options.cpu_share)
        .set_quota(options.cpu_quota)
        .set_period(options.cpu_period)
        .set_burst(options.cpu_burst)
        .set_idle(options.cpu_idle)
        .set_realtime_period(options.cpu_rt_period)
        .set_realtime_runtime(options.cpu_rt_runtime)
        .set_cpus(options.cpuset_cpus.clone())
        .set_mems(options.cpuset_mems.clone());
    resources.set_cpu(Some(cpu));
    let mut memory = LinuxMemory::default();
    memory
        .set_limit(bytes(options.memory.as_deref())?)
        .set_reservation(bytes(options.memory_reservation.as_deref())?)
        .set_swap(bytes(options.memory_swap.as_deref())?);
    resources.set_memory(Some(memory));
    if let Some(limit) = options.pids_limit {
        let mut pids = LinuxPids::default();
        pids.set_limit(limit);
        resources.set_pids(Some(pids));
    }
    if let Some(weight) = options.blkio_weight {
        let mut io = LinuxBlockIo::default();
        io.set_weight(Some(weight));
        resources.set_block_io(Some(io));
    }
    Ok(resources)
}

/// A size with an optional suffix; -1 is unlimited.
fn bytes(text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || {
        RuntimeError::invalid(
            format!("size {text}"),
            "is not a number with an optional suffix b, k, m, g or t",
        )
    };
    let lower = text.to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &lower[digits.len()..] {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(wrong()),
    };
    let number: i64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!(bytes(Some("2m")).unwrap(), Some(2 << 20));
        assert_eq!(bytes(Some("-1")).unwrap(), Some(-1));
        assert_eq!(bytes(None).unwrap(), None);
        assert!(
            bytes(Some("2x")).is_err() && bytes(Some("")).is_err() && bytes(Some("9999999999t")).is_err()
        );
    }
}
