//! Starting a supervisor: the same program, executed again.

use crate::error::Context;
use crate::protocol::Connection;
use crate::{Result, SupervisorError};
use std::fs::OpenOptions;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a supervisor's own complaints go, in the container's folder.
pub(crate) const LOG_NAME: &str = "supervisor.log";

/// Starts a container's supervisor by executing `exe supervisor DIR`. The connection is its standard input, so that no
/// race is possible between starting and talking to it; a supervisor whose starter goes before `Start` ends.
pub fn spawn(exe: &Path, container_dir: &Path) -> Result<Connection> {
    let (ours, theirs) = UnixStream::pair().doing("make a socket pair")?;
    let log_path = container_dir.join(LOG_NAME);
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&log_path)
        .context("open", &log_path)?;
    let errors = log.try_clone().context("open", &log_path)?;
    let (program, _clone) = protected(exe);
    let mut intermediate = Command::new(program)
        .arg0(exe)
        .arg("supervisor")
        .arg(container_dir)
        // What its starter has there is nobody's business for as long as the container runs. Other runtimes' programs
        // want the path.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(log)
        .stderr(errors)
        // Away from the terminal's signals at once; the supervisor itself then leaves the session.
        .process_group(0)
        .spawn()
        .context("execute", exe)?;
    // It forks and exits, so that the supervisor is init's child, not ours.
    let status = intermediate.wait().doing("wait for the supervisor to start")?;
    if status.success() {
        Ok(Connection::from_stream(ours))
    } else {
        Err(SupervisorError::Gone { log: log_path })
    }
}

/// What to execute, and the descriptor that must live until then. When the program is our own, it is a file that
/// nobody can write, so that no container can reach the file on the host through the supervisor that launched it.
fn protected(exe: &Path) -> (PathBuf, Option<OwnedFd>) {
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|data| (data.dev(), data.ino()));
    let own = identity(Path::new("/proc/self/exe"));
    if own.is_none() || own != identity(exe) {
        return (exe.to_owned(), None);
    }
    match teu_runtime::host_exe::protected_file() {
        Ok(file) => (PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())), Some(file)),
        // Without even that, a container's root is hardly a user who could write the file.
        Err(_) => (exe.to_owned(), None),
    }
}
