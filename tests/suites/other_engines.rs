//! Podman and containerd with `teu oci` as their runtime.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use teu_tests::{Output, Teu, host, skip};

/// Whether programs are here; says so where they are not.
fn have(test: &str, programs: &[&str]) -> bool {
    let found = |program: &&&str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(**program).is_file()))
    };
    match programs.iter().find(|program| !found(program)) {
        None => true,
        Some(missing) => {
            skip(test, &format!("{missing} is not installed"));
            false
        }
    }
}

/// The runtime as one file, and an image as an archive that other engines load.
fn runtime_and_image(teu: &Teu) -> (PathBuf, PathBuf) {
    let (runtime, archive) = (teu.root().join("runtime"), teu.root().join("image.tar"));
    std::fs::write(&runtime, format!("#!/bin/sh\nexec {} oci \"$@\"\n", teu.binary().display()))
        .expect("a file");
    std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o755)).expect("a program");
    teu.run(["tag", "busybox", "localhost/busybox:latest"]).ok();
    let words = ["save", "-o", archive.to_str().expect("text"), "localhost/busybox:latest"];
    teu.run(words).ok();
    (runtime, archive)
}

fn run(mut command: Command) -> Output {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(255),
    }
}

/// A Podman with folders of its own.
struct Podman {
    root: tempfile::TempDir,
    runtime: PathBuf,
}

impl Podman {
    fn call(&self, words: &[&str]) -> Output {
        let mut command = Command::new("podman");
        command
            .arg("--root")
            .arg(self.root.path().join("root"))
            .arg("--runroot")
            .arg(self.root.path().join("run"));
        command.args([
            "--storage-driver",
            "vfs",
            "--cgroup-manager",
            "cgroupfs",
            "--events-backend",
            "file",
            "--runtime",
        ]);
        run({
            command.arg(&self.runtime).args(words);
            command
        })
    }

    fn run(&self, flags: &[&str], words: &[&str]) -> Output {
        // Podman asks for more than this machine may have let its caller have.
        let all = ["run", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"];
        let all = all.iter().chain(flags).chain(&["localhost/busybox:latest"]).chain(words);
        self.call(&all.copied().collect::<Vec<_>>())
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        self.call(&["rm", "-f", "-a", "-t", "0"]);
        self.call(&["rmi", "-f", "-a"]);
    }
}

#[test]
fn podman_runs_containers_with_it() {
    if !have("podman_runs_containers_with_it", &["podman", "conmon"]) {
        return;
    }
    let teu = Teu::with_busybox();
    let (runtime, archive) = runtime_and_image(&teu);
    let podman = Podman { root: tempfile::tempdir().expect("a folder"), runtime };
    podman.call(&["load", "-i", archive.to_str().expect("text")]).ok();
    let probe = podman.run(&["--rm"], &["echo", "hi"]);
    assert_eq!(probe.clone().ok(), "hi", "{probe:?}");
    assert_eq!(podman.run(&["--rm", "-t"], &["sh", "-c", "[ -t 1 ] && echo tty"]).ok().trim_end(), "tty");
    assert_eq!(podman.run(&["--rm"], &["sh", "-c", "exit 6"]).code, 6);
    assert_eq!(podman.run(&["--rm"], &["/bin/nosuch"]).code, 127);
    assert_eq!(podman.run(&["--rm"], &["/etc"]).code, 126);
    let few = podman
        .run(&["--rm", "--pids-limit", "4"], &["sh", "-c", "for i in 1 2 3 4 5 6; do sleep 1 & done; wait"]);
    assert!(few.stderr.contains("fork"), "{few:?}");
    let script = "echo out; echo err >&2; trap 'exit 3' TERM; while :; do sleep 0.1; done";
    podman
        .run(
            &["-d", "--name", "box", "--health-cmd", "test -e /well", "--health-interval", "disable"],
            &["sh", "-c", script],
        )
        .ok();
    assert_eq!(podman.call(&["exec", "box", "sh", "-c", "echo $((6*7))"]).ok(), "42");
    assert_eq!(podman.call(&["exec", "box", "sh", "-c", "exit 5"]).code, 5);
    assert_eq!(podman.call(&["exec", "box", "/bin/nosuch"]).code, 127);
    let logs = podman.call(&["logs", "box"]);
    assert_eq!((logs.stdout.as_str(), logs.stderr.as_str()), ("out\n", "err\n"));
    podman.call(&["pause", "box"]).ok();
    assert_eq!(podman.call(&["inspect", "box", "--format", "{{.State.Status}}"]).ok(), "paused");
    podman.call(&["unpause", "box"]).ok();
    let pids: u32 = podman
        .call(&["stats", "--no-stream", "--format", "{{.PIDs}}", "box"])
        .ok()
        .trim()
        .parse()
        .expect("a number");
    assert!(pids >= 1);
    podman.call(&["update", "--memory", "64m", "box"]).ok();
    let limit =
        "for f in memory/memory.limit_in_bytes memory.max; do cat /sys/fs/cgroup/$f 2>/dev/null; done; true";
    assert_eq!(podman.call(&["exec", "box", "sh", "-c", limit]).ok(), "67108864");
    assert_eq!(podman.call(&["healthcheck", "run", "box"]).code, 1);
    podman.call(&["exec", "box", "touch", "/well"]).ok();
    podman.call(&["healthcheck", "run", "box"]).ok();
    assert!(podman.call(&["top", "box", "comm"]).ok().contains("sh"));
    podman.call(&["stop", "-t", "10", "box"]).ok();
    assert_eq!(
        podman.call(&["inspect", "box", "--format", "{{.State.Status}} {{.State.ExitCode}}"]).ok(),
        "exited 3"
    );
    podman.call(&["start", "box"]).ok();
    podman.call(&["kill", "box"]).ok();
    podman.call(&["wait", "box"]).ok();
    podman.call(&["rm", "box"]).ok();
    assert_eq!(podman.call(&["ps", "-aq"]).ok(), "");
    drop(podman);
    teu.finish();
}

/// A containerd with folders of its own.
struct Containerd {
    root: tempfile::TempDir,
    server: Child,
    runtime: PathBuf,
}

impl Containerd {
    fn start(runtime: PathBuf) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let place = root.path().display();
        let disabled = "io.containerd.grpc.v1.cri io.containerd.snapshotter.v1.btrfs io.containerd.snapshotter.v1.zfs \
                        io.containerd.snapshotter.v1.devmapper io.containerd.snapshotter.v1.aufs";
        let disabled: Vec<String> = disabled.split_whitespace().map(|name| format!("{name:?}")).collect();
        let config = format!(
            "version = 2\nroot = \"{place}/root\"\nstate = \"{place}/state\"\ndisabled_plugins = [{}]\n[grpc]\naddress = \"{place}/socket\"\n",
            disabled.join(", ")
        );
        let file = root.path().join("config.toml");
        std::fs::File::create(&file).and_then(|mut file| file.write_all(config.as_bytes())).expect("a file");
        let server = Command::new("containerd")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("containerd");
        Self { root, server, runtime }
    }

