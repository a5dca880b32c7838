//! The mounts of a container: Docker's own, then the user's.

use super::BundleInput;
use serde_json::{Value, json};
use std::path::PathBuf;
use teu_api::container::{InitSystem, MountKind, MountSpec, NamespaceMode};

/// A user's mount whose source is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolvedMount {
    /// What was asked for.
    pub spec: MountSpec,
    /// The path on the host; empty for tmpfs.
    pub source: PathBuf,
    /// Volume: the file system's type and options, when the source is no folder of the host.
    pub filesystem: Option<(String, Vec<String>)>,
}

/// The size of `/dev/shm` when the user says nothing: 64 MiB, as Docker has it.
const DEFAULT_SHM: u64 = 64 << 20;

/// All mounts, in the order they are to be made.
pub fn build(input: &BundleInput<'_>) -> Vec<Value> {
    let host = &input.spec.host;
    let writable_system = host.privileged;
    let sys_access = if writable_system { "rw" } else { "ro" };
    let is_system = input.spec.init_system != InitSystem::None;
    let is_systemd = input.spec.init_system == InitSystem::Systemd;
    // On version 1 limits and allowed devices are in the same folders: systemd gets its own hierarchy alone.
    let delegated = is_systemd && input.unified_cgroups;
    let cgroup_access = if writable_system || delegated { "rw" } else { "ro" };
    let mut cgroup_options = vec![cgroup_access, "nosuid", "noexec", "nodev"];
    if is_systemd && !input.unified_cgroups {
        cgroup_options.push("name=systemd");
    }
    let mut mounts = vec![
        mount("/proc", "proc", "proc", &["nosuid", "noexec", "nodev"]),
        mount("/dev", "tmpfs", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        ),
    ];
    if shares_host_network(input)
        && !super::linux::owns_network(input.spec)
        && host.userns != NamespaceMode::Default
    {
        // A user namespace that does not own the network namespace may not mount sysfs afresh.
        mounts.push(bind("/sys", "/sys", &["rbind", "nosuid", "noexec", "nodev", sys_access]));
    } else {
        mounts.push(mount("/sys", "sysfs", "sysfs", &["nosuid", "noexec", "nodev", sys_access]));
    }
    mounts.push(mount("/sys/fs/cgroup", "cgroup", "cgroup", &cgroup_options));
    // Of the namespace that it is mounted in, so also the host's own: no folder of the host is needed.
    mounts.push(mount("/dev/mqueue", "mqueue", "mqueue", &["nosuid", "noexec", "nodev"]));
    if host.ipc == NamespaceMode::Host {
        mounts.push(bind("/dev/shm", "/dev/shm", &["rbind", "nosuid", "noexec", "nodev"]));
    } else if host.ipc != NamespaceMode::None {
        let size = if host.shm_size == 0 { DEFAULT_SHM } else { host.shm_size };
        let options = ["nosuid", "noexec", "nodev", "mode=1777", &format!("size={size}")];
        mounts.push(mount("/dev/shm", "tmpfs", "shm", &options));
    }
    for name in ["resolv.conf", "hostname", "hosts"] {
        let target = format!("/etc/{name}");
        if input.mounts.iter().all(|own| own.spec.target.trim_end_matches('/') != target) {
            let source = input.directory.join(name);
            mounts.push(bind(&target, &source.to_string_lossy(), &["rbind", "rprivate"]));
        }
    }
    if is_system {
        // What an init expects to find empty at boot, as Podman has it.
        for (target, mode) in
            [("/run", "755"), ("/run/lock", "1777"), ("/tmp", "1777"), ("/var/log/journal", "755")]
        {
            if target != "/var/log/journal" || is_systemd {
                let options = ["rw", "nosuid", "nodev", &format!("mode={mode}"), "tmpcopyup"];
                mounts.push(mount(target, "tmpfs", "tmpfs", &options));
            }
        }
    }
    // A user's mount on one of these paths takes its place.
    mounts.retain(|own| {
        input
            .mounts
            .iter()
            .all(|user| own["destination"].as_str() != Some(user.spec.target.trim_end_matches('/')))
    });
    // A mount point inside another mount must come after it.
    let mut own: Vec<&ResolvedMount> = input.mounts.iter().collect();
    own.sort_by_key(|mount| mount.spec.target.trim_end_matches('/').matches('/').count());
    mounts.extend(own.into_iter().map(user_mount));
    mounts
}

fn shares_host_network(input: &BundleInput<'_>) -> bool {
    matches!(input.spec.host.network, teu_api::container::NetworkMode::Host)
}

fn user_mount(mount: &ResolvedMount) -> Value {
    let spec = &mount.spec;
    let access = if spec.read_only { "ro" } else { "rw" };
    if spec.kind == MountKind::Tmpfs {
        let mut options: Vec<String> = ["nosuid", "nodev"].map(str::to_owned).to_vec();
        if !spec.options.iter().any(|option| option == "exec") {
            options.push("noexec".to_owned());
        }
        options.push(access.to_owned());
        let sized = spec.options.iter().any(|option| option.starts_with("size="));
        if spec.tmpfs_size > 0 && !sized {
            options.push(format!("size={}", spec.tmpfs_size));
        }
        if !spec.options.iter().any(|option| option.starts_with("mode=")) {
            let mode = if spec.tmpfs_mode == 0 { 0o1777 } else { spec.tmpfs_mode };
            options.push(format!("mode={mode:o}"));
        }
        options.extend(spec.options.iter().cloned());
        return json!({"destination": spec.target, "type": "tmpfs", "source": "tmpfs", "options": options});
    }
    if let Some((kind, words)) = &mount.filesystem {
        let options: Vec<&str> = words.iter().map(String::as_str).chain([access]).collect();
        return self::mount(&spec.target, kind, &mount.source.to_string_lossy(), &options);
    }
    let mut options = vec![if spec.non_recursive { "bind" } else { "rbind" }, access];
    if spec.read_only && !spec.non_recursive && !spec.writable_below {
        options.push("rro");
    }
    options.push(if spec.propagation.is_empty() { "rprivate" } else { &spec.propagation });
    options.extend(spec.options.iter().map(String::as_str).filter(|option| !matches!(*option, "z" | "Z")));
    json!({"destination": spec.target, "type": "bind", "source": mount.source, "options": options})
}

fn mount(destination: &str, kind: &str, source: &str, options: &[&str]) -> Value {
    json!({"destination": destination, "type": kind, "source": source, "options": options})
}

fn bind(destination: &str, source: &str, options: &[&str]) -> Value {
    mount(destination, "bind", source, options)
}
