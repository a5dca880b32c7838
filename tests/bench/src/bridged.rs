//! Other engines with their networks as they come, in the network namespace of this thread.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Docker's daemon.
pub struct Docker {
    daemon: Child,
    socket: String,
}

impl Docker {
    /// Starts it with its state below a folder; `None` where it does not come up.
    pub fn start(folder: &Path, options: &[&str]) -> Option<Self> {
        let place = folder.join("docker");
        let socket = format!("unix://{}", place.join("socket").display());
        std::fs::create_dir(&place).ok()?;
        let mut command = Command::new("dockerd");
        command.args(["-H", &socket]).args(options);
        command.arg("--data-root").arg(place.join("data")).arg("--exec-root").arg(place.join("run"));
        command.arg("--pidfile").arg(place.join("pid"));
        let daemon = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut docker = Self { daemon, socket };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) && docker.daemon.try_wait().ok()?.is_none() {
            if docker.command(&["version"]).status().is_ok_and(|status| status.success()) {
                return Some(docker);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        None
    }

    /// A command of its client.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.args(["-H", &self.socket]).args(words).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // It ends its own containerd, and wants to be asked to.
        let pid = nix::unistd::Pid::from_raw(self.daemon.id() as i32);
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.daemon.wait();
    }
}

/// Podman.
pub struct Podman {
    folder: PathBuf,
}

impl Podman {
    /// With its state below a folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// One of its commands.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("podman");
        command.arg("--root").arg(self.folder.join("podman"));
        command.arg("--runroot").arg(self.folder.join("podman-run"));
        command.args(["--runtime", "runc"]);
        command.args(words).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}
