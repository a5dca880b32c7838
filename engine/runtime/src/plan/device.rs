//! Device nodes and the links that every container has.

use super::{c_path, clean};
use crate::error::{Result, RuntimeError};
use oci_spec::runtime::{LinuxDevice, LinuxDeviceType};
use std::ffi::CString;

/// One device node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceStep {
    /// Where, below the root.
    pub path: CString,
    /// `S_IFCHR`, `S_IFBLK` or `S_IFIFO` and the permission bits.
    pub mode: u32,
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bind the host's node of the same path, as nodes cannot be made in a user namespace.
    pub bind: bool,
}

/// One symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkStep {
    /// Where, below the root.
    pub path: CString,
    /// What it points to.
    pub target: CString,
}

const CHARACTER: u32 = 0o020_000;
const BLOCK: u32 = 0o060_000;
const FIFO: u32 = 0o010_000;

/// Devices that the runtime specification requires in every container ("Default Devices").
const DEFAULTS: [(&str, u32, u32); 6] = [
    ("/dev/null", 1, 3),
    ("/dev/zero", 1, 5),
    ("/dev/full", 1, 7),
    ("/dev/random", 1, 8),
    ("/dev/urandom", 1, 9),
    ("/dev/tty", 5, 0),
];

pub(super) fn read(listed: &[LinuxDevice], bind: bool) -> Result<Vec<DeviceStep>> {
    let mut steps = Vec::new();
    for device in listed {
        let path = clean(device.path());
        let field = format!("linux.devices {}", path.display());
        let kind = match device.typ() {
            LinuxDeviceType::C | LinuxDeviceType::U => CHARACTER,
            LinuxDeviceType::B => BLOCK,
            LinuxDeviceType::P => FIFO,
            LinuxDeviceType::A => return Err(RuntimeError::invalid(field, "type a is no type of a node")),
        };
        let number = |value: i64| {
            if kind == FIFO {
                Ok(0)
            } else {
                u32::try_from(value).map_err(|_| RuntimeError::invalid(&*field, "has no such number"))
            }
        };
        let mode = device.file_mode().unwrap_or(0o666) & 0o7777;
        steps.push(DeviceStep {
            path: c_path(&path, &field)?,
            mode: kind | mode,
            major: number(device.major())?,
            minor: number(device.minor())?,
            uid: device.uid().unwrap_or(0),
            gid: device.gid().unwrap_or(0),
            bind,
        });
    }
    for (path, major, minor) in DEFAULTS {
        let path = c_path(path.as_ref(), "device")?;
        if !steps.iter().any(|step| step.path == path) {
            steps.push(DeviceStep { path, mode: CHARACTER | 0o666, major, minor, uid: 0, gid: 0, bind });
        }
    }
    Ok(steps)
}

/// `/dev/fd` and its like ("Dev symbolic links" of the runtime specification), and `/dev/ptmx`.
pub(super) fn links() -> Vec<LinkStep> {
    [
        (c"/proc/self/fd", c"/dev/fd"),
        (c"/proc/self/fd/0", c"/dev/stdin"),
        (c"/proc/self/fd/1", c"/dev/stdout"),
        (c"/proc/self/fd/2", c"/dev/stderr"),
        (c"/proc/kcore", c"/dev/core"),
        (c"pts/ptmx", c"/dev/ptmx"),
    ]
    .into_iter()
    .map(|(target, path)| LinkStep { path: path.into(), target: target.into() })
    .collect()
}
