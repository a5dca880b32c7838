//! A container's OCI bundle: what the user asked for, turned into the runtime specification's `config.json`
//! with Docker's defaults.

mod capabilities;
mod devices;
mod environment;
mod linux;
mod mounts;
mod resources;
mod seccomp;
mod security;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::ContainerSpec;

pub use linux::{MASKED, READ_ONLY};
pub use mounts::ResolvedMount;
pub use resources::limits;

/// Everything a bundle is made from.
pub struct BundleInput<'a> {
    /// The container's full id.
    pub id: &'a str,
    /// What was asked for.
    pub spec: &'a ContainerSpec,
    /// The container's folder: the bundle, and home of `hostname`, `hosts` and `resolv.conf`.
    pub directory: &'a Path,
    /// The user's mounts with their sources on the host, in the order they are to be made.
    pub mounts: &'a [ResolvedMount],
    /// Namespaces of other containers to join, as (kind, path) with the specification's kinds.
    pub joined: &'a [(&'static str, PathBuf)],
    /// Capabilities that this process holds itself, as the kernel's bit set.
    pub held_capabilities: u64,
    /// Whether the host's control groups are version 2 alone.
    pub unified_cgroups: bool,
}

/// The control group of a container, below every controller's mount point.
pub fn cgroup_path(id: &str, spec: &ContainerSpec) -> String {
    let parent = spec.host.resources.cgroup_parent.trim_matches('/');
    if parent.is_empty() { format!("/teu/{id}") } else { format!("/{parent}/{id}") }
}

/// Builds the bundle's `config.json`. The user by name is resolved later, inside the container's root.
pub fn build(input: &BundleInput<'_>) -> Result<Value, Failure> {
    let spec = input.spec;
    let host = &spec.host;
    let options = security::SecurityOptions::parse(&host.security_opt)?;
    let capabilities =
        capabilities::resolve(host.privileged, &host.cap_add, &host.cap_drop, input.held_capabilities)?;
    let cwd = if spec.working_dir.is_empty() { "/" } else { &spec.working_dir };
    let mut process = json!({
        "terminal": spec.tty,
        "user": {"uid": 0, "gid": 0},
        "args": spec.args(),
        "env": environment::build(input),
        "cwd": cwd,
        "capabilities": {"bounding": capabilities, "effective": capabilities, "permitted": capabilities},
        "noNewPrivileges": options.no_new_privileges,
        "rlimits": resources::rlimits(&host.resources.ulimits)?,
    });
    if let Some(adjustment) = host.oom_score_adj {
        process["oomScoreAdj"] = json!(adjustment);
    }
    if let Some(profile) = &options.apparmor {
        process["apparmorProfile"] = json!(profile);
    }
    let mut config = json!({
        "ociVersion": "1.2.0",
        "process": process,
        "root": {"path": "rootfs", "readonly": host.read_only},
        "hostname": spec.hostname_or(&input.id[..12]),
        "mounts": mounts::build(input),
        "linux": linux::build(input, &options, &capabilities)?,
        "annotations": spec.annotations,
    });
    if !spec.domainname.is_empty() {
        config["domainname"] = json!(spec.domainname);
    }
    if linux::shares_host_names(spec) {
        // A namespace that is the host's own must not be renamed: the specification forbids a hostname there.
        if let Some(object) = config.as_object_mut() {
            object.remove("hostname");
            object.remove("domainname");
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests;
