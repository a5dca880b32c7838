//! `linux`: namespaces, hidden paths, kernel parameters, the filter.

use super::security::{SeccompChoice, SecurityOptions};
use super::{BundleInput, cgroup_path, resources, seccomp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use teu_api::Failure;
use teu_api::container::{ContainerSpec, InitSystem, NamespaceMode, NetworkMode};

/// What Docker hides: each tells too much of the host or would let the container act on it.
pub const MASKED: [&str; 12] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
];

/// What Docker lets a container read and not write.
pub const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Whether the container has a network namespace of its own.
pub fn owns_network(spec: &ContainerSpec) -> bool {
    !matches!(spec.host.network, NetworkMode::Host | NetworkMode::Container(_))
}

/// Whether the container's host name is not its own: the host's, or another container's.
pub fn shares_host_names(spec: &ContainerSpec) -> bool {
    matches!(spec.host.uts, NamespaceMode::Host | NamespaceMode::Container(_))
}

/// Builds `linux`.
pub fn build(
    input: &BundleInput<'_>,
    options: &SecurityOptions,
    capabilities: &[String],
) -> Result<Value, Failure> {
    let spec = input.spec;
    let host = &spec.host;
    let (limits, devices) = resources::build(host)?;
    let mut linux = json!({
        "cgroupsPath": cgroup_path(input.id, spec),
        "resources": limits,
        "namespaces": namespaces(input)?,
        "devices": devices,
        "sysctl": sysctl(spec),
        "rootfsPropagation": propagation(input),
    });
    if !host.privileged && !options.system_paths_unconfined {
        let open = |path: &&str| !options.unmask.iter().any(|unmasked| unmasked == path);
        let masked: Vec<&str> =
            MASKED.into_iter().filter(open).chain(options.mask.iter().map(String::as_str)).collect();
        linux["maskedPaths"] = json!(masked);
        linux["readonlyPaths"] = json!(READ_ONLY.into_iter().filter(open).collect::<Vec<_>>());
    }
    let filter = match &options.seccomp {
        _ if host.privileged => None,
        SeccompChoice::Unconfined => None,
        SeccompChoice::Default => Some(seccomp::default_profile(capabilities)),
        SeccompChoice::Profile(text) => Some(seccomp::from_profile(text, capabilities)?),
    };
    if let Some(filter) = filter {
        linux["seccomp"] = filter;
    }
    Ok(linux)
}

fn namespaces(input: &BundleInput<'_>) -> Result<Value, Failure> {
    let host = &input.spec.host;
    let mut list = vec![json!({"type": "mount"})];
    let mut add = |kind: &'static str, mode: &NamespaceMode| -> Result<(), Failure> {
        match mode {
            NamespaceMode::Host => {}
            NamespaceMode::Container(_) => {
                let path = input.joined.iter().find(|(joined, _)| *joined == kind).map(|(_, path)| path);
                let path = path.ok_or_else(|| {
                    Failure::conflict(format!(
                        "the container whose {kind} namespace is to be joined is not running"
                    ))
                    .hint("start it first")
                })?;
                list.push(json!({"type": kind, "path": path}));
            }
            NamespaceMode::Other(word) => {
                return Err(Failure::usage(format!("invalid {kind} namespace mode: {word}"))
                    .hint("use host, private or container:NAME"));
            }
            _ => list.push(json!({"type": kind})),
        }
        Ok(())
    };
    add("pid", &host.pid)?;
    add("ipc", &host.ipc)?;
    add("uts", &host.uts)?;
    let network = match &host.network {
        NetworkMode::Host => NamespaceMode::Host,
        NetworkMode::Container(id) => NamespaceMode::Container(id.clone()),
        _ => NamespaceMode::Private,
    };
    add("network", &network)?;
    // Docker's default: private where control groups are version 2 alone, else the host's. A private one
    // hides the host's hierarchy on version 1 as well, so it is the default here on every machine.
    // systemd must find itself at the root of what it sees.
    let is_systemd = input.spec.init_system == InitSystem::Systemd;
    let cgroup = if host.privileged
        && !is_systemd
        && !input.unified_cgroups
        && host.cgroupns == NamespaceMode::Default
    {
        NamespaceMode::Host
    } else {
        host.cgroupns.clone()
    };
    add("cgroup", &cgroup)?;
    if !matches!(host.userns, NamespaceMode::Default | NamespaceMode::Host) {
        return Err(Failure::unsupported("--userns: only the host's user namespace is supported")
            .hint("leave it out or use --userns host"));
    }
    Ok(Value::Array(list))
}

fn sysctl(spec: &ContainerSpec) -> Value {
    let mut values: BTreeMap<&str, &str> = BTreeMap::new();
    if owns_network(spec) {
        // Docker's defaults since 20.10: low ports and ping need no privilege inside a private network.
        values.insert("net.ipv4.ip_unprivileged_port_start", "0");
        values.insert("net.ipv4.ping_group_range", "0 2147483647");
    }
    values.extend(spec.host.sysctls.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    json!(values)
}

/// A mount that is to see the host's later mounts needs a root that is not private.
fn propagation(input: &BundleInput<'_>) -> &'static str {
    let wants =
        |words: [&str; 2]| input.mounts.iter().any(|mount| words.contains(&mount.spec.propagation.as_str()));
    if wants(["shared", "rshared"]) {
        "shared"
    } else if wants(["slave", "rslave"]) {
        "slave"
    } else {
        "private"
    }
}