    fn call(&self, words: &[&str]) -> Output {
        let mut command = Command::new("ctr");
        command.arg("-a").arg(self.root.path().join("socket")).args(words);
        run(command)
    }

    fn run(&self, flags: &[&str], id: &str, words: &[&str]) -> Output {
        let runtime = self.runtime.to_str().expect("text");
        let first = ["run", "--snapshotter", "native", "--runc-binary", runtime];
        let image = ["localhost/busybox:latest", id];
        self.call(&[&first[..], flags, &image[..], words].concat())
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        for id in self.call(&["tasks", "ls", "-q"]).stdout.lines() {
            self.call(&["tasks", "kill", "-s", "KILL", id]);
            self.call(&["tasks", "rm", "-f", id]);
        }
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(self.server.id() as i32),
            nix::sys::signal::Signal::SIGTERM,
        );
        let _ = self.server.wait();
        let _ = umount_below(self.root.path());
    }
}

fn umount_below(folder: &Path) -> String {
    host(&format!(
        "grep -o ' {}/[^ ]*' /proc/self/mounts | sort -r | while read m; do umount -l $m; done; true",
        folder.display()
    ))
}

#[test]
fn containerd_runs_containers_with_it() {
    if !have("containerd_runs_containers_with_it", &["containerd", "ctr", "containerd-shim-runc-v2"]) {
        return;
    }
    let teu = Teu::with_busybox();
    let (runtime, archive) = runtime_and_image(&teu);
    let containerd = Containerd::start(runtime);
    teu.wait_until("containerd answers", || containerd.call(&["version"]).code == 0);
    containerd.call(&["images", "import", archive.to_str().expect("text")]).ok();
    let probe = containerd.run(&["--rm"], "first", &["/bin/echo", "hi"]);
    assert_eq!(probe.clone().ok(), "hi", "{probe:?}");
    containerd.run(&["-d"], "box", &["/bin/sleep", "1000"]).ok();
    let status = |wanted: &str| {
        containerd
            .call(&["tasks", "ls"])
            .ok()
            .lines()
            .any(|line| line.starts_with("box ") && line.contains(wanted))
    };
    assert!(status("RUNNING"));
    assert_eq!(
        containerd.call(&["tasks", "exec", "--exec-id", "e", "box", "/bin/echo", "inside"]).ok(),
        "inside"
    );
    containerd.call(&["tasks", "pause", "box"]).ok();
    assert!(status("PAUSED"));
    containerd.call(&["tasks", "resume", "box"]).ok();
    assert!(containerd.call(&["tasks", "metrics", "box"]).ok().contains("memory"));
    assert!(containerd.call(&["tasks", "ps", "box"]).ok().lines().count() >= 2);
    containerd.call(&["tasks", "kill", "-s", "KILL", "box"]).ok();
    teu.wait_until("it has ended", || status("STOPPED"));
    containerd.call(&["tasks", "rm", "box"]);
    containerd.call(&["containers", "rm", "box"]).ok();
    drop(containerd);
    teu.finish();
}
