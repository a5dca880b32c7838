//! Signal state that would leak into an executed program.

use std::io;

/// Gives every signal its default action and unblocks all: ignored signals and the mask survive an exec otherwise
/// (Rust programs ignore SIGPIPE).
pub fn reset_all() -> io::Result<()> {
    for signal in 1..=64 {
        // 32 and 33 belong to the C library; KILL and STOP cannot be changed.
        if matches!(signal, 32 | 33 | libc::SIGKILL | libc::SIGSTOP) {
            continue;
        }
        // SAFETY: SIG_DFL is a valid disposition; the old one is not used.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: an all-zero sigset is initialised by sigemptyset before use; both pointers are valid.
    unsafe {
        let mut empty: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut empty);
        if libc::sigprocmask(libc::SIG_SETMASK, &raw const empty, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
