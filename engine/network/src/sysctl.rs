//! Kernel parameters of the calling thread's network namespace. `/proc/sys/net` shows each thread its own.

use crate::error::{NetworkError, Result};
use std::fs;
use std::io::ErrorKind;

/// Sets a parameter below `/proc/sys/net`. One that says so already is not written, so that a read-only `/proc/sys`
/// is enough where the host has been set up.
pub fn set(name: &str, value: &str) -> Result<()> {
    let path = format!("/proc/sys/net/{name}");
    if fs::read_to_string(&path).is_ok_and(|now| now.trim() == value) {
        return Ok(());
    }
    fs::write(&path, value).map_err(NetworkError::io(format!("set net/{name} to {value}")))
}

/// Sets a parameter, where there is one: a kernel without IPv6 has none of its parameters.
pub fn set_if_present(name: &str, value: &str) -> Result<()> {
    match set(name, value) {
        Err(NetworkError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Lets this host pass packets between interfaces.
pub fn forward_ipv4() -> Result<()> {
    set("ipv4/ip_forward", "1")
}

/// Lets this host pass IPv6 packets between interfaces. A forwarding host ignores router advertisements unless told
/// otherwise, and would lose its own default route: interfaces that accept them now go on doing so.
pub fn forward_ipv6() -> Result<()> {
    const ALL: &str = "ipv6/conf/all/forwarding";
    if fs::read_to_string(format!("/proc/sys/net/{ALL}")).is_ok_and(|now| now.trim() == "1") {
        return Ok(());
    }
    let interfaces = fs::read_dir("/proc/sys/net/ipv6/conf")
        .map_err(NetworkError::io("list the interfaces that have IPv6"))?;
    for interface in interfaces.flatten() {
        let accepts = interface.path().join("accept_ra");
        if fs::read_to_string(&accepts).is_ok_and(|now| now.trim() == "1") {
            fs::write(&accepts, "2").map_err(NetworkError::io(format!("set {}", accepts.display())))?;
        }
    }
    set(ALL, "1")
}
