//! NUMA memory policy.

use crate::check;
use std::io;

/// Sets the default NUMA policy of the calling thread. `nodes` is a bit mask, lowest node first.
pub fn set_policy(mode: u32, nodes: &[u64]) -> io::Result<()> {
    let (pointer, bits) =
        if nodes.is_empty() { (std::ptr::null(), 0) } else { (nodes.as_ptr(), nodes.len() * 64 + 1) };
    // SAFETY: the mask is live and at least as long as the bit count says (the kernel reads bits - 1).
    check(unsafe { libc::syscall(libc::SYS_set_mempolicy, mode, pointer, bits) })?;
    Ok(())
}
