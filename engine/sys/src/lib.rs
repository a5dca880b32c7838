//! Typed wrappers of the Linux system calls that nix and rustix lack.
//!
//! Purpose: the only crate with `unsafe` code. Everything takes borrowed descriptors and plain values and gives
//! owned descriptors and [`std::io::Error`]s.
//! Boundary: no policy. Nothing here allocates between a clone and an exec, so each call may be made in the child
//! of a process that has other threads.
#![allow(unsafe_code, reason = "this crate exists to hold the workspace's unsafe code")]
#![deny(clippy::undocumented_unsafe_blocks)]

pub mod arguments;
pub mod bpf;
pub mod exec;
pub mod keyring;
pub mod memory;
pub mod mount;
pub mod process;
pub mod rlimit;
pub mod sched;
pub mod seccomp;
pub mod signal;
pub mod supervision;
pub mod trampoline;
pub mod tty;

use std::io;

/// Turns the return value of a raw system call into a result.
pub(crate) fn check(value: libc::c_long) -> io::Result<libc::c_long> {
    if value < 0 { Err(io::Error::last_os_error()) } else { Ok(value) }
}
