//! The body of `teu supervisor DIR`: leave the starter, take the container, run the loop.

use crate::config::SupervisorConfig;
use crate::error::Context;
use crate::protocol::Message;
use crate::supervise::Supervisor;
use crate::{Result, SupervisorError, journal, launch};
use rustix::fs::{Mode, OFlags};
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use teu_api::Failure;
use teu_sys::supervision::{Fork, fork_single_threaded};

/// Stays with the container of a folder until it has ended for good. File descriptor 0 is the starter's socket. The
/// calling process forks and returns at once, as the starter waits for it.
pub fn main(container_dir: &Path) -> ExitCode {
    match fork_single_threaded() {
        Ok(Fork::Parent(_)) => return ExitCode::SUCCESS,
        Ok(Fork::Child) => {}
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "cannot fork: {error}");
            return ExitCode::FAILURE;
        }
    }
    let starter = match leave_starter() {
        Ok(starter) => starter,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            return ExitCode::FAILURE;
        }
    };
    match supervise(container_dir, starter) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn supervise(container_dir: &Path, starter: UnixStream) -> Result<()> {
    let mut spare = starter.try_clone().doing("use the starter's socket")?;
    match prepare(container_dir, starter) {
        Ok(supervisor) => {
            drop(spare);
            supervisor.run()
        }
        Err(error) => {
            let told = error.to_string();
            let mut wire = Vec::new();
            Message::StartFailed(Failure::from(error)).encode(&mut wire)?;
            // The starter may be gone: then the log alone says it.
            let _ = spare.write_all(&wire);
            Err(SupervisorError::Refused(Failure::internal(told)))
        }
    }
}

fn prepare(container_dir: &Path, starter: UnixStream) -> Result<Supervisor> {
    let config = SupervisorConfig::load(container_dir)?;
    // Orphans of exec sessions and of other runtimes' programs become ours to wait for.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).doing("adopt orphans")?;
    let launcher = launch::for_config(&config);
    let journal = journal::for_config(&config);
    Supervisor::new(config, launcher, journal, Some(starter))
}

/// Takes the starter's socket from standard input and leaves its session, so that no terminal's end reaches us.
fn leave_starter() -> Result<UnixStream> {
    let starter =
        rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).doing("take the starter's socket")?;
    let null = Path::new("/dev/null");
    let nothing: OwnedFd =
        rustix::fs::open(null, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).context("open", null)?;
    rustix::stdio::dup2_stdin(&nothing).doing("leave the starter's socket")?;
    // A fork's child leads no process group, so this cannot fail.
    rustix::process::setsid().doing("leave the terminal")?;
    rustix::process::chdir("/").context("go to", Path::new("/"))?;
    Ok(UnixStream::from(starter))
}
