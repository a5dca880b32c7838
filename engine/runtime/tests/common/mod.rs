//! A root with busybox, and short ways to run things in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "each suite uses a part")]

use oci_spec::runtime::{Capabilities, LinuxCapabilities, Spec};
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use teu_runtime::{CreateRequest, Created, Result, RootSource, Running, create};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// An id that no other test uses.
pub fn unique_id() -> String {
    format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A bundle folder with `rootfs` that holds busybox.
pub fn bundle() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("rootfs/bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::create_dir_all(dir.path().join("rootfs/etc")).unwrap();
    std::fs::copy("/bin/busybox", bin.join("busybox")).unwrap();
    for name in [
        "sh", "cat", "id", "true", "ls", "mount", "sleep", "hostname", "grep", "touch", "echo", "pwd",
        "mkdir", "dd", "tty", "stat", "ulimit", "kill",
    ] {
        std::os::unix::fs::symlink("busybox", bin.join(name)).unwrap();
    }
    dir
}

/// A configuration that runs a shell script with few rights.
pub fn shell(script: &str) -> Spec {
    let mut spec = Spec::default();
    spec.set_hostname(Some("inside".into()));
    let linux = spec.linux_mut().as_mut().unwrap();
    linux.set_cgroups_path(Some(format!("/teu-{}", unique_id()).into()));
    let process = spec.process_mut().as_mut().unwrap();
    process.set_args(Some(["/bin/sh", "-c", script].map(String::from).to_vec()));
    process.set_env(Some(vec!["PATH=/bin".into()]));
    process.set_rlimits(None);
    let few: Capabilities =
        [oci_spec::runtime::Capability::Chown, oci_spec::runtime::Capability::Kill].into_iter().collect();
    let mut sets = LinuxCapabilities::default();
    sets.set_bounding(Some(few.clone())).set_effective(Some(few.clone())).set_permitted(Some(few));
    sets.set_inheritable(None).set_ambient(None);
    process.set_capabilities(Some(sets));
    spec
}

/// The container's path as the configuration names it.
pub fn request<'a>(dir: &'a Path, spec: &'a Spec) -> CreateRequest<'a> {
    CreateRequest::new("test", dir, spec, RootSource::Path("rootfs".into()))
}

/// What a process printed, and its exit code.
#[derive(Debug)]
pub struct Ended {
    pub output: String,
    pub code: i32,
}

/// Waits for a process and removes its cgroup.
pub fn finish(running: Running, output: std::fs::File) -> Ended {
    let mut output = output;
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    let (code, _) = teu_sys::process::wait_child(running.pid).unwrap();
    running.cgroup.kill_all().unwrap();
    running.cgroup.delete().unwrap();
    Ended { output: text, code }
}

/// A pipe: the end to read, and the end for a process.
pub fn pipe() -> (std::fs::File, OwnedFd) {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
    (read.into(), write)
}

/// Runs a configuration to its end.
pub fn run(dir: &Path, spec: &Spec) -> Result<Ended> {
    run_request(request(dir, spec))
}

/// Runs what is requested to its end.
pub fn run_request(mut request: CreateRequest<'_>) -> Result<Ended> {
    let (read, write) = pipe();
    request.stdio = [None, Some(write.as_fd().try_clone_to_owned().unwrap()), Some(write)];
    let running = create(request).and_then(Created::start)?;
    Ok(finish(running, read))
}

/// Runs a shell script in a fresh root; its output.
pub fn output(script: &str) -> String {
    let dir = bundle();
    let ended = run(dir.path(), &shell(script)).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.output);
    ended.output
}
