//! `inspect`: everything about a container, in Docker's shape.

use crate::engine::Engine;
use serde_json::{Map, Value, json};
use teu_api::Failure;
use teu_api::container::{ContainerState, MountKind, NamespaceMode, NetworkMode, RestartPolicy};
use teu_store::ContainerRecord;

impl Engine {
    /// The container as Docker's `inspect` shows it.
    pub fn inspect(&self, record: &ContainerRecord) -> Result<Value, Failure> {
        let spec = &record.spec;
        let paths = self.store().paths();
        let directory = paths.container(&record.id);
        let args = spec.args();
        let (program, arguments) =
            args.split_first().map_or(("", &[][..]), |(program, rest)| (program.as_str(), rest));
        Ok(json!({
            "Id": record.id,
            "Created": timestamp(record.created_at),
            "Path": program,
            "Args": arguments,
            "State": state(&record.state),
            "Image": spec.image_id,
            "ResolvConfPath": directory.join("resolv.conf"),
            "HostnamePath": directory.join("hostname"),
            "HostsPath": directory.join("hosts"),
            "LogPath": directory.join("log/container.log"),
            "Name": format!("/{}", record.name),
            "RestartCount": record.state.restart_count,
            "Driver": "overlayfs",
            "Platform": "linux",
            "MountLabel": "",
            "ProcessLabel": "",
            "AppArmorProfile": "",
            "ExecIDs": Value::Null,
            "HostConfig": host_config(record),
            "GraphDriver": {
                "Name": "overlayfs",
                "Data": {
                    "LowerDir": spec.layers.iter().rev().map(|chain| paths.layer(chain).display().to_string()).collect::<Vec<_>>().join(":"),
                    "UpperDir": directory.join("upper"),
                    "WorkDir": directory.join("work"),
                },
            },
            "Mounts": self.mounts(record),
            "Config": config(record),
            "NetworkSettings": crate::networks::settings(record, &self.endpoints(record)?),
        }))
    }

    fn mounts(&self, record: &ContainerRecord) -> Vec<Value> {
        let describe = |mount: &teu_api::container::MountSpec| {
            let mut value = json!({
                "Type": mount.kind,
                "Source": mount.source,
                "Destination": mount.target,
                "Mode": mount.options.join(","),
                "RW": !mount.read_only,
                "Propagation": match mount.kind {
                    MountKind::Bind if mount.propagation.is_empty() => "rprivate",
                    _ => mount.propagation.as_str(),
                },
            });
            if mount.kind == MountKind::Volume {
                value["Name"] = json!(mount.source);
                value["Source"] = json!(self.store().paths().volume_data(&mount.source));
                value["Driver"] = json!(if mount.driver.is_empty() { "local" } else { &mount.driver });
            }
            value
        };
        record.spec.host.mounts.iter().map(describe).collect()
    }
}

/// RFC 3339 with nanoseconds; Docker's zero time where there is none.
fn timestamp(nanoseconds: i64) -> String {
    if nanoseconds == 0 {
        return "0001-01-01T00:00:00Z".to_owned();
    }
    jiff::Timestamp::from_nanosecond(i128::from(nanoseconds))
        .map_or_else(|_| String::new(), |time| format!("{time:.9}"))
}

fn state(state: &ContainerState) -> Value {
    use teu_api::container::Status;
    let mut value = json!({
        "Status": state.status,
        "Running": state.status.is_live(),
        "Paused": state.status == Status::Paused,
        "Restarting": state.status == Status::Restarting,
        "OOMKilled": state.oom_killed,
        "Dead": state.status == Status::Dead,
        "Pid": state.pid,
        "ExitCode": state.exit_code,
        "Error": state.error,
        "StartedAt": timestamp(state.started_at),
        "FinishedAt": timestamp(state.finished_at),
    });
    if let Some(health) = &state.health {
        let log = health.log.iter().map(|probe| {
            json!({"Start": timestamp(probe.start), "End": timestamp(probe.end), "ExitCode": probe.exit_code, "Output": probe.output})
        });
        value["Health"] = json!({"Status": health.status, "FailingStreak": health.failing_streak, "Log": log.collect::<Vec<_>>()});
    }
    value
}

