//! From arguments and image to a specification, by Docker's rules.

use super::{CreateArguments, ImageDefaults, conflicts};
use crate::arguments::values::environment::{self, Lookup};
use crate::arguments::values::namespace::{self, NamespaceKind};
use crate::arguments::values::{
    device, hosts, labels, logging, mount, network, number, port, restart, size, ulimit, volume, wrong,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{
    ContainerSpec, DeviceRate, HostSpec, InitSystem, MountKind, MountSpec, NamespaceMode, NetworkAttachment,
    NetworkMode, Resources,
};

/// What of the caller's surroundings a specification depends on.
pub struct Surroundings<'a> {
    /// The caller's environment.
    pub env: Lookup<'a>,
    /// Reads a text file that a flag names.
    pub read: &'a dyn Fn(&Path) -> std::io::Result<String>,
    /// The caller's working directory.
    pub cwd: PathBuf,
}

/// Joins the arguments with the image, reading files and the working directory from this process's own
/// surroundings. Returns the specification and the name asked for.
pub fn to_spec(
    arguments: &CreateArguments,
    env: &dyn Fn(&str) -> Option<String>,
    image: &ImageDefaults,
) -> Result<(ContainerSpec, Option<String>), Failure> {
    let cwd = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let read = |path: &Path| std::fs::read_to_string(path);
    to_spec_in(arguments, &Surroundings { env, read: &read, cwd }, image)
}

/// As [`to_spec`], with everything it depends on handed in.
pub fn to_spec_in(
    arguments: &CreateArguments,
    around: &Surroundings<'_>,
    image: &ImageDefaults,
) -> Result<(ContainerSpec, Option<String>), Failure> {
    conflicts::unsupported(arguments)?;
    let process = &arguments.process;
    let (entrypoint, command) = command_line(arguments, image);
    let attach = attached_streams(arguments)?;
    let working_dir = match process.workdir.as_deref() {
        Some(dir) if !dir.starts_with('/') => {
            return Err(wrong(
                format!("the working directory '{dir}' is invalid, it needs to be an absolute path"),
                "give --workdir a path that begins with /",
            ));
        }
        Some(dir) => dir.to_owned(),
        None => image.working_dir.clone(),
    };
    let mut exposed_ports = image.exposed_ports.clone();
    for text in &arguments.network.expose {
        add_all(&mut exposed_ports, port::expose(text)?);
    }
    let host = host(arguments, around, image)?;
    for published in &host.ports {
        add_all(&mut exposed_ports, [format!("{}/{}", published.container_port, published.protocol.word())]);
    }
    let spec = ContainerSpec {
        image: arguments.image().to_owned(),
        image_id: image.id.clone(),
        layers: Vec::new(),
        entrypoint,
        command,
        env: variables(arguments, around, image)?,
        working_dir,
        user: process.user.clone().unwrap_or_else(|| image.user.clone()),
        hostname: arguments
            .network
            .hostname
            .as_deref()
            .map(hosts::host_name)
            .transpose()?
            .unwrap_or_default(),
        domainname: arguments.network.domainname.clone().unwrap_or_default(),
        tty: process.tty,
        open_stdin: process.interactive,
        stdin_once: process.interactive && attach.iter().any(|stream| stream == "stdin"),
        attach,
        labels: all_labels(arguments, around, image)?,
        annotations: arguments
            .host
            .annotation
            .iter()
            .map(|text| labels::required_pair("--annotation", text))
            .collect::<Result<_, _>>()?,
        stop_signal: process.stop_signal.clone().unwrap_or_else(|| image.stop_signal.clone()),
        stop_timeout: process.stop_timeout,
        exposed_ports,
        volumes: image.volumes.clone(),
        init_system: InitSystem::default(),
        health_check: arguments.health.merge(image)?,
        host,
    };
    conflicts::check(arguments, &spec)?;
    Ok((spec, arguments.name.clone()))
}

/// `--entrypoint` takes the place of the image's entry point and drops the image's command with it; an empty one
/// leaves none. A command of the user's takes the place of the image's.
fn command_line(arguments: &CreateArguments, image: &ImageDefaults) -> (Vec<String>, Vec<String>) {
    let command = arguments.command().to_vec();
    match arguments.process.entrypoint.as_deref() {
        Some("") => (Vec::new(), command),
        Some(program) => (vec![program.to_owned()], command),
        None if command.is_empty() => (image.entrypoint.clone(), image.command.clone()),
        None => (image.entrypoint.clone(), command),
    }
}

