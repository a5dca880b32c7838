//! Learning of changes that any process made: every commit to the database writes its journal file, which the
//! kernel reports, so that waiting costs nothing.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use std::cell::Cell;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// When it is looked again after a commit. SQLite writes its journal before the index that readers go by: who is woken
/// by the one may not see the other yet, and the kernel tells nothing of the index, which is shared memory.
const LOOKS: [Duration; 3] = [Duration::from_millis(10), Duration::from_millis(100), Duration::from_secs(1)];

/// Waits for commits to one database.
pub struct Watch {
    /// Readable when one of the two below is.
    either: Epoll,
    inotify: Inotify,
    timer: TimerFd,
    /// Which of [`LOOKS`] the timer is set to; past their end when it is not.
    look: Cell<usize>,
    database: PathBuf,
}

impl Watch {
    /// Watches the database at this path.
    pub fn new(database: &Path) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let timer =
            TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        let either = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        either.add(&inotify, EpollEvent::new(EpollFlags::EPOLLIN, 0))?;
        either.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, 1))?;
        let watch =
            Self { either, inotify, timer, look: Cell::new(LOOKS.len()), database: database.to_owned() };
        watch.arm()?;
        Ok(watch)
    }

    /// The journal is made anew when the last reader and writer had gone, so the watch is renewed at each wake-up:
    /// adding a watch that exists changes nothing.
    fn arm(&self) -> io::Result<()> {
        let mut journal = self.database.clone().into_os_string();
        journal.push("-wal");
        let journal = PathBuf::from(journal);
        let target = if journal.exists() { &journal } else { &self.database };
        self.inotify.add_watch(target, AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_DELETE_SELF)?;
        Ok(())
    }

    /// The descriptor that becomes readable when something was committed, or may be visible only now.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.either.0.as_fd()
    }

    /// Takes in what was reported. To be called before the database is read.
    pub fn clear(&self) -> io::Result<()> {
        let mut committed = false;
        while self.inotify.read_events().is_ok_and(|events| !events.is_empty()) {
            committed = true;
        }
        self.arm()?;
        let mut expirations = [0; 8];
        let due = rustix::io::read(&self.timer, &mut expirations).is_ok();
        if committed {
            self.look_again(0)?;
        } else if due {
            self.look_again(self.look.get() + 1)?;
        }
        Ok(())
    }

    fn look_again(&self, look: usize) -> io::Result<()> {
        self.look.set(look.min(LOOKS.len()));
        let Some(after) = LOOKS.get(look) else { return Ok(self.timer.unset()?) };
        let when = Expiration::OneShot(TimeSpec::from_duration(*after));
        Ok(self.timer.set(when, TimerSetTimeFlags::empty())?)
    }

    /// Waits until something may have changed, at most this long; whether it may.
    pub fn wait(&self, timeout: PollTimeout) -> io::Result<bool> {
        self.wait_with(None, timeout)
    }

    /// The same; that something else becomes readable ends the wait, too.
    pub fn wait_with(&self, other: Option<BorrowedFd<'_>>, timeout: PollTimeout) -> io::Result<bool> {
        let mut descriptors = vec![PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        descriptors.extend(other.map(|other| PollFd::new(other, PollFlags::POLLIN)));
        match poll(&mut descriptors, timeout) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => Ok(false),
            Ok(_) => self.clear().map(|()| true),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;

    #[test]
    fn a_commit_that_is_visible_late_is_not_missed() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("db");
        fs::write(&database, "").unwrap();
        let mut journal = fs::File::create(folder.path().join("db-wal")).unwrap();
        let watch = Watch::new(&database).unwrap();
        let soon = PollTimeout::from(5000_u16);
        assert!(!watch.wait(PollTimeout::ZERO).unwrap());
        journal.write_all(b"x").unwrap();
        // The write itself, then one look for each moment at which its index may have come; and then quiet.
        for look in 0..=LOOKS.len() {
            assert!(watch.wait(soon).unwrap(), "{look}");
        }
        assert!(!watch.wait(PollTimeout::from(50_u16)).unwrap());
        // A further commit begins anew, also in the middle of the looks.
        journal.write_all(b"y").unwrap();
        assert!(watch.wait(soon).unwrap() && watch.wait(soon).unwrap());
        journal.write_all(b"z").unwrap();
        assert!(watch.wait(soon).unwrap());
        assert_eq!(watch.look.get(), 0);
    }
}
