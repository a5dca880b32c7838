//! What a container needs on disk before it starts: its folder, its bundle, its supervisor's configuration.
//! Everything here can be done again: a start that was killed half-way leaves nothing that the next one trips over.

use crate::bundle::{self, BundleInput, ResolvedMount};
use crate::engine::Engine;
use crate::signal;
use crate::volumes::{Backing, backing, check_propagation};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{ContainerSpec, MountKind, MountSpec, NamespaceMode, NetworkMode};
use teu_network::{Resolution, Setup};
use teu_store::ContainerRecord;
use teu_supervisor::{RootConfig, SubpathConfig, SupervisorConfig};

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
        let setup = Setup::of(&record.id, &record.name, spec, &paths.database())?;
        let other = match &spec.host.network {
            NetworkMode::Container(id) => Some(paths.container(&self.find(id)?.id)),
            _ => None,
        };
        write_network_files(&directory, setup.as_ref(), record, other.as_deref())?;
        // A process that was killed while it made the container may not have come to its volumes.
        self.make_volumes(spec)?;
        let mounts = self.resolve_mounts(record)?;
        let joined = self.joined_namespaces(spec)?;
        let config = bundle::build(&BundleInput {
            id: record.id.as_str(),
            spec,
            directory: &directory,
            mounts: &mounts,
            joined: &joined,
            held_capabilities: self.host().capabilities,
            unified_cgroups: self.host().unified_cgroups,
        })?;
        write_file(&directory.join("config.json"), config.to_string().as_bytes())
            .map_err(|error| failed("its bundle", error))?;
        let mut supervisor = self.supervisor_config(record, &directory, setup)?;
        supervisor.subpaths = subpaths(&mounts);
        supervisor.save(&directory)?;
        Ok(directory)
    }

    fn supervisor_config(
        &self,
        record: &ContainerRecord,
        directory: &Path,
        network: Option<Setup>,
    ) -> Result<SupervisorConfig, Failure> {
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
            network,
            subpaths: Vec::new(),
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
                            Failure::usage(format!(
                                "cannot make the folder {} to mount: {error}",
                                mount.source
                            ))
                            .hint("name a folder that can be made")
                        })?;
                    }
                    check_propagation(&source, &mount.propagation)?;
                    source
                }
                MountKind::Volume => {
                    resolved.push(self.resolve_volume(mount)?);
                    continue;
                }
            };
            resolved.push(ResolvedMount { spec: mount.clone(), source, filesystem: None });
        }
        Ok(resolved)
    }

    fn resolve_volume(&self, mount: &MountSpec) -> Result<ResolvedMount, Failure> {
        let volume = self.store().volume(&mount.source)?;
        let mut spec = mount.clone();
        let (source, filesystem) = match backing(&volume.name, &volume.options)? {
            Backing::Folder => (volume.mountpoint, None),
            Backing::Bind(path, words) => {
                spec.options.extend(words);
                (path, None)
            }
            Backing::Filesystem(kind, device, words) => (PathBuf::from(device), Some((kind, words))),
        };
        Ok(ResolvedMount { spec, source, filesystem })
    }

    /// Where to find the namespaces of other containers that this one joins.
    fn joined_namespaces(&self, spec: &ContainerSpec) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let host = &spec.host;
        let mut wanted: Vec<(&'static str, &'static str, &str)> = Vec::new();
        for (kind, file, mode) in
            [("pid", "pid", &host.pid), ("ipc", "ipc", &host.ipc), ("uts", "uts", &host.uts)]
        {
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
                return Err(Failure::conflict(format!(
                    "cannot join the {kind} namespace of container {}: it is not running",
                    other.name
                ))
                .hint(format!("teu start {}", other.name)));
            }
            joined.push((kind, PathBuf::from(format!("/proc/{}/ns/{file}", other.state.pid))));
        }
        Ok(joined)
    }
}

/// Mounts of a folder inside a volume. What is in a volume is its containers' to change at any time, so the supervisor
/// looks such a folder up when it needs it, and holds on to what it found.
fn subpaths(mounts: &[ResolvedMount]) -> Vec<SubpathConfig> {
    let inside = mounts.iter().filter(|mount| !mount.spec.subpath.is_empty() && mount.filesystem.is_none());
    inside
        .map(|mount| SubpathConfig {
            destination: mount.spec.target.clone(),
            folder: mount.source.clone(),
            path: mount.spec.subpath.clone(),
        })
        .collect()
}

/// Writes a file whole or not at all. It is not synced: it is written anew at every start.
fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let staged = path.with_extension("new");
    fs::File::create(&staged)?.write_all(content)?;
    fs::rename(&staged, path)
}

/// Makes the files about names. Those of a container on networks are filled in when its addresses are known; those of
/// one that shares another's network are the other's very files, as Docker has it.
fn write_network_files(
    directory: &Path,
    setup: Option<&Setup>,
    record: &ContainerRecord,
    other: Option<&Path>,
) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::internal(format!("container {}: cannot write its host names: {error}", record.name))
            .hint("check free space and permissions of the state folder")
    };
    let hosts = directory.join("hosts");
    let resolv = directory.join("resolv.conf");
    let hostname = directory.join("hostname");
    let own = format!("{}\n", record.spec.hostname_or(record.id.short()));
    match (setup, other) {
        (Some(setup), _) => {
            let alone = setup.networks.is_empty();
            let texts =
                if alone { (setup.hosts(&[])?, setup.resolv_conf_alone()) } else { Default::default() };
            fresh(&hosts, texts.0.as_bytes())
                .and_then(|()| fresh(&resolv, texts.1.as_bytes()))
                .map_err(failed)?;
            fresh(&hostname, own.as_bytes()).map_err(failed)
        }
        (None, Some(other)) => {
            for (name, path) in [("hosts", &hosts), ("resolv.conf", &resolv)] {
                forget(path).and_then(|()| fs::hard_link(other.join(name), path)).map_err(failed)?;
            }
            fresh(&hostname, own.as_bytes()).map_err(failed)
        }
        (None, None) => {
            let mut text = fs::read_to_string("/etc/hosts").unwrap_or_default();
            for entry in &record.spec.host.extra_hosts {
                if let Some((name, address)) = entry.split_once([':', '=']) {
                    text.push_str(&format!("{address}\t{name}\n"));
                }
            }
            let host = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
            let spec = &record.spec.host;
            let resolution = Resolution {
                // The host's own loopback address means the host here: its servers are taken as they are.
                host: &host,
                servers: &spec.dns,
                search: &spec.dns_search,
                options: &spec.dns_options,
                embedded: false,
            };
            let untouched = spec.dns.is_empty() && spec.dns_search.is_empty() && spec.dns_options.is_empty();
            let resolution = if untouched { host.clone() } else { resolution.text() };
            fresh(&hosts, text.as_bytes())
                .and_then(|()| fresh(&resolv, resolution.as_bytes()))
                .map_err(failed)?;
            fresh(&hostname, &fs::read("/etc/hostname").unwrap_or_default()).map_err(failed)
        }
    }
}

/// Writes a file anew: one from an earlier start may be another container's as well.
fn fresh(path: &Path, content: &[u8]) -> io::Result<()> {
    forget(path)?;
    fs::write(path, content)
}

fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
