//! Limits, in the specification's terms.

use super::devices;
use serde_json::{Map, Value, json};
use std::os::unix::fs::MetadataExt;
use teu_api::Failure;
use teu_api::container::{DeviceRate, HostSpec, Ulimit};

/// `linux.resources` and the device nodes that go with it.
pub fn build(host: &HostSpec) -> Result<(Value, Vec<Value>), Failure> {
    let limits = &host.resources;
    let mut out = Map::new();
    let (nodes, mut rules) = (devices::requested(&limits.devices)?, devices::default_rules());
    let (mut nodes, requested_rules) = nodes;
    if host.privileged {
        nodes = devices::of_the_host();
        rules = vec![json!({"allow": true, "access": "rwm"})];
    } else {
        rules.extend(requested_rules);
        for text in &limits.device_cgroup_rules {
            rules.push(devices::parse_rule(text)?);
        }
    }
    out.insert("devices".into(), Value::Array(rules));
    out.extend(counted(host)?);
    Ok((Value::Object(out), nodes))
}

/// The limits that can change while a container runs: all but its devices.
pub fn limits(host: &HostSpec) -> Result<Value, Failure> {
    counted(host).map(Value::Object)
}

fn counted(host: &HostSpec) -> Result<Map<String, Value>, Failure> {
    let mut out = Map::new();
    insert(&mut out, "memory", memory(host));
    insert(&mut out, "cpu", cpu(host));
    insert(&mut out, "blockIO", block_io(host)?);
    if host.resources.pids_limit > 0 {
        out.insert("pids".into(), json!({"limit": host.resources.pids_limit}));
    }
    Ok(out)
}

fn insert(out: &mut Map<String, Value>, key: &str, value: Map<String, Value>) {
    if !value.is_empty() {
        out.insert(key.to_owned(), Value::Object(value));
    }
}

fn memory(host: &HostSpec) -> Map<String, Value> {
    let limits = &host.resources;
    let mut memory = Map::new();
    if limits.memory > 0 {
        memory.insert("limit".into(), json!(limits.memory));
        // Docker's rule: without a word about swap, as much swap again as memory.
        let swap = if limits.memory_swap == 0 { limits.memory.saturating_mul(2) } else { limits.memory_swap };
        memory.insert("swap".into(), json!(swap));
    } else if limits.memory_swap != 0 {
        memory.insert("swap".into(), json!(limits.memory_swap));
    }
    if limits.memory_reservation > 0 {
        memory.insert("reservation".into(), json!(limits.memory_reservation));
    }
    if let Some(swappiness) = limits.memory_swappiness.filter(|value| *value >= 0) {
        memory.insert("swappiness".into(), json!(swappiness));
    }
    if limits.oom_kill_disable {
        memory.insert("disableOOMKiller".into(), json!(true));
    }
    memory
}

/// `--cpus` is a quota over this period, in microseconds.
const CPU_PERIOD: i64 = 100_000;

fn cpu(host: &HostSpec) -> Map<String, Value> {
    let limits = &host.resources;
    let mut cpu = Map::new();
    let mut set = |key: &str, value: i64| {
        if value != 0 {
            cpu.insert(key.to_owned(), json!(value));
        }
    };
    set("shares", limits.cpu_shares);
    if limits.nano_cpus > 0 {
        // In this order: a billionth of a CPU times microseconds stays within 64 bits for any real machine.
        set("quota", limits.nano_cpus.saturating_mul(CPU_PERIOD) / 1_000_000_000);
        set("period", CPU_PERIOD);
    } else {
        set("quota", limits.cpu_quota);
        set("period", limits.cpu_period);
    }
    for (key, value) in [("cpus", &limits.cpuset_cpus), ("mems", &limits.cpuset_mems)] {
        if !value.is_empty() {
            cpu.insert(key.to_owned(), json!(value));
        }
    }
    cpu
}

fn block_io(host: &HostSpec) -> Result<Map<String, Value>, Failure> {
    let limits = &host.resources;
    let mut io = Map::new();
    if limits.blkio_weight > 0 {
        io.insert("weight".into(), json!(limits.blkio_weight));
    }
    let weights = &limits.blkio_weight_device;
    if !weights.is_empty() {
        let weights = weights.iter().map(|weight| on_device(weight, "weight"));
        io.insert("weightDevice".into(), weights.collect::<Result<_, _>>()?);
    }
    for (key, rates) in [
        ("throttleReadBpsDevice", &limits.device_read_bps),
        ("throttleWriteBpsDevice", &limits.device_write_bps),
        ("throttleReadIOPSDevice", &limits.device_read_iops),
        ("throttleWriteIOPSDevice", &limits.device_write_iops),
    ] {
        if !rates.is_empty() {
            io.insert(
                key.to_owned(),
                rates.iter().map(|rate| on_device(rate, "rate")).collect::<Result<_, _>>()?,
            );
        }
    }
    Ok(io)
}

/// A number for a device, under the name that the specification has for it.
fn on_device(rate: &DeviceRate, name: &str) -> Result<Value, Failure> {
    let metadata = std::fs::metadata(&rate.path).map_err(|error| {
        Failure::usage(format!("device {}: {error}", rate.path)).hint("name a block device of this host")
    })?;
    let (major, minor) = (nix::sys::stat::major(metadata.rdev()), nix::sys::stat::minor(metadata.rdev()));
    Ok(json!({"major": major, "minor": minor, name: rate.rate}))
}

/// Process limits in the specification's terms.
pub fn rlimits(ulimits: &[Ulimit]) -> Result<Value, Failure> {
    ulimits
        .iter()
        .map(|limit| {
            if !Ulimit::NAMES.contains(&limit.name.as_str()) {
                return Err(Failure::usage(format!("invalid ulimit type: {}", limit.name))
                    .hint(format!("known are {}", Ulimit::NAMES.join(", "))));
            }
            // The specification counts unlimited as the largest unsigned number.
            let number = |value: i64| if value < 0 { u64::MAX } else { value as u64 };
            let kind = format!("RLIMIT_{}", limit.name.to_ascii_uppercase());
            Ok(json!({"type": kind, "soft": number(limit.soft), "hard": number(limit.hard)}))
        })
        .collect()
}
