//! Learning of changes that any process made: every commit to the database writes its journal file, which the
//! kernel reports, so that waiting costs nothing.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

/// Waits for commits to one database.
pub struct Watch {
    inotify: Inotify,
    database: PathBuf,
}

impl Watch {
    /// Watches the database at this path.
    pub fn new(database: &Path) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let watch = Self { inotify, database: database.to_owned() };
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

    /// The descriptor that becomes readable when something was committed.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }

    /// Takes in what was reported.
    pub fn clear(&self) -> io::Result<()> {
        while self.inotify.read_events().is_ok_and(|events| !events.is_empty()) {}
        self.arm()
    }

    /// Waits for a commit, at most this long; whether there was one.
    pub fn wait(&self, timeout: PollTimeout) -> io::Result<bool> {
        let mut descriptors = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
        match poll(&mut descriptors, timeout) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => Ok(false),
            Ok(_) => self.clear().map(|()| true),
            Err(error) => Err(error.into()),
        }
    }
}
