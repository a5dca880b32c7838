//! `HostConfig` of a container's `inspect`, in Docker's shape.

use crate::bundle;
use serde_json::{Map, Value, json};
use teu_api::container::{DeviceRate, MountKind, NamespaceMode, NetworkMode, RestartPolicy};
use teu_store::ContainerRecord;

/// Docker's word for a namespace mode.
fn mode(mode: &NamespaceMode) -> String {
    match mode {
        NamespaceMode::Default => String::new(),
        NamespaceMode::Private => "private".to_owned(),
        NamespaceMode::Host => "host".to_owned(),
        NamespaceMode::Container(id) => format!("container:{id}"),
        NamespaceMode::Shareable => "shareable".to_owned(),
        NamespaceMode::None => "none".to_owned(),
        NamespaceMode::Other(word) => word.clone(),
    }
}

/// Docker's word for a network mode.
pub(crate) fn network_mode(mode: &NetworkMode, first: Option<&str>) -> String {
    match mode {
        NetworkMode::Default => "bridge".to_owned(),
        NetworkMode::None => "none".to_owned(),
        NetworkMode::Host => "host".to_owned(),
        NetworkMode::Container(id) => format!("container:{id}"),
        NetworkMode::Named => first.unwrap_or("bridge").to_owned(),
    }
}

