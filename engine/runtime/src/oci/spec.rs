//! `spec`: a template configuration.

use super::store::replace;
use crate::cgroup::{Hierarchy, Version};
use crate::error::{ErrorClass, Result, RuntimeError, shown};
use oci_spec::runtime::{Capability, LinuxNamespaceType, Spec};
use std::path::Path;

pub(super) fn spec(bundle: Option<&Path>, rootless: bool) -> Result<()> {
    let path = bundle.unwrap_or(Path::new(".")).join("config.json");
    if path.exists() {
        return Err(RuntimeError::of(ErrorClass::Kernel, "write", shown(&path), "it exists already"));
    }
    let text = serde_json::to_vec_pretty(&template(rootless))
        .map_err(|error| RuntimeError::kernel("write", shown(&path), std::io::Error::other(error)))?;
    replace(&path, &text)
}

/// A shell on a read-only root.
pub(super) fn template(rootless: bool) -> Spec {
    let mut spec = if rootless {
        Spec::rootless(rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
    } else {
        Spec::default()
    };
    // On v1 a view of its own is asked for by hand, as with runc: the container's mounts look different then.
    if Hierarchy::detect().is_ok_and(|hierarchy| hierarchy.version != Version::Unified)
        && let Some(linux) = spec.linux_mut()
        && let Some(namespaces) = linux.namespaces_mut()
    {
        namespaces.retain(|namespace| namespace.typ() != LinuxNamespaceType::Cgroup);
    }
    spec.set_version(crate::OCI_VERSION.to_string());
    spec.set_hostname(Some("teu".to_string()));
    if let Some(process) = spec.process_mut() {
        process.set_terminal(Some(true));
        let mut sets = process.capabilities().clone().unwrap_or_default();
        let few = Some(
            [Capability::AuditWrite, Capability::Kill, Capability::NetBindService].into_iter().collect(),
        );
        sets.set_bounding(few.clone()).set_effective(few.clone()).set_permitted(few);
        // Inheritable and ambient sets would give the rights to every user in the container.
        sets.set_inheritable(None).set_ambient(None);
        process.set_capabilities(Some(sets));
    }
    spec
}
