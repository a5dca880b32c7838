//! Descriptors of the parent that a child inherits, at numbers that its own numbering does not touch.

use crate::error::{Result, RuntimeError};
use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::os::fd::{AsRawFd, OwnedFd};

/// Descriptor numbers below this are the standard and preserved ones and those that the child parks.
fn floor(preserve_fds: u32) -> i32 {
    3 + preserve_fds as i32 + 8
}

/// The same file at a number that the child's own numbering does not touch.
pub(crate) fn lifted(fd: OwnedFd, preserve_fds: u32) -> Result<OwnedFd> {
    if fd.as_raw_fd() >= floor(preserve_fds) {
        return Ok(fd);
    }
    rustix::io::fcntl_dupfd_cloexec(&fd, floor(preserve_fds))
        .map_err(|error| RuntimeError::kernel("arrange file descriptors", "", error))
}

/// The request's standard descriptors, the null device for those not given.
pub(crate) fn stdio(given: [Option<OwnedFd>; 3], preserve_fds: u32) -> Result<[OwnedFd; 3]> {
    let [input, output, error] = given.map(|fd| match fd {
        Some(fd) => lifted(fd, preserve_fds),
        None => rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| RuntimeError::kernel("open", "/dev/null", error))
            .and_then(|fd| lifted(fd, preserve_fds)),
    });
    Ok([input?, output?, error?])
}

/// A connected pair: ours and the child's.
pub(crate) fn pair(preserve_fds: u32) -> Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .map_err(|error| RuntimeError::kernel("make", "a socket pair", error))?;
    Ok((ours, lifted(theirs, preserve_fds)?))
}
