//! Session keyrings.

use crate::check;
use std::ffi::CStr;
use std::io;

/// Joins a new session keyring with the given name, so that keys of the host's session cannot be reached.
/// Gives its serial number.
pub fn join_session(name: &CStr) -> io::Result<i32> {
    // SAFETY: the name is a C string.
    let serial =
        check(unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, name.as_ptr()) })?;
    Ok(serial as i32)
}
