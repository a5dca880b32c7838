//! Refuses wrong bundles before anything is created: one clear line each.

use crate::error::{Result, RuntimeError};
use oci_spec::runtime::{LinuxNamespaceType as Kind, Mount, Spec};
use std::path::Path;

/// Checks a configuration.
pub fn validate(spec: &Spec) -> Result<()> {
    version(spec.version())?;
    let root = spec.root().as_ref().ok_or_else(|| RuntimeError::invalid("root", "is missing"))?;
    if root.path().as_os_str().is_empty() {
        return Err(RuntimeError::invalid("root.path", "is empty"));
    }
    process(spec)?;
    let linux = spec.linux().as_ref();
    let namespaces = linux.and_then(|linux| linux.namespaces().as_deref()).unwrap_or_default();
    let has = |kind: Kind| namespaces.iter().any(|namespace| namespace.typ() == kind);
    let is_new = |kind: Kind| {
        namespaces
            .iter()
            .any(|n| n.typ() == kind && n.path().as_ref().is_none_or(|p| p.as_os_str().is_empty()))
    };
    if spec.hostname().as_ref().is_some_and(|name| !name.is_empty()) && !has(Kind::Uts) {
        return Err(RuntimeError::invalid("hostname", "needs a uts namespace"));
    }
    if spec.domainname().as_ref().is_some_and(|name| !name.is_empty()) && !has(Kind::Uts) {
        return Err(RuntimeError::invalid("domainname", "needs a uts namespace"));
    }
    if [spec.hostname(), spec.domainname()].into_iter().flatten().any(|name| name.len() > 64) {
        return Err(RuntimeError::invalid("hostname", "is longer than 64 bytes"));
    }
    for mount in spec.mounts().as_deref().unwrap_or_default() {
        let field = format!("mounts {}", mount.destination().display());
        if mount.destination().as_os_str().is_empty() {
            return Err(RuntimeError::invalid("mounts", "a destination is empty"));
        }
        if super::clean(mount.destination()) == Path::new("/") {
            return Err(RuntimeError::invalid(field, "the root itself cannot be mounted over"));
        }
        if !leaves_proc_alone(mount) {
            return Err(RuntimeError::invalid(field, "only procfs may be mounted there"));
        }
    }
    let Some(linux) = linux else { return Ok(()) };
    if is_new(Kind::User) {
        if linux.uid_mappings().as_ref().is_none_or(Vec::is_empty)
            || linux.gid_mappings().as_ref().is_none_or(Vec::is_empty)
        {
            return Err(RuntimeError::invalid(
                "linux.uidMappings",
                "a user namespace needs uid and gid mappings",
            ));
        }
    } else if !has(Kind::User)
        && [linux.uid_mappings(), linux.gid_mappings()].into_iter().flatten().any(|maps| !maps.is_empty())
    {
        return Err(RuntimeError::invalid("linux.uidMappings", "needs a user namespace"));
    }
    if linux.time_offsets().as_ref().is_some_and(|offsets| !offsets.is_empty()) {
        if !is_new(Kind::Time) {
            return Err(RuntimeError::invalid("linux.timeOffsets", "needs a new time namespace"));
        }
        for clock in linux.time_offsets().iter().flatten().map(|(clock, _)| clock) {
            if clock != "monotonic" && clock != "boottime" {
                return Err(RuntimeError::invalid("linux.timeOffsets", format!("clock {clock} is unknown")));
            }
        }
    }
    for (field, list) in
        [("linux.maskedPaths", linux.masked_paths()), ("linux.readonlyPaths", linux.readonly_paths())]
    {
        if let Some(path) = list.iter().flatten().find(|path| !path.starts_with('/')) {
            return Err(RuntimeError::invalid(field, format!("{path} is not absolute")));
        }
    }
    for device in linux.devices().as_deref().unwrap_or_default() {
        if !device.path().is_absolute() {
            return Err(RuntimeError::invalid(
                "linux.devices",
                format!("{} is not absolute", device.path().display()),
            ));
        }
    }
    if linux.intel_rdt().is_some() && !Path::new("/sys/fs/resctrl/schemata").exists() {
        return Err(RuntimeError::of(
            crate::ErrorClass::Unsupported,
            "use",
            "linux.intelRdt",
            "this machine has no resource control file system mounted",
        ));
    }
    if let Some(path) = linux.cgroups_path()
        && path.components().any(|part| part.as_os_str() == "..")
    {
        return Err(RuntimeError::invalid("linux.cgroupsPath", "must not contain .."));
    }
    Ok(())
}

/// Files of procfs that may be covered, as lxcfs does.
const COVERED: [&str; 10] = [
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/slabinfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/net/dev",
    "/proc/sys/kernel/ns_last_pid",
];

/// Whether `/proc` stays the kernel's: what programs write there, security labels among it, must reach the kernel. A bind
/// of the host's procfs is one too.
fn leaves_proc_alone(mount: &Mount) -> bool {
    let destination = super::clean(mount.destination());
    if !destination.starts_with("/proc") {
        return true;
    }
    let options = mount.options().as_deref().unwrap_or_default();
    let is_bind =
        mount.typ().as_deref() == Some("bind") || options.iter().any(|o| o == "bind" || o == "rbind");
    let of_procfs = mount.source().as_ref().is_some_and(|source| super::clean(source).starts_with("/proc"));
    match (destination == Path::new("/proc"), is_bind) {
        (true, true) => of_procfs,
        (true, false) => mount.typ().as_deref() == Some("proc"),
        (false, true) => of_procfs || COVERED.iter().any(|file| destination == Path::new(file)),
        (false, false) => false,
    }
}

fn version(version: &str) -> Result<()> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<Option<u32>> = core.split('.').map(|part| part.parse().ok()).collect();
    match numbers.as_slice() {
        [Some(1), Some(_), Some(_)] => Ok(()),
        [Some(_), Some(_), Some(_)] => {
            Err(RuntimeError::invalid("ociVersion", format!("{version} is not supported; 1.x is")))
        }
        _ => Err(RuntimeError::invalid("ociVersion", format!("\"{version}\" is no version"))),
    }
}

fn process(spec: &Spec) -> Result<()> {
    let process = spec.process().as_ref().ok_or_else(|| RuntimeError::invalid("process", "is missing"))?;
    let args = process.args().as_deref().unwrap_or_default();
    if args.is_empty() {
        return Err(RuntimeError::invalid("process.args", "is empty"));
    }
    if args[0].is_empty() {
        return Err(RuntimeError::invalid("process.args", "the program's name is empty"));
    }
    if !process.cwd().is_absolute() {
        return Err(RuntimeError::invalid("process.cwd", "is not an absolute path"));
    }
    if let Some(score) = process.oom_score_adj()
        && !(-1000..=1000).contains(&score)
    {
        return Err(RuntimeError::invalid("process.oomScoreAdj", "is not between -1000 and 1000"));
    }
    Ok(())
}
