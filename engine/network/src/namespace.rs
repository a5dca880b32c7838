//! Work inside another network namespace. `setns` changes the calling thread only, so a short-lived thread enters,
//! works and ends, and no other thread of the process is ever in the wrong place. Sockets made there stay there.

use crate::error::{NetworkError, Result};
use nix::sched::{CloneFlags, setns};
use std::os::fd::BorrowedFd;
use std::thread;

/// Carries out `work` inside a network namespace.
pub fn within<T: Send>(namespace: BorrowedFd<'_>, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let worker = thread::Builder::new()
            .name("netns".to_owned())
            .stack_size(256 * 1024)
            .spawn_scoped(scope, move || {
                setns(namespace, CloneFlags::CLONE_NEWNET)
                    .map_err(NetworkError::kernel("enter the container's network namespace"))?;
                work()
            })
            .map_err(NetworkError::io("start a thread for the container's network namespace"))?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
