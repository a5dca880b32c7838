//! What a container needs on disk before it starts: its folder, its bundle, its supervisor's configuration.
//! Everything here can be done again: a start that was killed half-way leaves nothing that the next one trips over.

use crate::bundle::{self, BundleInput, ResolvedMount};
use crate::engine::Engine;
use crate::signal;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{ContainerSpec, MountKind, NamespaceMode, NetworkMode};
use teu_store::ContainerRecord;
use teu_supervisor::{RootConfig, SupervisorConfig};

/// Seconds that a container has to obey its stop signal, when it does not say otherwise: Docker's default.
const STOP_TIMEOUT: i64 = 10;

impl Engine {
    /// Writes the container's bundle and its supervisor's configuration; returns the container's folder.
    pub(crate) fn prepare(&self, record: &ContainerRecord) -> Result<PathBuf, Failure> {
        let paths = self.store().paths();
        let directory = paths.container(&record.id);
        let failed = |what: &str, error: io::Error| {
            Failure::internal(format!("container {}: cannot write {what}: {error}", record.name))
                .hint("check free space and permissions of the state folder")
        };
        for name in ["upper", "work", "rootfs", "log"] {
            fs::create_dir_all(directory.join(name)).map_err(|error| failed(name, error))?;
        }
        let spec = &record.spec;
        write_network_files(&directory, record.id.short(), spec).map_err(|error| failed("its host names", error))?;
        let mounts = self.resolve_mounts(record)?;
        let joined = self.joined_namespaces(spec)?;
        let config = bundle::build(&BundleInput {
            id: record.id.as_str(),
            spec,
            directory: &directory,
            mounts: &mounts,
            joined: &joined,
            system: is_system(spec),
            held_capabilities: self.host().capabilities,
            unified_cgroups: self.host().unified_cgroups,
        })?;
        write_file(&directory.join("config.json"), config.to_string().as_bytes())
            .map_err(|error| failed("its bundle", error))?;
        let supervisor = self.supervisor_config(record, &directory)?;
        supervisor.save(&directory)?;
        Ok(directory)
    }

    fn supervisor_config(&self, record: &ContainerRecord, directory: &Path) -> Result<SupervisorConfig, Failure> {
        let paths = self.store().paths();
        let spec = &record.spec;
        // overlayfs wants the topmost layer first; images list the lowest first.
        let lower = spec.layers.iter().rev().map(|chain| paths.layer(chain)).collect();
        let stop_signal = if spec.stop_signal.is_empty() { "SIGTERM" } else { &spec.stop_signal };
        let mut event_attributes = spec.labels.clone();
        event_attributes.insert("image".to_owned(), spec.image.clone());
        Ok(SupervisorConfig {
            id: record.id.clone(),
            name: record.name.clone(),
            bundle: directory.to_owned(),
            root: RootConfig { lower, upper: directory.join("upper"), work: directory.join("work") },
            tty: spec.tty,
            open_stdin: spec.open_stdin,
            stdin_once: spec.stdin_once,
            log: spec.host.log.clone(),
            log_dir: directory.join("log"),
            restart: spec.host.restart,
            health_check: spec.health_check.clone(),
            stop_signal: signal::parse(stop_signal)?,
            stop_timeout: spec.stop_timeout.unwrap_or(STOP_TIMEOUT),
            auto_remove: spec.host.auto_remove,
            user: spec.user.clone(),
            group_add: spec.host.group_add.clone(),
            init: spec.host.init,
            runtime: (!spec.host.runtime.is_empty()).then(|| PathBuf::from(&spec.host.runtime)),
            cgroup: bundle::cgroup_path(record.id.as_str(), spec),
            state_root: paths.root().to_owned(),
            run_root: paths.run().to_owned(),
            run_dir: paths.container_run(&record.id),
            console_size: None,
            event_attributes,
        })
    }