fn config(record: &ContainerRecord) -> Value {
    let spec = &record.spec;
    let set = |names: &[String]| {
        Value::Object(names.iter().map(|name| (name.clone(), json!({}))).collect::<Map<_, _>>())
    };
    let attached = |name: &str| spec.attach.iter().any(|stream| stream == name);
    let mut value = json!({
        "Hostname": spec.hostname_or(record.id.short()),
        "Domainname": spec.domainname,
        "User": spec.user,
        "AttachStdin": attached("stdin"),
        "AttachStdout": attached("stdout"),
        "AttachStderr": attached("stderr"),
        "Tty": spec.tty,
        "OpenStdin": spec.open_stdin,
        "StdinOnce": spec.stdin_once,
        "Env": spec.env,
        "Cmd": if spec.command.is_empty() { Value::Null } else { json!(spec.command) },
        "Image": spec.image,
        "Volumes": if spec.volumes.is_empty() { Value::Null } else { set(&spec.volumes) },
        "WorkingDir": spec.working_dir,
        "Entrypoint": if spec.entrypoint.is_empty() { Value::Null } else { json!(spec.entrypoint) },
        "Labels": spec.labels,
    });
    if !spec.exposed_ports.is_empty() {
        value["ExposedPorts"] = set(&spec.exposed_ports);
    }
    if !spec.stop_signal.is_empty() {
        value["StopSignal"] = json!(spec.stop_signal);
    }
    if let Some(timeout) = spec.stop_timeout {
        value["StopTimeout"] = json!(timeout);
    }
    if let Some(check) = &spec.health_check {
        value["Healthcheck"] = json!({
            "Test": check.test, "Interval": check.interval, "Timeout": check.timeout, "Retries": check.retries,
            "StartPeriod": check.start_period, "StartInterval": check.start_interval,
        });
    }
    value
}

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

fn host_config(record: &ContainerRecord) -> Value {
    let host = &record.spec.host;
    let limits = &host.resources;
    let (policy, retries) = match host.restart {
        RestartPolicy::No => ("no", 0),
        RestartPolicy::OnFailure(retries) => ("on-failure", retries),
        RestartPolicy::Always => ("always", 0),
        RestartPolicy::UnlessStopped => ("unless-stopped", 0),
    };
    let binds = host.mounts.iter().filter(|mount| mount.kind != MountKind::Tmpfs).map(|mount| {
        let access = if mount.read_only { ":ro" } else { "" };
        format!("{}:{}{access}", mount.source, mount.target)
    });
    let ulimits = limits
        .ulimits
        .iter()
        .map(|limit| json!({"Name": limit.name, "Soft": limit.soft, "Hard": limit.hard}));
    let mut value = json!({
        "Binds": binds.collect::<Vec<_>>(),
        "LogConfig": {
            "Type": host.log.driver,
            "Config": {"max-size": host.log.max_size.to_string(), "max-file": host.log.max_files.to_string()},
        },
        "NetworkMode": network_mode(&host.network, host.networks.first().map(|network| network.network.as_str())),
        "PortBindings": crate::networks::port_map(&host.ports),
        "RestartPolicy": {"Name": policy, "MaximumRetryCount": retries},
        "AutoRemove": host.auto_remove,
        "VolumesFrom": host.volumes_from,
        "CapAdd": host.cap_add,
        "CapDrop": host.cap_drop,
        "CgroupnsMode": mode(&host.cgroupns),
        "Dns": host.dns,
        "DnsOptions": host.dns_options,
        "DnsSearch": host.dns_search,
        "ExtraHosts": host.extra_hosts,
        "GroupAdd": host.group_add,
        "IpcMode": match mode(&host.ipc) { word if word.is_empty() => "private".to_owned(), word => word },
        "OomScoreAdj": host.oom_score_adj.unwrap_or(0),
        "PidMode": mode(&host.pid),
        "Privileged": host.privileged,
        "PublishAllPorts": host.publish_all,
        "ReadonlyRootfs": host.read_only,
        "SecurityOpt": host.security_opt,
        "UTSMode": mode(&host.uts),
        "UsernsMode": mode(&host.userns),
        "ShmSize": if host.shm_size == 0 { 64 << 20 } else { host.shm_size },
        "Runtime": if host.runtime.is_empty() { "teu" } else { &host.runtime },
        "Init": host.init,
        "Sysctls": host.sysctls,
    });
    let limits = json!({
        "CpuShares": limits.cpu_shares,
        "Memory": limits.memory,
        "NanoCpus": limits.nano_cpus,
        "CgroupParent": limits.cgroup_parent,
        "BlkioWeight": limits.blkio_weight,
        "CpuPeriod": limits.cpu_period,
        "CpuQuota": limits.cpu_quota,
        "CpusetCpus": limits.cpuset_cpus,
        "CpusetMems": limits.cpuset_mems,
        "MemoryReservation": limits.memory_reservation,
        "MemorySwap": limits.memory_swap,
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