pub(super) fn host_config(record: &ContainerRecord) -> Value {
    let host = &record.spec.host;
    let limits = &host.resources;
    let open = host.privileged
        || host
            .security_opt
            .iter()
            .any(|option| matches!(option.as_str(), "systempaths=unconfined" | "unmask=ALL"));
    let (policy, retries) = match host.restart {
        RestartPolicy::No => ("no", 0),
        RestartPolicy::OnFailure(retries) => ("on-failure", retries),
        RestartPolicy::Always => ("always", 0),
        RestartPolicy::UnlessStopped => ("unless-stopped", 0),
    };
    let tmpfs: Map<String, Value> = host
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Tmpfs)
        .map(|mount| {
            let size = (mount.tmpfs_size > 0).then(|| format!("size={}", mount.tmpfs_size));
            let mode = (mount.tmpfs_mode > 0).then(|| format!("mode={:o}", mount.tmpfs_mode));
            let words: Vec<String> = mount.options.iter().cloned().chain(size).chain(mode).collect();
            (mount.target.clone(), json!(words.join(",")))
        })
        .collect();
    let binds = host.mounts.iter().filter(|mount| mount.kind != MountKind::Tmpfs).map(|mount| {
        let access = if mount.read_only { ":ro" } else { "" };
        format!("{}:{}{access}", mount.source, mount.target)
    });
    let ulimits = limits
        .ulimits
        .iter()
        .map(|limit| json!({"Name": limit.name, "Soft": limit.soft, "Hard": limit.hard}));
    let mut value = json!({
        "Binds": some(&binds.collect::<Vec<_>>()),
        "ContainerIDFile": "",
        "LogConfig": {
            "Type": host.log.driver,
            "Config": {"max-size": size_word(host.log.max_size), "max-file": host.log.max_files.to_string()},
        },
        "NetworkMode": network_mode(&host.network, host.networks.first().map(|network| network.network.as_str())),
        "PortBindings": crate::networks::port_map(&host.ports),
        "RestartPolicy": {"Name": policy, "MaximumRetryCount": retries},
        "AutoRemove": host.auto_remove,
        "VolumeDriver": "",
        "VolumesFrom": some(&host.volumes_from),
        "ConsoleSize": [0, 0],
        "CapAdd": some(&capabilities(&host.cap_add)),
        "CapDrop": some(&capabilities(&host.cap_drop)),
        "CgroupnsMode": match mode(&host.cgroupns) { word if word.is_empty() => "private".to_owned(), word => word },
        "Dns": host.dns,
        "DnsOptions": host.dns_options,
        "DnsSearch": host.dns_search,
        "ExtraHosts": host.extra_hosts,
        "GroupAdd": some(&host.group_add),
        "IpcMode": match mode(&host.ipc) { word if word.is_empty() => "private".to_owned(), word => word },
        "Cgroup": "",
        "Links": some(&links(record)),
        "OomScoreAdj": host.oom_score_adj.unwrap_or(0),
        "PidMode": mode(&host.pid),
        "Privileged": host.privileged,
        "PublishAllPorts": host.publish_all,
        "ReadonlyRootfs": host.read_only,
        "SecurityOpt": some(&host.security_opt),
        "UTSMode": mode(&host.uts),
        "UsernsMode": mode(&host.userns),
        "ShmSize": if host.shm_size == 0 { 64 << 20 } else { host.shm_size },
        "Runtime": if host.runtime.is_empty() { "teu" } else { &host.runtime },
        "Isolation": "",
        "MaskedPaths": if open { json!([]) } else { json!(bundle::MASKED) },
        "ReadonlyPaths": if open { json!([]) } else { json!(bundle::READ_ONLY) },
    });
    // Docker writes these only where there is something to say.
    if host.init {
        value["Init"] = json!(true);
    }
    if !record.spec.annotations.is_empty() {
        value["Annotations"] = json!(record.spec.annotations);
    }
    if !host.sysctls.is_empty() {
        value["Sysctls"] = json!(host.sysctls);
    }
    if !tmpfs.is_empty() {
        value["Tmpfs"] = Value::Object(tmpfs);
    }
    let by_device = |rates: &[DeviceRate], name: &str| {
        json!(rates.iter().map(|rate| json!({"Path": rate.path, name: rate.rate})).collect::<Vec<_>>())
    };
    let rates = |rates: &[DeviceRate]| by_device(rates, "Rate");
    let devices = limits.devices.iter().map(|device| {
        json!({"PathOnHost": device.host, "PathInContainer": device.container, "CgroupPermissions": device.permissions})
    });
    let limits = json!({
        "CpuShares": limits.cpu_shares,
        "Memory": limits.memory,
        "NanoCpus": limits.nano_cpus,
        "CgroupParent": limits.cgroup_parent,
        "BlkioWeight": limits.blkio_weight,
        "BlkioWeightDevice": by_device(&limits.blkio_weight_device, "Weight"),
        "BlkioDeviceReadBps": rates(&limits.device_read_bps),
        "BlkioDeviceWriteBps": rates(&limits.device_write_bps),
        "BlkioDeviceReadIOps": rates(&limits.device_read_iops),
        "BlkioDeviceWriteIOps": rates(&limits.device_write_iops),
        "CpuPeriod": limits.cpu_period,
        "CpuQuota": limits.cpu_quota,
        "CpuRealtimePeriod": 0,
        "CpuRealtimeRuntime": 0,
        "CpuCount": 0,
        "CpuPercent": 0,
        "IOMaximumIOps": 0,
        "IOMaximumBandwidth": 0,
        "Devices": devices.collect::<Vec<_>>(),
        "DeviceCgroupRules": some(&limits.device_cgroup_rules),
        "DeviceRequests": Value::Null,
        "CpusetCpus": limits.cpuset_cpus,
        "CpusetMems": limits.cpuset_mems,
        "MemoryReservation": limits.memory_reservation,
        // Without a word about swap there is as much of it again as memory.
        "MemorySwap": if limits.memory_swap == 0 { limits.memory.saturating_mul(2) } else { limits.memory_swap },
        "MemorySwappiness": limits.memory_swappiness,
        "OomKillDisable": limits.oom_kill_disable,
        "PidsLimit": if limits.pids_limit == 0 { Value::Null } else { json!(limits.pids_limit) },
        "Ulimits": ulimits.collect::<Vec<_>>(),
    });
    if let (Value::Object(all), Value::Object(limits)) = (&mut value, limits) {
        all.extend(limits);
    }
    value
}

/// Links as Docker writes them: the other container, and the name below this one's.
fn links(record: &ContainerRecord) -> Vec<String> {
    let pairs = record.spec.host.links.iter().filter_map(|link| link.split_once(':'));
    pairs.map(|(other, name)| format!("/{other}:/{}/{name}", record.name)).collect()
}

/// A size as its user would have written it.
fn size_word(bytes: u64) -> String {
    match bytes {
        0 => "0".to_owned(),
        bytes if bytes % (1 << 20) == 0 => format!("{}m", bytes >> 20),
        bytes if bytes % (1 << 10) == 0 => format!("{}k", bytes >> 10),
        bytes => bytes.to_string(),
    }
}

/// A list, or null where it is empty, as Docker has it.
fn some<T: serde::Serialize>(list: &[T]) -> Value {
    if list.is_empty() { Value::Null } else { json!(list) }
}

/// Capabilities by their full names.
fn capabilities(names: &[String]) -> Vec<String> {
    let full = |name: &String| match name.to_ascii_uppercase() {
        all if all == "ALL" || all.starts_with("CAP_") => all,
        short => format!("CAP_{short}"),
    };
    names.iter().map(full).collect()
}
