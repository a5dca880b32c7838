//! Ctrl-C while a stack is changed: the first gives the change up in good order, a further one at once.

use super::ears::end_signals;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::EventFd;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use teu_api::Failure;

/// Does the work and tells how often it was interrupted. What the work is handed becomes readable at the first time;
/// so many times, and the program ends where it stands, as safely as if it had been killed.
pub fn heeded<R>(times: u32, work: impl FnOnce(Arc<OwnedFd>) -> R) -> Result<(R, u32), Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::internal(format!("cannot wait for signals: {error}"));
    let signals = end_signals()?;
    let (end, ends) = io::pipe().map_err(|error| failed(&error))?;
    let first = EventFd::new().map_err(|error| failed(&error))?;
    let handed = first.as_fd().try_clone_to_owned().map_err(|error| failed(&error))?;
    let count = AtomicU32::new(0);
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                let mut descriptors = [
                    PollFd::new(signals.as_fd(), PollFlags::POLLIN),
                    PollFd::new(end.as_fd(), PollFlags::POLLIN),
                ];
                if !matches!(poll(&mut descriptors, PollTimeout::NONE), Ok(_) | Err(Errno::EINTR)) {
                    return;
                }
                while let Ok(Some(_)) = signals.read_signal() {
                    if count.fetch_add(1, Ordering::Relaxed) + 1 >= times {
                        std::process::exit(130);
                    }
                    // Only a counter that is full could fail, and then it is readable all the more.
                    let _ = first.write(1);
                }
                if descriptors[1].revents().is_some_and(|events| !events.is_empty()) {
                    return;
                }
            }
        });
        let result = work(Arc::new(handed));
        // That the pipe is closed ends the wait.
        drop(ends);
        result
    });
    Ok((result, count.into_inner()))
}
