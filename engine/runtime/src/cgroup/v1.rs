//! Limits on v1: one file each.

use super::{Cgroup, read, write};
use crate::error::{Result, RuntimeError, shown};
use oci_spec::runtime::LinuxResources;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Whether any cpuset limit is asked for.
pub(super) fn wants_cpuset(resources: &LinuxResources) -> bool {
    resources.cpu().as_ref().is_some_and(|cpu| {
        cpu.cpus().as_deref().is_some_and(|v| !v.is_empty())
            || cpu.mems().as_deref().is_some_and(|v| !v.is_empty())
    })
}

/// Makes the directory and its parents, each told in `made`. A cpuset is unusable until it has CPUs and memory
/// nodes, which it does not inherit.
pub(super) fn make(controller: &str, path: &Path, made: &mut Vec<PathBuf>) -> Result<()> {
    match fs::create_dir(path) {
        Ok(()) => made.push(path.to_path_buf()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                make(controller, parent, made)?;
            }
            match fs::create_dir(path) {
                Ok(()) => made.push(path.to_path_buf()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(RuntimeError::kernel("make cgroup", shown(path), error)),
            }
        }
        Err(error) => return Err(RuntimeError::kernel("make cgroup", shown(path), error)),
    }
    if controller == "cpuset"
        && let Some(parent) = path.parent()
    {
        for file in ["cpuset.cpus", "cpuset.mems"] {
            if read(&path.join(file))?.trim().is_empty() {
                let inherited = read(&parent.join(file))?;
                if inherited.trim().is_empty() {
                    make(controller, parent, made)?;
                }
                write(&path.join(file), read(&parent.join(file))?.trim())?;
            }
        }
    }
    Ok(())
}

/// Sets the limits.
pub(super) fn apply(cgroup: &Cgroup, resources: &LinuxResources) -> Result<()> {
    memory(cgroup, resources)?;
    cpu(cgroup, resources)?;
    if let Some(pids) = resources.pids() {
        let value = if pids.limit() > 0 { pids.limit().to_string() } else { "max".to_string() };
        if pids.limit() != 0 {
            write(&cgroup.need("pids", "the process limit")?.join("pids.max"), &value)?;
        }
    }
    block_io(cgroup, resources)?;
    for limit in resources.hugepage_limits().as_deref().unwrap_or_default() {
        let file = format!("hugetlb.{}.limit_in_bytes", limit.page_size());
        write(&cgroup.need("hugetlb", "a huge page limit")?.join(file), &limit.limit().to_string())?;
    }
    for (device, limit) in resources.rdma().iter().flatten() {
        let value = super::v2::rdma(device, limit);
        write(&cgroup.need("rdma", "an RDMA limit")?.join("rdma.max"), &value)?;
    }
    if let Some(network) = resources.network() {
        if let Some(class) = network.class_id().filter(|class| *class != 0) {
            write(&cgroup.need("net_cls", "the network class")?.join("net_cls.classid"), &class.to_string())?;
        }
        for priority in network.priorities().as_deref().unwrap_or_default() {
            let value = format!("{} {}", priority.name(), priority.priority());
            write(&cgroup.need("net_prio", "a network priority")?.join("net_prio.ifpriomap"), &value)?;
        }
    }
    if let Some((name, value)) = resources.unified().iter().flatten().next() {
        return Err(RuntimeError::invalid(
            format!("linux.resources.unified {name}"),
            format!("cannot be set to {value}: this host uses cgroup v1 (invalid configuration)"),
        ));
    }
    Ok(())
}

fn memory(cgroup: &Cgroup, resources: &LinuxResources) -> Result<()> {
    let Some(memory) = resources.memory() else { return Ok(()) };
    let set = |file: &str, value: i64| {
        write(&cgroup.need("memory", "a memory limit")?.join(file), &value.to_string())
    };
    let limit = memory.limit().filter(|limit| *limit != 0);
    let swap = memory.swap().filter(|swap| *swap != 0);
    if let (Some(limit), Some(swap)) = (limit, swap)
        && swap > 0
        && limit > swap
    {
        return Err(RuntimeError::invalid(
            "linux.resources.memory.swap",
            "is below the memory limit, which it includes",
        ));
    }
    if let Some(limit) = limit {
        // The limit must never be above that of memory and swap: raise that first, lower it last.
        let first = set("memory.limit_in_bytes", limit);
        if first.is_err() && (swap.is_some() || limit == -1) {
            set_swap(cgroup, swap.unwrap_or(-1))?;
            set("memory.limit_in_bytes", limit)?;
        } else {
            first?;
        }
    }
    if let Some(swap) = swap {
        set_swap(cgroup, swap)?;
    }
    if let Some(reservation) = memory.reservation().filter(|value| *value != 0) {
        set("memory.soft_limit_in_bytes", reservation)?;
    }
    if let Some(tcp) = memory.kernel_tcp().filter(|value| *value != 0) {
        set("memory.kmem.tcp.limit_in_bytes", tcp)?;
    }
    if let Some(swappiness) = memory.swappiness() {
        if swappiness > 100 {
            return Err(RuntimeError::invalid(
                "linux.resources.memory.swappiness",
                "is not between 0 and 100",
            ));
        }
        set("memory.swappiness", swappiness as i64)?;
    }
    if memory.disable_oom_killer() == Some(true) {
        set("memory.oom_control", 1)?;
    }
    Ok(())
}

