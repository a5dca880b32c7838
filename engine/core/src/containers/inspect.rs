//! `inspect`: everything about a container, in Docker's shape.

use super::host_config::host_config;
use crate::engine::Engine;
use serde_json::{Map, Value, json};
use teu_api::Failure;
use teu_api::container::{ContainerState, HealthCheck, MountKind, MountSpec};
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
                    "MergedDir": if record.state.pid > 0 { format!("/proc/{}/root", record.state.pid) } else { String::new() },
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
                "Mode": mode_words(mount),
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
        "OnBuild": Value::Null,
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
        value["Healthcheck"] = health_check(check);
    }
    value
}

/// What was asked for, without the timings that were left to the defaults.
fn health_check(check: &HealthCheck) -> Value {
    let mut value = json!({"Test": check.test});
    for (name, number) in [
        ("Interval", check.interval),
        ("Timeout", check.timeout),
        ("StartPeriod", check.start_period),
        ("StartInterval", check.start_interval),
        ("Retries", i64::from(check.retries)),
    ] {
        if number != 0 {
            value[name] = json!(number);
        }
    }
    value
}

/// What `-v` was given after the paths.
fn mode_words(mount: &MountSpec) -> String {
    let access = if mount.read_only && mount.kind != MountKind::Tmpfs { Some("ro") } else { None };
    let words = access.into_iter().chain(mount.options.iter().map(String::as_str));
    words.collect::<Vec<_>>().join(",")
}
