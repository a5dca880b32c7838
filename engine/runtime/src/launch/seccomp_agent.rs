//! Hands a seccomp listener to the agent that the configuration names.

use crate::error::{Result, RuntimeError, shown};
use oci_spec::runtime::LinuxSeccomp;
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketType, connect,
    sendmsg, socket,
};
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use teu_sys::process::{Child, pidfd_getfd};

/// Sends the container process state ("The Container Process State" of the runtime specification) with the listener.
pub(crate) fn hand_over(filter: &LinuxSeccomp, listener: &OwnedFd, pid: i32, state: &[u8]) -> Result<()> {
    let path = filter
        .listener_path()
        .clone()
        .ok_or_else(|| RuntimeError::invalid("linux.seccomp.listenerPath", "is needed by SCMP_ACT_NOTIFY"))?;
    let fail = |error: rustix::io::Errno| {
        RuntimeError::kernel(
            "hand over a seccomp listener: failed to connect with seccomp agent",
            shown(&path),
            error,
        )
    };
    let state: serde_json::Value = serde_json::from_slice(state).unwrap_or_default();
    let message = serde_json::json!({
        "ociVersion": crate::OCI_VERSION,
        "fds": ["seccompFd"],
        "pid": pid,
        "metadata": filter.listener_metadata().clone().unwrap_or_default(),
        "state": state,
    })
    .to_string();
    let agent = socket(AddressFamily::UNIX, SocketType::STREAM, None).map_err(fail)?;
    connect(&agent, &SocketAddrUnix::new(&path).map_err(fail)?).map_err(fail)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [listener.as_fd()];
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(&agent, &[IoSlice::new(message.as_bytes())], &mut control, SendFlags::NOSIGNAL).map_err(fail)?;
    Ok(())
}

/// Takes the listener out of the child that loaded the filter.
pub(crate) fn take_listener(child: &Child, number: i32) -> Result<OwnedFd> {
    pidfd_getfd(child.pidfd.as_fd(), number)
        .map_err(|error| RuntimeError::kernel("take", "the seccomp listener", error))
}