/// Without `-a`: output and errors, and input where it is kept open.
fn attached_streams(arguments: &CreateArguments) -> Result<Vec<String>, Failure> {
    let process = &arguments.process;
    if process.attach.is_empty() {
        let mut streams = vec!["stdout".to_owned(), "stderr".to_owned()];
        if process.interactive {
            streams.insert(0, "stdin".to_owned());
        }
        return Ok(streams);
    }
    let mut streams = Vec::new();
    for text in &process.attach {
        let stream = text.to_ascii_lowercase();
        if !["stdin", "stdout", "stderr"].contains(&stream.as_str()) {
            return Err(wrong(
                format!(
                    "invalid argument {text:?} for -a, --attach: valid streams are STDIN, STDOUT and STDERR"
                ),
                "name one of them",
            ));
        }
        add_all(&mut streams, [stream]);
    }
    Ok(streams)
}

fn variables(
    arguments: &CreateArguments,
    around: &Surroundings<'_>,
    image: &ImageDefaults,
) -> Result<Vec<String>, Failure> {
    let mut variables = Vec::new();
    let mut unset = Vec::new();
    for path in &arguments.process.env_file {
        let content = read(around, "--env-file", path)?;
        for entry in environment::file(path, &content, around.env)? {
            environment::set(&mut variables, entry);
        }
    }
    for text in &arguments.process.env {
        match environment::variable(text, around.env)? {
            Some(entry) => environment::set(&mut variables, entry),
            // A name that the caller does not have takes the image's value away, as Docker does.
            None => unset.push(text.as_str()),
        }
    }
    let name = |entry: &str| entry.split('=').next().unwrap_or_default().to_owned();
    variables.retain(|own: &String| !unset.contains(&name(own).as_str()));
    // The user's come first, as Docker has it.
    for entry in &image.env {
        let known = variables.iter().any(|own| name(own) == name(entry));
        if !known && !unset.contains(&name(entry).as_str()) {
            variables.push(entry.clone());
        }
    }
    Ok(variables)
}

fn all_labels(
    arguments: &CreateArguments,
    around: &Surroundings<'_>,
    image: &ImageDefaults,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut all = image.labels.clone();
    for path in &arguments.host.label_file {
        all.extend(labels::file(path, &read(around, "--label-file", path)?)?);
    }
    all.extend(labels::map("--label", &arguments.host.label)?);
    Ok(all)
}

/// Reads a text file that a flag names, as seen from the caller's folder.
fn read(around: &Surroundings<'_>, flag: &str, path: &str) -> Result<String, Failure> {
    (around.read)(&around.cwd.join(path))
        .map_err(|error| wrong(format!("cannot read {flag} {path}: {error}"), "check the path"))
}

fn host(
    arguments: &CreateArguments,
    around: &Surroundings<'_>,
    image: &ImageDefaults,
) -> Result<HostSpec, Failure> {
    let (network, networks) = networks(arguments)?;
    let net = &arguments.network;
    let security = &arguments.security;
    let mut ports = Vec::new();
    for text in &net.publish {
        add_all(&mut ports, port::publish(text)?);
    }
    Ok(HostSpec {
        mounts: mounts(arguments, around, image)?,
        network,
        networks,
        ports,
        publish_all: net.publish_all,
        dns: each(&net.dns, hosts::name_server)?,
        dns_search: each(&net.dns_search, hosts::search_domain)?,
        dns_options: net.dns_option.clone(),
        extra_hosts: each(&net.add_host, hosts::extra_host)?,
        links: each(&net.link, hosts::link)?,
        restart: arguments.host.restart.as_deref().map(restart::parse).transpose()?.unwrap_or_default(),
        auto_remove: arguments.rm,
        log: logging::parse(arguments.host.log_driver.as_deref(), &arguments.host.log_opt)?,
        privileged: security.privileged,
        cap_add: security.cap_add.clone(),
        cap_drop: security.cap_drop.clone(),
        security_opt: security
            .security_opt
            .iter()
            .map(|option| security_option(option, around))
            .collect::<Result<_, _>>()?,
        group_add: arguments.process.group_add.clone(),
        read_only: arguments.storage.read_only,
        pid: mode(NamespaceKind::Pid, security.pid.as_deref())?,
        ipc: mode(NamespaceKind::Ipc, security.ipc.as_deref())?,
        uts: mode(NamespaceKind::Uts, security.uts.as_deref())?,
        userns: mode(NamespaceKind::User, security.userns.as_deref())?,
        cgroupns: mode(NamespaceKind::Cgroup, security.cgroupns.as_deref())?,
        shm_size: match arguments.storage.shm_size.as_deref() {
            Some(text) => u64::try_from(size::flag("--shm-size", text)?).unwrap_or_default(),
            None => 0,
        },
        sysctls: security
            .sysctl
            .iter()
            .map(|text| labels::required_pair("--sysctl", text))
            .collect::<Result<_, _>>()?,
        oom_score_adj: arguments.limits.oom_score_adj,
        resources: resources(arguments)?,
        init: arguments.process.init,
        systemd: arguments.process.systemd.clone().unwrap_or_default(),
        runtime: arguments.host.runtime.clone().unwrap_or_default(),
        volumes_from: arguments.storage.volumes_from.clone(),
    })
}

