//! How a supervisor shows that it is there: a lock for as long as it lives, and a socket to talk to it.

use crate::error::Context;
use crate::protocol::SOCKET_NAME;
use crate::{Result, SupervisorError};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;
use std::{fs, io, thread};

/// The lock's name in a container's runtime folder.
const LOCK_NAME: &str = "lock";

/// Whether a supervisor stays with the container whose runtime folder this is. The kernel releases a dead one's lock, so
/// the answer is right even after SIGKILL.
pub fn is_supervised(run_dir: &Path) -> Result<bool> {
    let path = run_dir.join(LOCK_NAME);
    let file = match rustix::fs::open(&path, OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())
    {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(false),
        Err(error) => return Err(error).context("open", &path),
    };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(Errno::WOULDBLOCK) => Ok(true),
        Err(error) => Err(error).context("lock", &path),
    }
}

/// Whose a container's runtime folder is.
#[derive(Debug)]
pub enum Place {
    /// A supervisor's that lives.
    Held,
    /// A supervisor's that was killed. While the descriptor is held no other begins.
    Left(OwnedFd),
    /// Nobody's: no supervisor has ever been there.
    Empty,
}

/// Takes the place of a supervisor that was killed, if it was.
pub fn take_dead_ones_place(run_dir: &Path) -> Result<Place> {
    let path = run_dir.join(LOCK_NAME);
    let file = match rustix::fs::open(&path, OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())
    {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Place::Empty),
        Err(error) => return Err(error).context("open", &path),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Place::Left(file)),
        Err(Errno::WOULDBLOCK) => Ok(Place::Held),
        Err(error) => Err(error).context("lock", &path),
    }
}

/// Takes the container's lock. It is released when the descriptor is closed.
pub(crate) fn lock(run_dir: &Path) -> Result<OwnedFd> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(run_dir).context("create", run_dir)?;
    let path = run_dir.join(LOCK_NAME);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR).context("open", &path)?;
    // Someone who asks whether we are here holds the lock for an instant: that is no other supervisor.
    for _ in 0..50 {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK) => thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(error).context("lock", &path),
        }
    }
    Err(SupervisorError::AlreadyRunning)
}

/// Listens on the container's socket; only the lock's holder may, since it takes a dead one's place.
pub(crate) fn listen(run_dir: &Path) -> Result<UnixListener> {
    let path = run_dir.join(SOCKET_NAME);
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(run_dir, flags, Mode::empty()).context("open", run_dir)?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).context("remove", &path),
        _ => {}
    }
    // The folder may be deeper than the 108 bytes a socket address holds: name it through its descriptor.
    let address = format!("/proc/self/fd/{}/{SOCKET_NAME}", folder.as_raw_fd());
    let listener = UnixListener::bind(address).context("listen on", &path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).context("set the mode of", &path)?;
    listener.set_nonblocking(true).context("listen on", &path)?;
    Ok(listener)
}

/// Stops listening, before the lock goes: whoever comes next makes a socket of its own.
pub(crate) fn unlisten(run_dir: &Path, listener: UnixListener) {
    // A socket that stays behind is harmless: connecting to it is refused, and the next supervisor replaces it.
    let _ = fs::remove_file(run_dir.join(SOCKET_NAME));
    drop(listener);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presence_is_seen_while_the_lock_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let run_dir = folder.path().join("run");
        assert!(!is_supervised(&run_dir).unwrap());
        let held = lock(&run_dir).unwrap();
        assert!(is_supervised(&run_dir).unwrap());
        assert!(matches!(lock(&run_dir), Err(SupervisorError::AlreadyRunning)));
        drop(held);
        assert!(!is_supervised(&run_dir).unwrap());
    }
}
