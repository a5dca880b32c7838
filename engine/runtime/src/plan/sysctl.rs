//! Kernel parameters, only those that belong to a namespace of the container.

use super::namespace::Namespaces;
use crate::error::{Result, RuntimeError};
use crate::plan::c_string;
use oci_spec::runtime::LinuxNamespaceType as Kind;
use std::collections::HashMap;
use std::ffi::CString;

/// One parameter to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SysctlStep {
    /// Its path below `/proc/sys`.
    pub path: CString,
    /// Its value.
    pub value: String,
}

const IPC: [&str; 8] = [
    "kernel/msgmax",
    "kernel/msgmnb",
    "kernel/msgmni",
    "kernel/sem",
    "kernel/shmall",
    "kernel/shmmax",
    "kernel/shmmni",
    "kernel/shm_rmid_forced",
];

pub(super) fn read(
    wanted: Option<&HashMap<String, String>>,
    namespaces: &Namespaces,
) -> Result<Vec<SysctlStep>> {
    let mut steps = Vec::new();
    for (name, value) in wanted.into_iter().flatten() {
        let field = || format!("linux.sysctl {name}");
        // Dots separate, unless a slash comes first: then dots belong to names (an interface called eth0.1).
        let slashes_first = name.find('/').is_some_and(|slash| name.find('.').is_none_or(|dot| slash < dot));
        let path: String = if slashes_first {
            name.clone()
        } else {
            name.chars()
                .map(|c| {
                    if c == '.' {
                        '/'
                    } else if c == '/' {
                        '.'
                    } else {
                        c
                    }
                })
                .collect()
        };
        if path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            return Err(RuntimeError::invalid(field(), "is not a parameter's name"));
        }
        let owner = match path.as_str() {
            _ if IPC.contains(&path.as_str()) || path.starts_with("fs/mqueue/") => Kind::Ipc,
            "kernel/domainname" => Kind::Uts,
            "kernel/hostname" => return Err(RuntimeError::invalid(field(), "set hostname instead")),
            _ if path.starts_with("net/") => Kind::Network,
            _ if path.starts_with("user/") => Kind::User,
            _ => {
                return Err(RuntimeError::invalid(
                    field(),
                    "belongs to the whole machine, not to a namespace",
                ));
            }
        };
        if !namespaces.isolates(owner) {
            return Err(RuntimeError::invalid(
                field(),
                format!("needs a {owner} namespace of the container's own"),
            ));
        }
        steps.push(SysctlStep { path: c_string(path.as_bytes(), &field())?, value: value.clone() });
    }
    steps.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(steps)
}
