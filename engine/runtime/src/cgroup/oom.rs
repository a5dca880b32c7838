//! News of kills for want of memory, at the moment they happen.

use super::Cgroup;
use crate::error::{Result, RuntimeError, shown};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use rustix::fs::{Mode, OFlags};
use rustix::io::{pread, read};
use std::os::fd::{AsRawFd, OwnedFd};

/// A descriptor that becomes ready when a process of the cgroup is killed for want of memory.
#[derive(Debug)]
pub struct OomWatch {
    fd: OwnedFd,
    /// The `memory.events` of v2, which tells of other things as well; on v1 an eventfd that tells of nothing else.
    counts: bool,
}

impl Cgroup {
    /// Begins to watch; `None` where this host counts no memory.
    pub fn watch_oom(&self) -> Result<Option<OomWatch>> {
        let Some(path) = self.branch("memory") else { return Ok(None) };
        let open = |file: &str, flags: OFlags| {
            let file = path.join(file);
            rustix::fs::open(&file, flags | OFlags::CLOEXEC, Mode::empty())
                .map_err(|error| RuntimeError::kernel("open", shown(&file), error))
        };
        if self.is_unified() {
            let watch = OomWatch { fd: open("memory.events", OFlags::RDONLY)?, counts: true };
            watch.settle();
            return Ok(Some(watch));
        }
        let fail = |error| RuntimeError::kernel("watch the memory of cgroup", shown(path), error);
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(fail)?;
        let subject = open("memory.oom_control", OFlags::RDONLY)?;
        let control = open("cgroup.event_control", OFlags::WRONLY)?;
        let line = format!("{} {}", fd.as_raw_fd(), subject.as_raw_fd());
        rustix::io::write(&control, line.as_bytes()).map_err(fail)?;
        Ok(Some(OomWatch { fd, counts: false }))
    }
}

impl OomWatch {
    /// What to poll for.
    pub fn poll_fd(&self) -> PollFd<'_> {
        PollFd::new(&self.fd, if self.counts { PollFlags::PRI } else { PollFlags::IN })
    }

    /// Takes the news, so that the descriptor is ready again only with the next.
    pub fn settle(&self) {
        let mut buffer = [0u8; 512];
        // What is read does not matter: the counter is asked for by name.
        let _ = if self.counts { pread(&self.fd, &mut buffer, 0) } else { read(&self.fd, &mut buffer[..8]) };
    }
}