fn set_swap(cgroup: &Cgroup, swap: i64) -> Result<()> {
    let path = cgroup.need("memory", "a swap limit")?.join("memory.memsw.limit_in_bytes");
    if !path.exists() {
        // Without swap accounting there is no swap to limit; Docker warns and goes on.
        return Ok(());
    }
    write(&path, &swap.to_string())
}

fn cpu(cgroup: &Cgroup, resources: &LinuxResources) -> Result<()> {
    let Some(cpu) = resources.cpu() else { return Ok(()) };
    let set = |file: &str, value: String| write(&cgroup.need("cpu", "a CPU limit")?.join(file), &value);
    if let Some(shares) = cpu.shares().filter(|shares| *shares != 0) {
        set("cpu.shares", shares.to_string())?;
    }
    if let Some(idle) = cpu.idle() {
        set("cpu.idle", idle.to_string())?;
    }
    let burst = cpu.burst();
    if burst == Some(0) {
        set("cpu.cfs_burst_us", "0".into())?;
    }
    if let Some(period) = cpu.period().filter(|period| *period != 0) {
        let first = set("cpu.cfs_period_us", period.to_string());
        match (first, cpu.quota()) {
            // A short period may be refused with the old quota: the new quota goes first.
            (Err(_), Some(quota)) if quota != 0 => {
                set("cpu.cfs_quota_us", quota.to_string())?;
                set("cpu.cfs_period_us", period.to_string())?;
            }
            (result, _) => result?,
        }
    }
    if let Some(quota) = cpu.quota().filter(|quota| *quota != 0) {
        set("cpu.cfs_quota_us", quota.to_string())?;
    }
    if let Some(burst) = burst.filter(|burst| *burst != 0) {
        set("cpu.cfs_burst_us", burst.to_string())?;
    }
    let period = cpu.realtime_period().filter(|period| *period != 0);
    let runtime = cpu.realtime_runtime().filter(|runtime| *runtime != 0);
    let mut pair = [
        period.map(|period| ("cpu.rt_period_us", period.to_string())),
        runtime.map(|runtime| ("cpu.rt_runtime_us", runtime.to_string())),
    ];
    // The kernel looks at each with the other's old value: a period below the old runtime has to come last.
    if pair.iter().all(Option::is_some)
        && let Some((file, value)) = &pair[0]
        && set(file, value.clone()).is_err()
    {
        pair.reverse();
    }
    for (file, value) in pair.into_iter().flatten() {
        set(file, value)?;
    }
    for (file, value) in [("cpuset.cpus", cpu.cpus()), ("cpuset.mems", cpu.mems())] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            write(&cgroup.need("cpuset", "a CPU set")?.join(file), value)?;
        }
    }
    Ok(())
}

fn block_io(cgroup: &Cgroup, resources: &LinuxResources) -> Result<()> {
    let Some(io) = resources.block_io() else { return Ok(()) };
    let set =
        |file: &str, value: String| write(&cgroup.need("blkio", "a block I/O limit")?.join(file), &value);
    let weight_file = |plain: &'static str, bfq: &'static str| -> Result<&'static str> {
        Ok(if cgroup.need("blkio", "a block I/O weight")?.join(plain).exists() { plain } else { bfq })
    };
    if let Some(weight) = io.weight().filter(|weight| *weight != 0) {
        set(weight_file("blkio.weight", "blkio.bfq.weight")?, weight.to_string())?;
    }
    if let Some(weight) = io.leaf_weight().filter(|weight| *weight != 0) {
        set("blkio.leaf_weight", weight.to_string())?;
    }
    for device in io.weight_device().as_deref().unwrap_or_default() {
        if let Some(weight) = device.weight().filter(|weight| *weight != 0) {
            let value = format!("{}:{} {weight}", device.major(), device.minor());
            set(weight_file("blkio.weight_device", "blkio.bfq.weight_device")?, value)?;
        }
    }
    for (file, devices) in [
        ("blkio.throttle.read_bps_device", io.throttle_read_bps_device()),
        ("blkio.throttle.write_bps_device", io.throttle_write_bps_device()),
        ("blkio.throttle.read_iops_device", io.throttle_read_iops_device()),
        ("blkio.throttle.write_iops_device", io.throttle_write_iops_device()),
    ] {
        for device in devices.as_deref().unwrap_or_default() {
            set(file, format!("{}:{} {}", device.major(), device.minor(), device.rate()))?;
        }
    }
    Ok(())
}