    /// The user's mounts with their sources on the host.
    fn resolve_mounts(&self, record: &ContainerRecord) -> Result<Vec<ResolvedMount>, Failure> {
        let mut resolved = Vec::with_capacity(record.spec.host.mounts.len());
        for mount in &record.spec.host.mounts {
            let source = match mount.kind {
                MountKind::Tmpfs => PathBuf::new(),
                MountKind::Bind => {
                    let source = PathBuf::from(&mount.source);
                    if !source.exists() {
                        if !mount.create_source {
                            return Err(Failure::usage(format!(
                                "invalid mount config for type \"bind\": bind source path does not exist: {}",
                                mount.source
                            ))
                            .hint("create it first, or use -v, which makes a missing folder"));
                        }
                        fs::create_dir_all(&source).map_err(|error| {
                            Failure::usage(format!("cannot make the folder {} to mount: {error}", mount.source))
                                .hint("name a folder that can be made")
                        })?;
                    }
                    source
                }
                MountKind::Volume => self.store().paths().volume_data(&mount.source),
            };
            resolved.push(ResolvedMount { spec: mount.clone(), source });
        }
        Ok(resolved)
    }

    /// Where to find the namespaces of other containers that this one joins.
    fn joined_namespaces(&self, spec: &ContainerSpec) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let host = &spec.host;
        let mut wanted: Vec<(&'static str, &'static str, &str)> = Vec::new();
        for (kind, file, mode) in [("pid", "pid", &host.pid), ("ipc", "ipc", &host.ipc), ("uts", "uts", &host.uts)] {
            if let NamespaceMode::Container(id) = mode {
                wanted.push((kind, file, id));
            }
        }
        if let NetworkMode::Container(id) = &host.network {
            wanted.push(("network", "net", id));
        }
        let mut joined = Vec::with_capacity(wanted.len());
        for (kind, file, id) in wanted {
            let other = self.find(id)?;
            if other.state.pid == 0 {
                return Err(Failure::conflict(format!("cannot join the {kind} namespace of container {}: it is not running", other.name))
                    .hint(format!("teu start {}", other.name)));
            }
            joined.push((kind, PathBuf::from(format!("/proc/{}/ns/{file}", other.state.pid))));
        }
        Ok(joined)
    }
}

/// Whether the first process is systemd or another init that wants its own environment, as Podman decides it.
fn is_system(spec: &ContainerSpec) -> bool {
    match spec.host.systemd.as_str() {
        "false" => false,
        "always" => true,
        _ => {
            let args = spec.args();
            let program = args.first().map_or("", String::as_str);
            matches!(program, "/sbin/init" | "/usr/sbin/init" | "/usr/local/sbin/init" | "/lib/systemd/systemd" | "/usr/lib/systemd/systemd")
                || program == "systemd"
        }
    }
}

/// Writes a file whole or not at all. It is not synced: it is written anew at every start.
fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let staged = path.with_extension("new");
    fs::File::create(&staged)?.write_all(content)?;
    fs::rename(&staged, path)
}

fn write_network_files(directory: &Path, short_id: &str, spec: &ContainerSpec) -> io::Result<()> {
    let hostname = spec.hostname_or(short_id);
    let mut hosts = String::from("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    let mut resolv = String::new();
    if spec.host.network == NetworkMode::Host {
        hosts = fs::read_to_string("/etc/hosts").unwrap_or(hosts);
        resolv = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        fs::write(directory.join("hostname"), fs::read("/etc/hostname").unwrap_or_default())?;
    } else {
        hosts.push_str(&format!("127.0.1.1\t{hostname}\n"));
        fs::write(directory.join("hostname"), format!("{hostname}\n"))?;
    }
    for entry in &spec.host.extra_hosts {
        if let Some((name, address)) = entry.split_once([':', '=']) {
            hosts.push_str(&format!("{address}\t{name}\n"));
        }
    }
    if !spec.host.dns.is_empty() {
        resolv = spec.host.dns.iter().map(|server| format!("nameserver {server}\n")).collect();
    }
    if !spec.host.dns_search.is_empty() {
        resolv.push_str(&format!("search {}\n", spec.host.dns_search.join(" ")));
    }
    if !spec.host.dns_options.is_empty() {
        resolv.push_str(&format!("options {}\n", spec.host.dns_options.join(" ")));
    }
    fs::write(directory.join("hosts"), hosts)?;
    fs::write(directory.join("resolv.conf"), resolv)
}