/// A seccomp profile is stored as its text, so that it stays the same when the file changes.
fn security_option(option: &str, around: &Surroundings<'_>) -> Result<String, Failure> {
    match option.split_once(['=', ':']) {
        Some(("seccomp", path)) if !matches!(path, "" | "unconfined" | "builtin") => {
            let text = read(around, "--security-opt seccomp", path)?;
            serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(|error| {
                wrong(
                    format!("--security-opt: seccomp profile {path} is not JSON: {error}"),
                    "check the file",
                )
            })?;
            Ok(format!("seccomp={text}"))
        }
        _ => Ok(option.to_owned()),
    }
}

fn mode(kind: NamespaceKind, text: Option<&str>) -> Result<NamespaceMode, Failure> {
    text.map_or(Ok(NamespaceMode::Default), |text| namespace::parse(kind, text))
}

/// Joins `--network` with the flags for the first network: `--network-alias`, `--ip`, `--ip6`, `--mac-address`.
fn networks(arguments: &CreateArguments) -> Result<(NetworkMode, Vec<NetworkAttachment>), Failure> {
    let net = &arguments.network;
    let (mut mode, mut networks) = network::parse(&net.network)?;
    let (ipv4, ipv6) =
        (net.ip.as_deref().map(hosts::ipv4).transpose()?, net.ip6.as_deref().map(hosts::ipv6).transpose()?);
    let mac = net.mac_address.as_deref().map(hosts::mac).transpose()?;
    let special = !net.network_alias.is_empty() || ipv4.is_some() || ipv6.is_some() || mac.is_some();
    if !special {
        return Ok((mode, networks));
    }
    match mode {
        NetworkMode::Named => {}
        NetworkMode::Default => {
            if ipv4.is_some() || ipv6.is_some() {
                return Err(wrong(
                    "user specified IP address is supported on user defined networks only",
                    "make one with: teu network create --subnet 172.30.0.0/24 NAME",
                ));
            }
            mode = NetworkMode::Named;
            networks.push(NetworkAttachment { network: "bridge".into(), ..NetworkAttachment::default() });
        }
        NetworkMode::None | NetworkMode::Host | NetworkMode::Container(_) => {
            return Err(wrong(
                "conflicting options: --network-alias, --ip, --ip6 and --mac-address need a network of the container's own",
                "leave them out, or join a named network",
            ));
        }
    }
    if let Some(first) = networks.first_mut() {
        let twice = |flag: &str, already: bool| {
            if already {
                Err(wrong(
                    format!("conflicting options: cannot specify both {flag} and per-network settings"),
                    "give it once",
                ))
            } else {
                Ok(())
            }
        };
        add_all(&mut first.aliases, net.network_alias.iter().cloned());
        if let Some(address) = ipv4 {
            twice("--ip", !first.ipv4.is_empty())?;
            first.ipv4 = address;
        }
        if let Some(address) = ipv6 {
            twice("--ip6", !first.ipv6.is_empty())?;
            first.ipv6 = address;
        }
        if let Some(address) = mac {
            twice("--mac-address", !first.mac.is_empty())?;
            first.mac = address;
        }
    }
    Ok((mode, networks))
}

