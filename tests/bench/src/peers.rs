//! Docker and Podman, started by the bench itself with folders of their own; found where they are installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A root file system of busybox.
pub fn root(folder: &Path) -> Option<PathBuf> {
    let root = folder.join("root");
    for name in ["bin", "etc", "tmp"] {
        fs::create_dir_all(root.join(name)).ok()?;
    }
    let busybox = std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join("busybox"))
        .find(|path| path.is_file())?;
    fs::copy(busybox, root.join("bin/busybox")).ok()?;
    for applet in ["sh", "true", "sleep", "yes", "head", "cat", "echo"] {
        std::os::unix::fs::symlink("busybox", root.join("bin").join(applet)).ok()?;
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n").ok()?;
    fs::write(root.join("etc/group"), "root:x:0:\n").ok()?;
    Some(root)
}

/// The same as an archive, which every engine imports.
pub fn archive(folder: &Path) -> Option<PathBuf> {
    let root = root(folder)?;
    let archive = folder.join("root.tar");
    let status = Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&archive).arg(".").status().ok()?;
    status.success().then_some(archive)
}

/// A dockerd with folders of its own.
pub struct Docker {
    folder: tempfile::TempDir,
    daemon: Child,
}

impl Docker {
    /// Starts it without networks and gives it the image `busybox`; says why not where it cannot be.
    pub fn start() -> Option<Self> {
        Self::begin(&["--bridge", "none", "--iptables=false", "--ip6tables=false"])
    }

    /// Starts it with networks, whose bridge and firewall rules it leaves behind: only for a network namespace of the
    /// caller's own.
    pub fn start_with_networks() -> Option<Self> {
        Self::begin(&[])
    }

    /// Starts it with these flags and gives it the image `busybox`; says why not where it cannot be.
    pub fn begin(flags: &[&str]) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("teu-bench-docker-").tempdir().ok()?;
        let inside = |name: &str| folder.path().join(name).display().to_string();
        let log = fs::File::create(inside("log")).ok()?;
        let daemon = Command::new("dockerd")
            .args([
                "--data-root",
                &inside("data"),
                "--exec-root",
                &inside("exec"),
                "--pidfile",
                &inside("pid"),
            ])
            .args(["-H", &format!("unix://{}", inside("socket"))])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(log.try_clone().ok()?)
            .stderr(log)
            .spawn();
        let Ok(daemon) = daemon else {
            println!("not compared with Docker: dockerd is not installed");
            return None;
        };
        let docker = Self { folder, daemon };
        let start = Instant::now();
        while !succeeds(&mut docker.command(["version"])) {
            if start.elapsed() > PATIENCE {
                println!("not compared with Docker: dockerd does not answer");
                return None;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let archive = archive(docker.folder.path())?;
        let words = ["import", "-c", "ENV PATH=/bin", archive.to_str()?, "busybox"];
        if !succeeds(&mut docker.command(words)) {
            println!("not compared with Docker: it cannot import an image");
            return None;
        }
        Some(docker)
    }

    /// A command of its client.
    pub fn command<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.client("docker");
        command.args(words);
        command
    }

    /// Another program that speaks to it.
    pub fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DOCKER_HOST", format!("unix://{}", self.folder.path().join("socket").display()));
        command
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        let containers = self.command(["ps", "-aq"]).output().map(|output| output.stdout).unwrap_or_default();
        let containers = String::from_utf8_lossy(&containers).into_owned();
        if !containers.trim().is_empty() {
            succeeds(&mut self.command(["rm", "-f"].into_iter().chain(containers.split_whitespace())));
        }
        if let Ok(pid) = i32::try_from(self.daemon.id()) {
            let _ =
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM);
        }
        let _ = self.daemon.wait();
    }
}

/// Podman with folders of its own.
pub struct Podman {
    folder: tempfile::TempDir,
}

impl Podman {
    /// Gives it the image `busybox`; says why not where it cannot be.
    pub fn start() -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("teu-bench-podman-").tempdir().ok()?;
        let podman = Self { folder };
        if !succeeds(&mut podman.command(["version"])) {
            println!("not compared with Podman: it is not installed");
            return None;
        }
        let archive = archive(podman.folder.path())?;
        if !succeeds(&mut podman.command(["import", "-c", "ENV PATH=/bin", archive.to_str()?, "busybox"])) {
            println!("not compared with Podman: it cannot import an image");
            return None;
        }
        Some(podman)
    }

    /// A command of it. Hosts without the right to raise limits need the limits of `run` named.
    pub fn command<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new("podman");
        let inside = |name: &str| self.folder.path().join(name);
        command
            .arg("--root")
            .arg(inside("data"))
            .arg("--runroot")
            .arg(inside("run"))
            .args(["--runtime", "runc"]);
        for word in words {
            command.arg(word);
            if word == "run" {
                command.args(["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]);
            }
        }
        command
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        succeeds(&mut self.command(["rm", "-fa"]));
        succeeds(&mut self.command(["rmi", "-fa"]));
    }
}

/// Whether a command ends well; quiet.
pub fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
