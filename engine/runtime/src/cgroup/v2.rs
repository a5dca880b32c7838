//! Limits on v2: the configuration's v1 vocabulary in the unified hierarchy's terms.

use super::{Hierarchy, read, write};
use crate::error::{ErrorClass, Result, RuntimeError, shown};
use oci_spec::runtime::{LinuxRdma, LinuxResources};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Makes the directory with its parents, every available controller enabled on the way down.
pub(super) fn make(hierarchy: &Hierarchy, path: &Path, made: &mut Vec<PathBuf>) -> Result<()> {
    let root = hierarchy.roots.first().map_or(Path::new("/sys/fs/cgroup"), |root| &root.path);
    let available = read(&root.join("cgroup.controllers"))?;
    let mut current = root.to_path_buf();
    for part in path.strip_prefix(root).unwrap_or(path).components() {
        for controller in available.split_whitespace() {
            // One by one: a controller that cannot be enabled (real-time processes, delegation) must not keep the
            // others out. A limit that needs it fails with its own clear error.
            let _ = fs::write(current.join("cgroup.subtree_control"), format!("+{controller}"));
        }
        current.push(part);
        match fs::create_dir(&current) {
            Ok(()) => made.push(current.clone()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(RuntimeError::kernel("make cgroup", shown(&current), error)),
        }
    }
    Ok(())
}

/// `cpu.shares` (2 to 262144, default 1024) as `cpu.weight` (1 to 10000, default 100), so that the minimum, the
/// default and the maximum meet: a curve through these three points, as newer runtimes use it.
pub(super) fn weight_of_shares(shares: u64) -> u64 {
    match shares {
        0 => 0,
        1..=2 => 1,
        262_144.. => 10_000,
        _ => {
            let log = (shares as f64).log2();
            let exponent = (log * log + 125.0 * log) / 612.0 - 7.0 / 34.0;
            10f64.powf(exponent).ceil() as u64
        }
    }
}

/// A block I/O weight of v1 (10 to 1000) as `io.weight` (1 to 10000).
fn io_weight(weight: u16) -> u64 {
    1 + (u64::from(weight).saturating_sub(10)) * 9999 / 990
}

fn set(path: &Path, file: &str, value: &str) -> Result<()> {
    let target = path.join(file);
    if !target.exists() {
        let controller = file.split('.').next().unwrap_or(file);
        return Err(RuntimeError::of(
            ErrorClass::Unsupported,
            "set",
            file.to_string(),
            format!("the {controller} cgroup controller is not available here"),
        ));
    }
    write(&target, value)
}

/// One line of `rdma.max`, which is the same file on both versions.
pub(super) fn rdma(device: &str, limit: &LinuxRdma) -> String {
    let handles = limit.hca_handles().map_or(String::new(), |value| format!(" hca_handle={value}"));
    let objects = limit.hca_objects().map_or(String::new(), |value| format!(" hca_object={value}"));
    format!("{device}{handles}{objects}")
}

fn limit(value: i64) -> String {
    if value < 0 { "max".to_string() } else { value.to_string() }
}

/// Sets the limits.
pub(super) fn apply(path: &Path, resources: &LinuxResources) -> Result<()> {
    if let Some(memory) = resources.memory() {
        let max = memory.limit().filter(|limit| *limit != 0);
        if let Some(swap) = memory.swap().filter(|swap| *swap != 0) {
            // v1 counts memory and swap together, v2 swap alone.
            let value = match (swap, max) {
                (-1, _) => "max".to_string(),
                (total, Some(max)) if max > 0 && total >= max => (total - max).to_string(),
                (_, Some(max)) if max > 0 => {
                    return Err(RuntimeError::invalid(
                        "linux.resources.memory.swap",
                        "is below the memory limit, which it includes",
                    ));
                }
                _ => {
                    return Err(RuntimeError::invalid("linux.resources.memory.swap", "needs a memory limit"));
                }
            };
            set(path, "memory.swap.max", &value)?;
        }
        if let Some(max) = max {
            set(path, "memory.max", &limit(max))?;
        }
        if let Some(reservation) = memory.reservation().filter(|value| *value != 0) {
            set(path, "memory.low", &limit(reservation))?;
        }
    }
    if let Some(cpu) = resources.cpu() {
        if let Some(shares) = cpu.shares().filter(|shares| *shares != 0) {
            set(path, "cpu.weight", &weight_of_shares(shares).to_string())?;
        }
        if let Some(idle) = cpu.idle() {
            set(path, "cpu.idle", &idle.to_string())?;
        }
        if cpu.quota().is_some_and(|quota| quota != 0) || cpu.period().is_some_and(|period| period != 0) {
            let quota =
                cpu.quota().filter(|quota| *quota > 0).map_or("max".to_string(), |quota| quota.to_string());
            let period = cpu.period().filter(|period| *period != 0).unwrap_or(100_000);
            set(path, "cpu.max", &format!("{quota} {period}"))?;
        }
        if let Some(burst) = cpu.burst() {
            set(path, "cpu.max.burst", &burst.to_string())?;
        }
        for (file, value) in [("cpuset.cpus", cpu.cpus()), ("cpuset.mems", cpu.mems())] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                set(path, file, value)?;
            }
        }
    }
    if let Some(pids) = resources.pids()
        && pids.limit() != 0
    {
        set(path, "pids.max", &limit(pids.limit()))?;
    }
    if let Some(io) = resources.block_io() {
        if let Some(weight) = io.weight().filter(|weight| *weight != 0) {
            if path.join("io.bfq.weight").exists() {
                set(path, "io.bfq.weight", &weight.to_string())?;
            } else {
                set(path, "io.weight", &io_weight(weight).to_string())?;
            }
        }
        for (key, devices) in [
            ("rbps", io.throttle_read_bps_device()),
            ("wbps", io.throttle_write_bps_device()),
            ("riops", io.throttle_read_iops_device()),
            ("wiops", io.throttle_write_iops_device()),
        ] {
            for device in devices.as_deref().unwrap_or_default() {
                set(
                    path,
                    "io.max",
                    &format!("{}:{} {key}={}", device.major(), device.minor(), device.rate()),
                )?;
            }
        }
    }
    for huge in resources.hugepage_limits().as_deref().unwrap_or_default() {
        set(path, &format!("hugetlb.{}.max", huge.page_size()), &huge.limit().to_string())?;
    }
    for (device, limit) in resources.rdma().iter().flatten() {
        set(path, "rdma.max", &rdma(device, limit))?;
    }
    for (name, value) in resources.unified().iter().flatten() {
        if name.contains('/') || name.starts_with('.') {
            return Err(RuntimeError::invalid(format!("linux.resources.unified {name}"), "is no file name"));
        }
        set(path, name, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_meet_weights_at_their_ends_and_defaults() {
        assert_eq!(weight_of_shares(2), 1);
        assert_eq!(weight_of_shares(1024), 100);
        assert_eq!(weight_of_shares(262_144), 10_000);
        assert_eq!((io_weight(10), io_weight(1000)), (1, 10_000));
    }
}
