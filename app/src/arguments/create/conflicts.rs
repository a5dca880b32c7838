//! What must not be asked for together, and what cannot be had at all.

use super::CreateArguments;
use crate::arguments::values::wrong;
use teu_api::Failure;
use teu_api::container::{ContainerSpec, NamespaceMode, NetworkMode, RestartPolicy};

/// The least memory a container may be limited to: 6 MiB, as Docker has it.
const LEAST_MEMORY: i64 = 6 << 20;

/// Refuses the flags that Docker has and teu has not.
pub(super) fn unsupported(arguments: &CreateArguments) -> Result<(), Failure> {
    let refused = |flag: &str, why: &str, hint: &str| {
        Err(Failure::usage(format!("{flag} is not supported: {why}")).hint(hint))
    };
    if arguments.host.gpus.is_some() {
        return refused("--gpus", "there is no GPU hook here", "hand the devices in with --device");
    }
    if arguments.host.isolation.as_deref().is_some_and(|mode| !mode.is_empty() && mode != "default") {
        return refused("--isolation", "it is for Windows", "leave it out");
    }
    if !arguments.host.storage_opt.is_empty() {
        return refused("--storage-opt", "overlayfs has no size per container", "leave it out");
    }
    if arguments.host.volume_driver.as_deref().is_some_and(|driver| driver != "local") {
        return refused("--volume-driver", "there is one driver, local", "leave it out");
    }
    if !arguments.network.link_local_ip.is_empty() {
        return refused("--link-local-ip", "addresses come from the network's range", "use --ip or --ip6");
    }
    if arguments.limits.cpu_rt_period.is_some() || arguments.limits.cpu_rt_runtime.is_some() {
        return refused(
            "--cpu-rt-period, --cpu-rt-runtime",
            "kernels no longer give groups real-time CPU",
            "use --cpus",
        );
    }
    Ok(())
}