/// The user's mounts, then an anonymous volume for each of the image's volumes that the user did not mount over.
fn mounts(
    arguments: &CreateArguments,
    around: &Surroundings<'_>,
    image: &ImageDefaults,
) -> Result<Vec<MountSpec>, Failure> {
    let home = (around.env)("HOME");
    let home = home.as_deref();
    let storage = &arguments.storage;
    let mut mounts: Vec<MountSpec> = Vec::new();
    let read = storage
        .volume
        .iter()
        .map(|text| volume::volume(text, &around.cwd, home))
        .chain(storage.mount.iter().map(|text| mount::parse(text, &around.cwd, home)))
        .chain(storage.tmpfs.iter().map(|text| volume::tmpfs(text)));
    for mount in read {
        let mount = mount?;
        if mounts.iter().any(|other| other.target == mount.target) {
            return Err(wrong(format!("Duplicate mount point: {}", mount.target), "mount one thing there"));
        }
        mounts.push(mount);
    }
    for target in &image.volumes {
        let Ok(target) = volume::target_path(target, target) else { continue };
        if mounts.iter().all(|other| other.target != target) {
            mounts.push(MountSpec {
                kind: MountKind::Volume,
                target,
                anonymous: true,
                ..MountSpec::default()
            });
        }
    }
    Ok(mounts)
}

fn resources(arguments: &CreateArguments) -> Result<Resources, Failure> {
    let limits = &arguments.limits;
    let bytes =
        |flag: &str, text: &Option<String>| text.as_deref().map_or(Ok(0), |text| size::flag(flag, text));
    let rates = |flag: &str, texts: &[String], in_bytes: bool| {
        texts
            .iter()
            .map(|text| device::rate(flag, text, in_bytes))
            .collect::<Result<Vec<DeviceRate>, Failure>>()
    };
    let mut ulimits: Vec<teu_api::container::Ulimit> = Vec::new();
    for text in &limits.ulimit {
        let limit = ulimit::parse(text)?;
        ulimits.retain(|other| other.name != limit.name);
        ulimits.push(limit);
    }
    Ok(Resources {
        memory: bytes("--memory", &limits.memory)?,
        memory_swap: match limits.memory_swap.as_deref() {
            Some("-1") => -1,
            _ => bytes("--memory-swap", &limits.memory_swap)?,
        },
        memory_reservation: bytes("--memory-reservation", &limits.memory_reservation)?,
        memory_swappiness: limits.memory_swappiness.filter(|value| *value != -1),
        nano_cpus: limits.cpus.as_deref().map(number::cpus).transpose()?.unwrap_or_default(),
        cpu_shares: limits.cpu_shares.unwrap_or_default(),
        cpu_quota: limits.cpu_quota.unwrap_or_default(),
        cpu_period: limits.cpu_period.unwrap_or_default(),
        cpuset_cpus: limits.cpuset_cpus.clone().unwrap_or_default(),
        cpuset_mems: limits.cpuset_mems.clone().unwrap_or_default(),
        pids_limit: limits.pids_limit.unwrap_or_default(),
        blkio_weight: limits.blkio_weight.unwrap_or_default(),
        blkio_weight_device: rates("--blkio-weight-device", &limits.blkio_weight_device, false)?,
        device_read_bps: rates("--device-read-bps", &limits.device_read_bps, true)?,
        device_write_bps: rates("--device-write-bps", &limits.device_write_bps, true)?,
        device_read_iops: rates("--device-read-iops", &limits.device_read_iops, false)?,
        device_write_iops: rates("--device-write-iops", &limits.device_write_iops, false)?,
        oom_kill_disable: limits.oom_kill_disable,
        devices: each(&arguments.security.device, device::parse)?,
        device_cgroup_rules: each(&arguments.security.device_cgroup_rule, device::rule)?,
        ulimits,
        cgroup_parent: limits.cgroup_parent.clone().unwrap_or_default(),
    })
}

fn each<T>(texts: &[String], parse: impl Fn(&str) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    texts.iter().map(|text| parse(text)).collect()
}

/// Adds what is not there yet, in order.
fn add_all<T: PartialEq>(list: &mut Vec<T>, items: impl IntoIterator<Item = T>) {
    for item in items {
        if !list.contains(&item) {
            list.push(item);
        }
    }
}
