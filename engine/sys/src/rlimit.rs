//! Resource limits.

use crate::check;
use std::io;

/// The size of a file that a process writes, in bytes.
pub const FSIZE: u32 = libc::RLIMIT_FSIZE;
/// The size of data that a process may have, in bytes.
pub const DATA: u32 = libc::RLIMIT_DATA;
/// The size of its stack, in bytes.
pub const STACK: u32 = libc::RLIMIT_STACK;
/// One more than its highest descriptor.
pub const NOFILE: u32 = libc::RLIMIT_NOFILE;
/// The size of its address space, in bytes.
pub const AS: u32 = libc::RLIMIT_AS;

/// Sets the soft and hard limit of a resource (`RLIMIT_*`) of the calling process.
pub fn set(resource: u32, soft: u64, hard: u64) -> io::Result<()> {
    let limit = libc::rlimit64 { rlim_cur: soft, rlim_max: hard };
    // SAFETY: the structure is live; a null pointer for the old limits is allowed.
    check(unsafe {
        libc::syscall(libc::SYS_prlimit64, 0, resource, &raw const limit, std::ptr::null::<libc::rlimit64>())
    })?;
    Ok(())
}

/// The soft and hard limit of a resource of the calling process.
pub fn get(resource: u32) -> io::Result<(u64, u64)> {
    let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live and writable; no new limits are passed.
    check(unsafe {
        libc::syscall(libc::SYS_prlimit64, 0, resource, std::ptr::null::<libc::rlimit64>(), &raw mut limit)
    })?;
    Ok((limit.rlim_cur, limit.rlim_max))
}