/// Refuses combinations that mean nothing.
pub(super) fn check(arguments: &CreateArguments, spec: &ContainerSpec) -> Result<(), Failure> {
    if spec.host.auto_remove && spec.host.restart != RestartPolicy::No {
        return Err(wrong(
            "conflicting options: cannot specify both --restart and --rm",
            "leave one of them out",
        ));
    }
    network(arguments, spec)?;
    limits(spec)?;
    if spec.host.uts == NamespaceMode::Host && !spec.hostname.is_empty() {
        return Err(wrong(
            "conflicting options: hostname and the UTS mode",
            "leave --hostname or --uts host out",
        ));
    }
    if !spec.stop_signal.is_empty() && !is_signal(&spec.stop_signal) {
        // An image's own bad word is as wrong as the user's, and the flag mends both.
        return Err(wrong(
            format!("invalid signal: {}", spec.stop_signal),
            "give --stop-signal one like SIGTERM or 15",
        ));
    }
    if spec.stop_timeout.is_some_and(|seconds| seconds < -1) {
        return Err(wrong("--stop-timeout cannot be below -1", "-1 means to wait for ever"));
    }
    if !matches!(spec.host.systemd.as_str(), "" | "true" | "false" | "always") {
        return Err(wrong(
            format!("invalid --systemd {:?}", spec.host.systemd),
            "write true, false or always",
        ));
    }
    for (flag, list) in [("--cap-add", &spec.host.cap_add), ("--cap-drop", &spec.host.cap_drop)] {
        if let Some(bad) = list
            .iter()
            .find(|name| name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        {
            return Err(wrong(
                format!("invalid {flag}: unknown capability: {bad:?}"),
                "write it like NET_ADMIN or ALL",
            ));
        }
    }
    Ok(())
}

fn network(arguments: &CreateArguments, spec: &ContainerSpec) -> Result<(), Failure> {
    let alone = match spec.host.network {
        NetworkMode::Host => Some("host type networking"),
        NetworkMode::Container(_) => Some("container type network mode"),
        NetworkMode::None => Some("no network"),
        NetworkMode::Default | NetworkMode::Named => None,
    };
    if let Some(mode) = alone.filter(|_| !spec.host.links.is_empty()) {
        return Err(wrong(
            format!("conflicting options: {mode} can't be used with links"),
            "join a network that the other container is on",
        ));
    }
    if let NetworkMode::Container(_) = spec.host.network {
        let net = &arguments.network;
        let clashes = [
            ("hostname and the network mode", net.hostname.is_some()),
            (
                "port publishing and the container type network mode",
                !net.publish.is_empty() || net.publish_all,
            ),
            ("port exposing and the container type network mode", !net.expose.is_empty()),
            (
                "dns and the network mode",
                !(net.dns.is_empty() && net.dns_search.is_empty() && net.dns_option.is_empty()),
            ),
            ("custom host-to-IP mapping and the network mode", !net.add_host.is_empty()),
        ];
        if let Some((what, _)) = clashes.iter().find(|(_, clash)| *clash) {
            return Err(wrong(
                format!("conflicting options: {what}"),
                "with --network container:NAME these are that container's",
            ));
        }
    }
    Ok(())
}

fn limits(spec: &ContainerSpec) -> Result<(), Failure> {
    let limits = &spec.host.resources;
    if limits.memory != 0 && limits.memory < LEAST_MEMORY {
        return Err(wrong("Minimum memory limit allowed is 6MB", "give --memory more"));
    }
    if limits.memory_swap > 0 && limits.memory == 0 {
        return Err(wrong(
            "You should always set the Memory limit when using Memoryswap limit, see usage",
            "add --memory",
        ));
    }
    if limits.memory_swap > 0 && limits.memory_swap < limits.memory {
        return Err(wrong(
            "Minimum memoryswap limit should be larger than memory limit, see usage",
            "--memory-swap counts memory and swap together",
        ));
    }
    if limits.memory != 0 && limits.memory_reservation > limits.memory {
        return Err(wrong(
            "Minimum memory limit can not be less than memory reservation limit, see usage",
            "give --memory more",
        ));
    }
    if limits.memory_swappiness.is_some_and(|value| !(0..=100).contains(&value)) {
        return Err(wrong(
            "invalid value for --memory-swappiness: valid range is 0-100",
            "write a number from 0 to 100",
        ));
    }
    if limits.nano_cpus > 0 && (limits.cpu_period != 0 || limits.cpu_quota != 0) {
        return Err(wrong(
            "Conflicting options: Nano CPUs and CPU Period or Quota cannot both be set",
            "use --cpus alone",
        ));
    }
    if limits.cpu_period != 0 && !(1_000..=1_000_000).contains(&limits.cpu_period) {
        return Err(wrong(
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
            "the usual one is 100000",
        ));
    }
    if limits.cpu_quota > 0 && limits.cpu_quota < 1_000 {
        return Err(wrong("CPU cfs quota can not be less than 1ms (i.e. 1000)", "give --cpu-quota more"));
    }
    if limits.cpu_shares < 0 {
        return Err(wrong(
            format!("invalid CPU shares ({}): value must be a positive integer", limits.cpu_shares),
            "the usual one is 1024",
        ));
    }
    let mut weights = limits.blkio_weight_device.iter().map(|weight| weight.rate);
    if (limits.blkio_weight != 0 && !(10..=1000).contains(&limits.blkio_weight))
        || weights.any(|weight| !(10..=1000).contains(&weight))
    {
        return Err(wrong("Range of blkio weight is from 10 to 1000", "the usual one is 500"));
    }
    if limits.pids_limit < -1 {
        return Err(wrong("--pids-limit cannot be below -1", "-1 means no limit"));
    }
    for (flag, set) in [("--cpuset-cpus", &limits.cpuset_cpus), ("--cpuset-mems", &limits.cpuset_mems)] {
        if !set.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'-')) {
            return Err(wrong(format!("invalid value {set:?} for {flag}"), "write it like 0-3,5"));
        }
    }
    if let Some(score) = spec.host.oom_score_adj.filter(|score| !(-1000..=1000).contains(score)) {
        return Err(wrong(
            format!("Invalid value {score}, range for oom score adj is [-1000, 1000]"),
            "give a number in it",
        ));
    }
    Ok(())
}

/// Whether a word names a signal: a number from 1 to 64, or a name with or without `SIG`.
fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<u8>() {
        return (1..=64).contains(&number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    const NAMES: [&str; 34] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
        "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS",
    ];
    let real_time = |prefix: &str, sign: char| {
        name.strip_prefix(prefix).is_some_and(|rest| {
            rest.is_empty()
                || rest.strip_prefix(sign).and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| n <= 15)
        })
    };
    NAMES.contains(&name) || real_time("RTMIN", '+') || real_time("RTMAX", '-')
}
