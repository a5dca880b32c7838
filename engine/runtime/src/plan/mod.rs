//! From a bundle's configuration to an ordered plan: pure, so that it can be checked without a kernel.

mod affinity;
pub mod capability;
mod device;
mod mount;
mod namespace;
mod process;
mod sysctl;
mod validate;

pub use affinity::Affinity;
pub use device::{DeviceStep, LinkStep};
pub use mount::{IdMap, MountKind, MountStep};
pub use namespace::{Join, Namespaces};
pub(crate) use namespace::{MS_PRIVATE, MS_REC, MS_SHARED, MS_SLAVE};
pub use process::{ProcessPlan, Scheduling};
pub use sysctl::SysctlStep;
pub use validate::validate;

use crate::error::{Result, RuntimeError};
use oci_spec::runtime::Spec;
use std::ffi::CString;
use std::path::{Component, Path, PathBuf};

/// Everything the child will do, in order and without open questions.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Namespaces to create and to join.
    pub namespaces: Namespaces,
    /// Host name to set.
    pub hostname: Option<String>,
    /// NIS domain name to set.
    pub domainname: Option<String>,
    /// Propagation of the whole tree before the container's mounts are made (`MS_*`).
    pub initial_propagation: u64,
    /// Propagation of the container's root at the end, where it is not private.
    pub final_propagation: Option<u64>,
    /// Mounts, in order.
    pub mounts: Vec<MountStep>,
    /// Device nodes below the root.
    pub devices: Vec<DeviceStep>,
    /// Symbolic links below the root.
    pub links: Vec<LinkStep>,
    /// Paths to hide.
    pub masked: Vec<CString>,
    /// Paths to make read-only.
    pub read_only: Vec<CString>,
    /// Kernel parameters of the namespaces.
    pub sysctls: Vec<SysctlStep>,
    /// Whether the root is read-only at the end.
    pub root_read_only: bool,
    /// What is executed, as whom.
    pub process: ProcessPlan,
}

impl Plan {
    /// Reads a validated configuration. `privileged_host` tells whether device nodes can be made (no user
    /// namespace).
    pub fn from_spec(spec: &Spec) -> Result<Self> {
        validate(spec)?;
        let linux = spec.linux().clone().unwrap_or_default();
        let namespaces = namespace::read(&linux)?;
        let process =
            spec.process().as_ref().ok_or_else(|| RuntimeError::invalid("process", "is missing"))?;
        let mounts = mount::read_all(spec.mounts().as_deref().unwrap_or_default())?;
        let dev_is_bound = mounts
            .iter()
            .any(|m| m.destination.as_bytes() == b"/dev" && matches!(m.kind, MountKind::Bind { .. }));
        let (devices, links) = if dev_is_bound {
            (Vec::new(), Vec::new())
        } else {
            (
                device::read(linux.devices().as_deref().unwrap_or_default(), namespaces.has_user)?,
                device::links(),
            )
        };
        let (initial_propagation, final_propagation) =
            namespace::propagation(linux.rootfs_propagation().as_deref())?;
        Ok(Self {
            hostname: spec.hostname().clone(),
            domainname: spec.domainname().clone(),
            initial_propagation,
            final_propagation,
            mounts,
            devices,
            links,
            masked: paths(linux.masked_paths().as_deref(), "linux.maskedPaths")?,
            read_only: paths(linux.readonly_paths().as_deref(), "linux.readonlyPaths")?,
            sysctls: sysctl::read(linux.sysctl().as_ref(), &namespaces)?,
            root_read_only: spec.root().as_ref().and_then(oci_spec::runtime::Root::readonly).unwrap_or(false),
            process: process::read(process, linux.personality().as_ref())?,
            namespaces,
        })
    }
}

impl Plan {
    /// Whether the container is to have a place in systemd's own hierarchy on v1: its cgroup mount asks for it, or
    /// something is mounted there.
    pub(crate) fn is_for_systemd(&self) -> bool {
        self.mounts.iter().any(|mount| {
            matches!(mount.kind, MountKind::Cgroup { for_systemd: true })
                || mount.destination.as_bytes() == b"/sys/fs/cgroup/systemd"
        })
    }
}

/// Reads the process of an exec session.
pub(crate) fn process(
    process: &oci_spec::runtime::Process,
    personality: Option<&oci_spec::runtime::LinuxPersonality>,
) -> Result<ProcessPlan> {
    process::read(process, personality)
}

fn paths(list: Option<&[String]>, field: &str) -> Result<Vec<CString>> {
    list.unwrap_or_default().iter().map(|path| c_path(&clean(Path::new(path)), field)).collect()
}

/// A path without `.`, `..` and doubled slashes, rooted at `/`.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::Normal(name) => cleaned.push(name),
            Component::ParentDir => {
                cleaned.pop();
            }
            _ => {}
        }
    }
    cleaned
}

/// A path as the kernel takes it.
pub(crate) fn c_path(path: &Path, field: &str) -> Result<CString> {
    c_string(path.as_os_str().as_encoded_bytes(), field)
}

/// Bytes as the kernel takes them.
pub(crate) fn c_string(bytes: &[u8], field: &str) -> Result<CString> {
    CString::new(bytes).map_err(|_| RuntimeError::invalid(field, "contains a NUL byte"))
}
