//! A step's way to the user's SSH agent (`RUN --mount=type=ssh`): keys stay where they are, the agent answers.
//!
//! The step gets a socket of its own, with the owner and mode that it asks for. What it says there is passed on.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::Permissions;
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use teu_api::Failure;
use teu_store::Staging;

/// Connections at once.
const MOST: usize = 64;
/// How long until a connection is tried again that could not be taken.
const PATIENCE: Duration = Duration::from_millis(50);

/// A socket that leads to an agent as long as this lives.
pub(super) struct Agent {
    staging: Staging,
    /// Its end ends the thread.
    alive: Option<io::PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Agent {
    /// Opens a way to the agent that listens at a path.
    pub fn open(staging: Staging, agent: PathBuf, owner: (u32, u32), mode: u32) -> io::Result<Self> {
        // Refused now, where it can be told, rather than in the middle of the step.
        drop(UnixStream::connect(&agent)?);
        // A socket's path may not be long; a state folder's is what it is.
        let path = PathBuf::from(format!("/proc/self/fd/{}/socket", staging.as_fd().as_raw_fd()));
        let listener = UnixListener::bind(&path)?;
        chown(&path, Some(owner.0), Some(owner.1))?;
        std::fs::set_permissions(&path, Permissions::from_mode(mode))?;
        let (ends, alive) = io::pipe()?;
        let thread = std::thread::Builder::new()
            .name("teu-ssh-agent".to_owned())
            .spawn(move || serve(&listener, &ends, &agent))?;
        Ok(Self { staging, alive: Some(alive), thread: Some(thread) })
    }

    /// Where it is on this machine.
    pub fn path(&self) -> PathBuf {
        self.staging.path().join("socket")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.alive.take());
        // It waits for nothing but this.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The socket that an id and a path mean, an empty path the user's own agent.
pub fn agent_socket(id: &str, path: &Path) -> Result<PathBuf, Failure> {
    let own =
        || std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
    let given = Some(path).filter(|path| !path.as_os_str().is_empty()).map(Path::to_owned);
    let path = given.or_else(own).ok_or_else(|| {
        Failure::usage(format!("ssh agent {id}: SSH_AUTH_SOCK is not set"))
            .hint("start ssh-agent, and ssh-add the key")
    })?;
    let found = std::fs::metadata(&path)
        .map_err(|error| Failure::usage(format!("ssh agent {id}: {}: {error}", path.display())))?;
    if !found.file_type().is_socket() {
        return Err(Failure::unsupported(format!(
            "ssh agent {id}: {} is no socket of an agent",
            path.display()
        ))
        .hint("give a key to ssh-agent by ssh-add, and name the agent"));
    }
    Ok(path)
}

fn serve(listener: &UnixListener, ends: &io::PipeReader, agent: &Path) {
    let open = Arc::new(());
    loop {
        let mut waits = [listener.as_fd(), ends.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        match poll(&mut waits, PollTimeout::NONE) {
            Err(nix::errno::Errno::EINTR) => continue,
            Err(_) => return,
            Ok(_) if waits[1].any() != Some(false) => return,
            Ok(_) => {}
        }
        let Ok((step, _)) = listener.accept() else {
            // Of descriptors there may be more in a moment.
            std::thread::sleep(PATIENCE);
            continue;
        };
        let Ok(agent) = UnixStream::connect(agent) else { continue };
        // A step gets no more of this program than it may need.
        if Arc::strong_count(&open) > MOST {
            continue;
        }
        let counted = Arc::clone(&open);
        // A connection ends with the step that has it, which is gone before this is.
        let _ = std::thread::Builder::new().name("teu-ssh-agent".to_owned()).spawn(move || {
            relay(&step, &agent);
            drop(counted);
        });
    }
}

/// Passes on both ways until one side has enough.
fn relay(step: &UnixStream, agent: &UnixStream) {
    std::thread::scope(|scope| {
        scope.spawn(|| pass(step, agent));
        pass(agent, step);
    });
}

fn pass(mut from: &UnixStream, mut to: &UnixStream) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    // Whoever is at its end already is not told twice.
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_store::{Paths, Store};

    #[test]
    fn what_is_said_is_passed_on_and_the_end_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Paths::under(folder.path().join("state"))).unwrap();
        let place = folder.path().join("agent");
        let real = UnixListener::bind(&place).unwrap();
        let answers = std::thread::spawn(move || {
            // The first only asks whether it is there.
            for stream in real.incoming().take(3).map(Result::unwrap) {
                let mut text = [0; 4];
                if (&stream).read_exact(&mut text).is_ok() {
                    (&stream).write_all(&text.map(|byte| byte.to_ascii_uppercase())).unwrap();
                }
            }
        });
        let staging = Staging::new(store.paths(), "agent").unwrap();
        let agent = Agent::open(staging, place, (0, 0), 0o600).unwrap();
        for word in [b"ping", b"pong"] {
            let mut step = UnixStream::connect(agent.path()).unwrap();
            step.write_all(word).unwrap();
            let mut answer = [0; 4];
            step.read_exact(&mut answer).unwrap();
            assert_eq!(answer, word.map(|byte| byte.to_ascii_uppercase()));
        }
        answers.join().unwrap();
        let path = agent.path();
        drop(agent);
        assert!(!path.exists());
    }

    #[test]
    fn an_agent_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Paths::under(folder.path().join("state"))).unwrap();
        let staging = Staging::new(store.paths(), "agent").unwrap();
        assert!(Agent::open(staging, "/nowhere/agent".into(), (0, 0), 0o600).is_err());
    }
}
