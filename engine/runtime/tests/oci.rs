//! The OCI command line, driven as a program.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{bundle, shell, unique_id};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, which cargo builds beside the tests.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples/oci")
}

struct Runtime {
    root: tempfile::TempDir,
    program: PathBuf,
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // A test that fails must not leave its containers; its own copy of the program is gone by now.
        self.program = program();
        for id in String::from_utf8_lossy(&self.call(&["list", "-q"]).stdout).lines() {
            self.call(&["delete", "--force", id]);
        }
    }
}

impl Runtime {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), program: program() }
    }

    fn call(&self, arguments: &[&str]) -> Output {
        Command::new(&self.program)
            .arg("--root")
            .arg(self.root.path().join("state"))
            .args(arguments)
            .output()
            .unwrap()
    }

    fn good(&self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn state(&self, id: &str) -> serde_json::Value {
        serde_json::from_str(&self.good(&["state", id])).unwrap()
    }

    /// `create` without our pipes as its output: the created process keeps them open.
    fn create(&self, bundle: &Path, id: &str) {
        let status = Command::new(&self.program)
            .arg("--root")
            .arg(self.root.path().join("state"))
            .args(["create", "--bundle"])
            .arg(bundle)
            .arg(id)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
    }
}

fn write(dir: &Path, spec: &oci_spec::runtime::Spec) {
    std::fs::write(dir.join("config.json"), serde_json::to_vec(spec).unwrap()).unwrap();
}

fn wait_until(mut done: impl FnMut() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it did not happen");
}

#[test]
fn a_life_from_create_to_delete() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    write(dir.path(), &shell("sleep 60"));
    runtime.create(dir.path(), &id);
    assert_eq!(runtime.state(&id)["status"], "created");
    assert!(!runtime.call(&["create", "--bundle", dir.path().to_str().unwrap(), &id]).status.success());
    runtime.good(&["start", &id]);
    assert_eq!(runtime.state(&id)["status"], "running");
    assert!(!runtime.call(&["start", &id]).status.success());
    assert!(!runtime.call(&["delete", &id]).status.success());
    assert!(runtime.good(&["list", "-q"]).contains(&id));
    assert_eq!(runtime.good(&["exec", &id, "hostname"]), "inside\n");
    assert_eq!(runtime.call(&["exec", &id, "sh", "-c", "exit 4"]).status.code(), Some(4));
    assert_eq!(runtime.call(&["exec", &id, "missing"]).status.code(), Some(255));
    runtime.good(&["pause", &id]);
    assert_eq!(runtime.state(&id)["status"], "paused");
    runtime.good(&["resume", &id]);
    runtime.good(&["update", "--pids-limit", "33", &id]);
    assert!(runtime.good(&["events", "--stats", &id]).contains("\"limit\":33"));
    assert!(runtime.good(&["ps", "--format", "json", &id]).starts_with('['));
    runtime.good(&["kill", &id, "KILL"]);
    wait_until(|| runtime.state(&id)["status"] == "stopped");
    runtime.good(&["delete", &id]);
    assert!(!runtime.call(&["state", &id]).status.success());
    assert!(!runtime.call(&["delete", &id]).status.success());
    runtime.good(&["delete", "--force", &id]);
}

#[test]
fn a_container_that_waits_can_be_paused_and_ended() {
    let (runtime, dir) = (Runtime::new(), bundle());
    write(dir.path(), &shell("sleep 60"));
    let id = unique_id();
    runtime.create(dir.path(), &id);
    runtime.good(&["pause", &id]);
    assert_eq!(runtime.state(&id)["status"], "paused");
    // It could not answer.
    let refused = runtime.call(&["start", &id]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("paused"), "{refused:?}");
    runtime.good(&["resume", &id]);
    assert_eq!(runtime.state(&id)["status"], "created");
    runtime.good(&["start", &id]);
    assert_eq!(runtime.state(&id)["status"], "running");
    runtime.good(&["delete", "--force", &id]);

    for (signal, status) in [("WINCH", "created"), ("0", "created"), ("TERM", "stopped"), ("34", "stopped")] {
        let id = unique_id();
        runtime.create(dir.path(), &id);
        runtime.good(&["kill", &id, signal]);
        wait_until(|| runtime.state(&id)["status"] == status);
        runtime.good(&["delete", "--force", &id]);
    }
}

#[test]
fn a_creator_that_is_killed_leaves_nothing_that_delete_does_not_find() {
    let (runtime, dir) = (Runtime::new(), bundle());
    let group = format!("teu-killed-{}", unique_id());
    let left = || {
        let find = Command::new("find").args(["/sys/fs/cgroup", "-name", &group]).output().unwrap();
        let groups = String::from_utf8_lossy(&find.stdout).into_owned();
        let waits = |entry: std::fs::DirEntry| {
            let of = |name: &str| std::fs::read_to_string(entry.path().join(name)).ok();
            // One that has ended is its new parent's to take away.
            let is_ours = of("cgroup")?.contains(&group) && !of("stat")?.contains(") Z ");
            Some(entry.file_name()).filter(|_| is_ours)
        };
        let processes: Vec<_> = std::fs::read_dir("/proc").unwrap().flatten().filter_map(waits).collect();
        (groups, processes)
    };
    for personality in [false, true] {
        let mut spec = serde_json::to_value(shell("true")).unwrap();
        spec["linux"]["cgroupsPath"] = format!("/{group}").into();
        if personality {
            spec["linux"]["personality"] = serde_json::json!({"domain": "LINUX"});
        }
        write(dir.path(), &serde_json::from_value(spec).unwrap());
        let create = |id: &str| {
            Command::new(&runtime.program)
                .arg("--root")
                .arg(runtime.root.path().join("state"))
                .args(["create", "--bundle"])
                .arg(dir.path())
                .arg(id)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap()
        };
        let begun = std::time::Instant::now();
        let id = unique_id();
        assert!(create(&id).wait().unwrap().success());
        let whole = begun.elapsed();
        runtime.good(&["delete", "--force", &id]);
        for moment in 0..25 {
            let id = unique_id();
            let mut creator = create(&id);
            std::thread::sleep(whole * moment / 20);
            creator.kill().unwrap();
            creator.wait().unwrap();
            runtime.good(&["delete", "--force", &id]);
            wait_until(|| left() == (String::new(), Vec::new()));
        }
    }
    assert_eq!(runtime.good(&["list", "-q"]), "");
}

#[test]
fn run_gives_the_output_and_the_code() {
    let (runtime, dir) = (Runtime::new(), bundle());
    write(dir.path(), &shell("echo hello; exit 42"));
    let output = runtime.call(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(42), b"hello\n".as_slice()));
    assert_eq!(runtime.good(&["list", "-q"]), "");
}

/// The attack: hold the file of a process that runs, wait until it ends, write to it. Gives the error of opening.
fn overwrite(pid: i64, end: impl FnOnce()) -> Option<i32> {
    let flags = rustix::fs::OFlags::PATH | rustix::fs::OFlags::CLOEXEC;
    let held = rustix::fs::open(format!("/proc/{pid}/exe"), flags, rustix::fs::Mode::empty()).unwrap();
    end();
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&held));
    match std::fs::OpenOptions::new().write(true).open(path) {
        Ok(mut file) => std::io::Write::write_all(&mut file, b"attacked").err(),
        Err(error) => Some(error),
    }
    .and_then(|error| error.raw_os_error())
}

#[test]
fn the_waiting_process_shows_nothing_of_the_host_that_can_be_written() {
    const EPERM: i32 = 1;
    const EROFS: i32 = 30;
    let (mut runtime, dir) = (Runtime::new(), bundle());
    // A copy of its own: other tests keep the common one busy.
    runtime.program = dir.path().join("oci");
    std::fs::copy(program(), &runtime.program).unwrap();
    let copy = dir.path().join("sleeper");
    std::fs::copy("/bin/busybox", &copy).unwrap();
    let mut plain = Command::new(&copy).arg0("sleep").arg("30").spawn().unwrap();
    let unprotected = overwrite(i64::from(plain.id()), || {
        plain.kill().unwrap();
        plain.wait().unwrap();
        // The kernel lets go of the file a moment later.
        wait_until(|| std::fs::OpenOptions::new().write(true).open(&copy).is_ok());
    });
    assert_eq!(unprotected, None);
    assert!(std::fs::read(&copy).unwrap().starts_with(b"attacked"));
    // A list of calls in memory, which is sealed; with a personality a read-only clone of the program itself.
    for (personality, expected) in [(false, EPERM), (true, EROFS)] {
        let (mut spec, id) = (serde_json::to_value(shell("true")).unwrap(), unique_id());
        if personality {
            spec["linux"]["personality"] = serde_json::json!({"domain": "LINUX"});
        }
        write(dir.path(), &serde_json::from_value(spec).unwrap());
        runtime.create(dir.path(), &id);
        let pid = runtime.state(&id)["pid"].as_i64().unwrap();
        let failed = overwrite(pid, || drop(runtime.good(&["delete", "--force", &id])));
        assert_eq!(failed, Some(expected));
    }
    assert!(std::fs::read(&runtime.program).unwrap() == std::fs::read(program()).unwrap());
}

#[test]
fn a_program_whose_mount_may_not_be_cloned_is_not_shown_either() {
    const EPERM: i32 = 1;
    // For this test alone.
    std::thread::spawn(|| {
        teu_sys::process::unshare(0x0002_0000).unwrap();
        let (mut runtime, dir) = (Runtime::new(), bundle());
        let place = dir.path().join("place");
        std::fs::create_dir(&place).unwrap();
        let mount = |words: &[&str]| {
            assert!(Command::new("mount").args(words).arg(&place).status().unwrap().success());
        };
        assert!(Command::new("mount").args(["--make-rprivate", "/"]).status().unwrap().success());
        mount(&["-t", "tmpfs", "tmpfs"]);
        mount(&["--make-unbindable"]);
        runtime.program = place.join("oci");
        std::fs::copy(program(), &runtime.program).unwrap();
        let (mut spec, id) = (serde_json::to_value(shell("true")).unwrap(), unique_id());
        spec["linux"]["personality"] = serde_json::json!({"domain": "LINUX"});
        write(dir.path(), &serde_json::from_value(spec).unwrap());
        runtime.create(dir.path(), &id);
        let pid = runtime.state(&id)["pid"].as_i64().unwrap();
        // It does what it does elsewhere, too.
        assert!(runtime.good(&["exec", &id, "echo", "inside"]).contains("inside"));
        let failed = overwrite(pid, || drop(runtime.good(&["delete", "--force", &id])));
        assert_eq!(failed, Some(EPERM));
    })
    .join()
    .unwrap();
}

#[test]
fn a_container_cannot_make_its_launcher_run_again() {
    // CVE-2019-5736: a program, or the interpreter of a script, that is /proc/self/exe. Unprotected it is the launcher:
    let again = Command::new("sh").args(["-c", "exec /proc/self/exe -c 'echo again'"]).output().unwrap();
    assert_eq!(again.stdout, b"again\n");
    let (mut runtime, dir) = (Runtime::new(), bundle());
    runtime.program = dir.path().join("oci");
    std::fs::copy(program(), &runtime.program).unwrap();
    std::fs::write(dir.path().join("rootfs/bin/script"), "#!/proc/self/exe\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(dir.path().join("rootfs/bin/script"), mode).unwrap();
    for arguments in [vec!["/proc/self/exe", "features"], vec!["/bin/script"]] {
        let mut spec = shell("");
        spec.process_mut()
            .as_mut()
            .unwrap()
            .set_args(Some(arguments.iter().map(ToString::to_string).collect()));
        write(dir.path(), &spec);
        let output = runtime.call(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]);
        assert!(!output.status.success());
        assert_eq!(output.stdout, b"", "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(runtime.good(&["list", "-q"]), "");
    }
}

#[test]
fn a_configuration_may_come_through_a_pipe_and_warns_once() {
    let (runtime, dir) = (Runtime::new(), bundle());
    std::os::unix::fs::symlink("/dev/stdin", dir.path().join("config.json")).unwrap();
    for is_shared in [false, true] {
        let mut spec = serde_json::to_value(shell("echo ran")).unwrap();
        spec["process"]["capabilities"]["ambient"] = serde_json::json!(["CAP_KILL"]);
        spec["process"]["capabilities"]["bounding"].as_array_mut().unwrap().push("CAP_UNHEARD_OF".into());
        if is_shared {
            // Others could see the first process: the program starts again from a read-only clone.
            spec["linux"]["namespaces"].as_array_mut().unwrap().retain(|one| one["type"] != "pid");
        }
        let mut child = Command::new(&runtime.program)
            .arg("--root")
            .arg(runtime.root.path().join("state"))
            .args(["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), spec.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.stdout, b"ran\n", "{is_shared}: {told}");
        for word in ["CAP_KILL", "CAP_UNHEARD_OF"] {
            assert_eq!(told.matches(word).count(), 1, "{is_shared}: {told}");
        }
    }
}

#[test]
fn wrong_bundles_are_refused_before_anything_is_made() {
    let (runtime, dir) = (Runtime::new(), bundle());
    let base = serde_json::to_value(shell("true")).unwrap();
    let cases: [(&str, serde_json::Value, &str); 9] = [
        ("/ociVersion", "2.0.0".into(), "ociVersion"),
        ("/ociVersion", "nonsense".into(), "ociVersion"),
        ("/process/args", serde_json::json!([]), "process.args"),
        ("/process/cwd", "relative".into(), "process.cwd"),
        ("/root/path", "absent".into(), "root.path"),
        ("/linux/namespaces", serde_json::json!([{"type": "pid", "path": "/proc/self/ns/absent"}]), "absent"),
        ("/linux/cgroupsPath", "/a/../../b".into(), "cgroupsPath"),
        ("/linux/namespaces", serde_json::json!([{"type": "mount"}, {"type": "mount"}]), "twice"),
        ("/process/args", serde_json::json!(["a\u{0}b"]), "NUL"),
    ];
    for (pointer, value, word) in cases {
        let mut config = base.clone();
        *config.pointer_mut(pointer).unwrap() = value;
        if word == "twice" || word == "absent" {
            config.as_object_mut().unwrap().remove("hostname");
        }
        std::fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
        let output = runtime.call(&["run", "--bundle", dir.path().to_str().unwrap(), "wrong"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(word) && said.lines().count() == 1,
            "{pointer}: {said}"
        );
        assert!(!runtime.root.path().join("state/wrong").exists(), "{pointer}");
    }
    for id in ["", "..", "a/b", "a b"] {
        write(dir.path(), &shell("true"));
        assert!(!runtime.call(&["run", "--bundle", dir.path().to_str().unwrap(), id]).status.success());
    }
}

/// Lets a mapped root make what is missing in the root.
fn give_away(bundle: &Path) {
    let root = bundle.join("rootfs");
    for path in [root.clone(), root.join("etc"), root.join("bin")] {
        std::os::unix::fs::chown(path, Some(100_000), Some(100_000)).unwrap();
    }
}

#[test]
fn namespaces_of_another_container_can_be_joined() {
    let (runtime, dir, first) = (Runtime::new(), bundle(), unique_id());
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    give_away(dir.path());
    let mut spec = serde_json::to_value(shell("sleep 60")).unwrap();
    let ids = serde_json::json!([{"containerID": 0, "hostID": 100_000, "size": 65536}]);
    spec["linux"]["uidMappings"] = ids.clone();
    spec["linux"]["gidMappings"] = ids;
    spec["linux"]["namespaces"].as_array_mut().unwrap().push(serde_json::json!({"type": "user"}));
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    runtime.create(dir.path(), &first);
    runtime.good(&["start", &first]);
    let pid = runtime.state(&first)["pid"].as_i64().unwrap();
    let mut second = serde_json::to_value(shell("hostname; cat /proc/1/comm; id")).unwrap();
    let join =
        |kind: &str, file: &str| serde_json::json!({"type": kind, "path": format!("/proc/{pid}/ns/{file}")});
    second["linux"]["namespaces"] = serde_json::json!([
        {"type": "mount"}, join("user", "user"), join("pid", "pid"), join("uts", "uts"), join("ipc", "ipc"), join("network", "net")]);
    second.as_object_mut().unwrap().remove("hostname");
    std::fs::write(dir.path().join("config.json"), second.to_string()).unwrap();
    let output = runtime.good(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]);
    assert!(
        output.starts_with("inside\nsleep\nuid=0") || output.starts_with("inside\nsh\nuid=0"),
        "{output}"
    );
    runtime.good(&["delete", "--force", &first]);
}

#[test]
fn killing_reaches_all_who_share_the_hosts_process_ids() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    let mut spec = serde_json::to_value(shell("sleep 61 & sleep 62")).unwrap();
    spec["linux"]["namespaces"].as_array_mut().unwrap().retain(|one| one["type"] != "pid");
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    runtime.create(dir.path(), &id);
    runtime.good(&["start", &id]);
    let pids =
        || -> Vec<i32> { serde_json::from_str(&runtime.good(&["ps", "--format", "json", &id])).unwrap() };
    wait_until(|| pids().len() >= 2);
    runtime.good(&["kill", &id, "KILL"]);
    wait_until(|| pids().is_empty());
    let said = runtime.call(&["kill", &id, "TERM"]);
    assert!(String::from_utf8_lossy(&said.stderr).contains("container not running"));
    runtime.good(&["delete", &id]);
}

#[test]
fn homes_come_from_the_image_and_a_created_container_can_be_entered() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    std::fs::write(dir.path().join("rootfs/etc/passwd"), "u:x:1000:1000::/home/u:/bin/sh\n").unwrap();
    write(dir.path(), &shell("sleep 60"));
    runtime.create(dir.path(), &id);
    assert_eq!(runtime.good(&["exec", &id, "sh", "-c", "echo $HOME"]), "/\n");
    assert_eq!(runtime.good(&["exec", "-u", "1000", &id, "sh", "-c", "echo $HOME"]), "/home/u\n");
    assert_eq!(runtime.good(&["exec", "-e", "HOME=/x", &id, "sh", "-c", "echo $HOME"]), "/x\n");
    assert_eq!(runtime.state(&id)["status"], "created");
    runtime.good(&["delete", "--force", &id]);
    assert_eq!(runtime.call(&["exec", &id, "true"]).status.code(), Some(255));
}

/// More of a state than a pipe holds, for hooks that do not read it, also where they leave somebody who keeps it open.
#[test]
fn hooks_need_not_read_their_state() {
    let (runtime, dir) = (Runtime::new(), bundle());
    let mut spec = serde_json::to_value(shell("echo ran")).unwrap();
    spec["annotations"] = serde_json::json!({"large": "x".repeat(300_000)});
    let away = serde_json::json!([{"path": "/bin/sh", "args": ["sh", "-c", "sleep 30 <&0 & exit 0"], "timeout": 10}]);
    let count = serde_json::json!([{"path": "/bin/sh", "args": ["sh", "-c", "test $(wc -c) -gt 300000"], "timeout": i64::MAX}]);
    spec["hooks"] =
        serde_json::json!({"createRuntime": away, "createContainer": away, "startContainer": count});
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    assert_eq!(runtime.good(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]), "ran\n");
}

#[test]
fn an_id_mapped_mount_takes_the_mapping_of_a_joined_user_namespace() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    give_away(dir.path());
    let shared = tempfile::tempdir().unwrap();
    std::fs::write(shared.path().join("file"), "").unwrap();
    std::os::unix::fs::chown(shared.path().join("file"), Some(123), Some(456)).unwrap();
    let mut spec = serde_json::to_value(shell("sleep 60")).unwrap();
    let map = serde_json::json!([{"containerID": 0, "hostID": 100_000, "size": 65_536}]);
    spec["linux"]["namespaces"].as_array_mut().unwrap().push(serde_json::json!({"type": "user"}));
    spec["linux"]["uidMappings"] = map.clone();
    spec["linux"]["gidMappings"] = map;
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    runtime.create(dir.path(), &id);
    runtime.good(&["start", &id]);
    let second = bundle();
    give_away(second.path());
    let mut spec = serde_json::to_value(shell("stat -c %u:%g /shared/file")).unwrap();
    let path = format!("/proc/{}/ns/user", runtime.state(&id)["pid"]);
    spec["linux"]["namespaces"]
        .as_array_mut()
        .unwrap()
        .push(serde_json::json!({"type": "user", "path": path}));
    std::fs::create_dir(second.path().join("rootfs/shared")).unwrap();
    spec["mounts"].as_array_mut().unwrap().push(serde_json::json!({
        "destination": "/shared", "source": shared.path(), "options": ["bind", "idmap"],
    }));
    std::fs::write(second.path().join("config.json"), spec.to_string()).unwrap();
    assert_eq!(
        runtime.good(&["run", "--bundle", second.path().to_str().unwrap(), &unique_id()]),
        "123:456\n"
    );
}

/// A hook that says something and fails.
fn failing(text: &str) -> serde_json::Value {
    serde_json::json!([{"path": "/bin/true"}, {"path": "/bin/sh", "args": ["sh", "-c", text]}])
}

#[test]
fn a_hook_that_fails_is_told_by_kind_number_and_last_words() {
    let (runtime, dir) = (Runtime::new(), bundle());
    // More than a pipe holds, and a process that stays behind with the hook's standard error.
    let loud = "cat >/dev/null; yes | head -c 200000 >&2; sleep 30 & echo; echo 'last words' >&2; exit 3";
    for (kind, said) in [
        ("prestart", true),
        ("createRuntime", true),
        ("createContainer", false),
        ("startContainer", false),
        ("poststart", true),
    ] {
        let mut spec = serde_json::to_value(shell("sleep 2; echo ran")).unwrap();
        spec["hooks"] = serde_json::json!({kind: failing(if said { loud } else { "exit 3" })});
        std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
        let output = runtime.call(&["run", "--bundle", dir.path().to_str().unwrap(), "hooked"]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let wanted = format!("error running {kind} hook #1: /bin/sh: exit status");
        assert!(text.contains(&wanted), "{kind}: {text}");
        assert!(text.contains("last words") == said, "{kind}: {text}");
        assert!(
            !output.status.success() && !String::from_utf8_lossy(&output.stdout).contains("ran"),
            "{kind}"
        );
        assert_eq!(runtime.good(&["list", "-q"]), "", "{kind}");
    }
}

#[test]
fn a_hook_at_the_containers_terminal_is_heard() {
    let (runtime, dir) = (Runtime::new(), bundle());
    let mut spec = serde_json::to_value(shell("true")).unwrap();
    spec["process"]["terminal"] = true.into();
    spec["hooks"] =
        serde_json::json!({"startContainer": [{"path": "/bin/cat", "args": ["cat", "/nosuchfile"]}]});
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    let output = runtime.call(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("/nosuchfile") && said.contains("startContainer hook #0"),
        "{said}"
    );
}

#[test]
fn hooks_of_the_container_begin_in_its_root() {
    let (runtime, dir) = (Runtime::new(), bundle());
    let mut spec = serde_json::to_value(shell("cat /made")).unwrap();
    spec["root"]["readonly"] = false.into();
    spec["hooks"] = serde_json::json!({"createContainer": [{"path": "/bin/sh", "args": ["sh", "-c", "echo here > made"]}]});
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    assert_eq!(runtime.good(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]), "here\n");
}

#[test]
fn an_occupied_or_frozen_cgroup_is_refused() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    let spec = shell("sleep 60");
    write(dir.path(), &spec);
    runtime.create(dir.path(), &id);
    let run = || {
        let output = runtime.call(&["run", "--bundle", dir.path().to_str().unwrap(), "second"]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run();
    assert!(code == Some(1) && said.contains("container's cgroup is not empty"), "{said}");
    // The first one's is as it was.
    assert_eq!(runtime.state(&id)["status"], "created");
    runtime.good(&["start", &id]);
    runtime.good(&["delete", "--force", &id]);
    let path = spec.linux().as_ref().unwrap().cgroups_path().clone().unwrap();
    let cgroup = teu_runtime::Cgroup::create(&path, None, false).unwrap();
    cgroup.freeze().unwrap();
    let (code, said) = run();
    assert!(code == Some(1) && said.contains("container's cgroup unexpectedly frozen"), "{said}");
    cgroup.thaw().unwrap();
    cgroup.delete().unwrap();
}

#[test]
fn a_process_starts_in_the_cgroup_below_that_is_named() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    let spec = shell("sleep 60");
    write(dir.path(), &spec);
    runtime.create(dir.path(), &id);
    runtime.good(&["start", &id]);
    let path = spec.linux().as_ref().unwrap().cgroups_path().clone().unwrap();
    let hierarchy = teu_runtime::cgroup::Hierarchy::detect().unwrap();
    let unified = hierarchy.version == teu_runtime::cgroup::Version::Unified;
    let root = |controller: &str| {
        let root = hierarchy.roots.iter().find(|root| unified || root.controller == controller).unwrap();
        root.path.join(path.strip_prefix("/").unwrap_or(&path))
    };
    let refused = |named: &[&str], reason: &str| {
        let arguments: Vec<_> = named.iter().flat_map(|one| ["--cgroup", one]).collect();
        let output = runtime.call(&[&["exec"], &arguments[..], &[&id, "true"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(255) && said.contains(reason), "{named:?}: {said}");
    };
    refused(&[".."], ".. is not a sub cgroup path");
    refused(&["nonexistent"], "/nonexistent/cgroup.procs: no such file or directory");
    refused(&["whaaat:/"], "unknown controller whaaat");
    // What the process sees of its own cgroup is relative to its cgroup namespace: the host's view tells.
    let seen = |named: &[&str]| {
        let arguments: Vec<_> = named.iter().flat_map(|one| ["--cgroup", one]).collect();
        runtime.good(&[&["exec"], &arguments[..], &[&id, "cat", "/proc/self/cgroup"]].concat())
    };
    let ends = |text: &str, controller: &str, end: &str| {
        let of = |line: &&str| {
            unified || line.split(':').nth(1).unwrap().split(',').any(|name| name == controller)
        };
        text.lines().find(of).unwrap().ends_with(end)
    };
    let made = [root("memory").join("below"), root("pids").join("beneath")];
    for folder in &made {
        std::fs::create_dir(folder).unwrap();
    }
    assert!(ends(&seen(&["/"]), "memory", "/"));
    if unified {
        assert!(ends(&seen(&["below"]), "", "/below"));
    } else {
        refused(&["memory:beneath"], "/beneath/cgroup.procs: no such file or directory");
        let text = seen(&["memory:below", "pids:beneath"]);
        assert!(ends(&text, "memory", "/below") && ends(&text, "pids", "/beneath"), "{text}");
        assert!(ends(&text, "cpu", "/"), "{text}");
    }
    runtime.good(&["delete", "--force", &id]);
    assert!(made.iter().all(|folder| !folder.exists()));
}

#[test]
fn a_paused_container_is_entered_only_when_asked() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    write(dir.path(), &shell("sleep 60"));
    runtime.create(dir.path(), &id);
    runtime.good(&["start", &id]);
    runtime.good(&["pause", &id]);
    let refused = runtime.call(&["exec", &id, "true"]);
    assert_eq!(refused.status.code(), Some(255));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot exec in a paused container"));
    runtime.good(&["resume", &id]);
    runtime.good(&["exec", &id, "true"]);
}

#[test]
fn where_its_maker_may_run_says_nothing_of_the_container() {
    let (runtime, dir) = (Runtime::new(), bundle());
    write(dir.path(), &shell("grep Cpus_allowed_list /proc/self/status"));
    let allowed = |text: &str| text.rsplit('\t').next().unwrap().trim().to_string();
    let all = allowed(&runtime.good(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]));
    let output = Command::new("taskset")
        .args(["-c", "0"])
        .arg(&runtime.program)
        .arg("--root")
        .arg(runtime.root.path().join("state"))
        .args(["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()])
        .output()
        .unwrap();
    assert_eq!(allowed(&String::from_utf8_lossy(&output.stdout)), all);
}

#[test]
fn steps_are_told_when_asked_and_warnings_go_to_the_log() {
    let (runtime, dir) = (Runtime::new(), bundle());
    let mut spec = serde_json::to_value(shell("true")).unwrap();
    spec["process"]["capabilities"]["ambient"] = serde_json::json!(["CAP_CHOWN"]);
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    let place = dir.path().to_str().unwrap();
    let warned = runtime.call(&["run", "--bundle", place, &unique_id()]);
    assert!(String::from_utf8_lossy(&warned.stderr).contains("can't raise ambient capability CAP_CHOWN: "));
    let told = runtime.call(&["--debug", "run", "--bundle", place, &unique_id()]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("level=debug msg="));
    let log = dir.path().join("log");
    let arguments = ["--debug", "--log", log.to_str().unwrap(), "--log-format", "json"];
    let quiet = runtime.call(&[&arguments[..], &["run", "--bundle", place, &unique_id()]].concat());
    assert!(quiet.status.success() && quiet.stderr.is_empty());
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        lines.iter().any(|line| line["level"] == "debug")
            && lines.iter().any(|line| line["level"] == "warning")
    );
}

#[test]
fn want_of_memory_is_told_when_it_happens() {
    let (runtime, dir, id) = (Runtime::new(), bundle(), unique_id());
    let mut spec = serde_json::to_value(shell(
        "while ! [ -e /tmp/go ]; do sleep 0.1; done; (x=0123456789; while true; do x=$x$x; done); sleep 60",
    ))
    .unwrap();
    spec["linux"]["resources"]["memory"] = serde_json::json!({"limit": 16_777_216, "swap": 16_777_216});
    spec["mounts"]
        .as_array_mut()
        .unwrap()
        .push(serde_json::json!({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}));
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    runtime.create(dir.path(), &id);
    runtime.good(&["start", &id]);
    let mut watch = Command::new(&runtime.program)
        .arg("--root")
        .arg(runtime.root.path().join("state"))
        .args(["events", "--interval", "1h", &id])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(watch.stdout.take().unwrap()));
    assert!(lines.next().unwrap().unwrap().contains("\"stats\""));
    runtime.good(&["exec", &id, "touch", "/tmp/go"]);
    // The next statistics are an hour away.
    assert!(lines.next().unwrap().unwrap().contains("\"type\":\"oom\""));
    runtime.good(&["delete", "--force", &id]);
    watch.kill().unwrap();
    watch.wait().unwrap();
}

#[test]
fn without_pivot_root_no_whole_procfs_is_to_be_had() {
    let (runtime, dir) = (Runtime::new(), bundle());
    // A user namespace that makes itself root mounts a new procfs, in which nothing is masked.
    let script = "unshare -Urmpf sh -c 'mount -t proc proc /proc && echo mounted'";
    std::os::unix::fs::symlink("busybox", dir.path().join("rootfs/bin/unshare")).unwrap();
    let mut spec = serde_json::to_value(shell(script)).unwrap();
    for set in ["bounding", "permitted", "effective"] {
        spec["process"]["capabilities"][set] = serde_json::json!(["CAP_SETFCAP", "CAP_SETUID", "CAP_SETGID"]);
    }
    let run = |spec: &serde_json::Value, extra: &[&str]| {
        std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
        let id = unique_id();
        let arguments = [&["run", "--bundle", dir.path().to_str().unwrap()], extra, &[id.as_str()]].concat();
        String::from_utf8(runtime.call(&arguments).stdout).unwrap()
    };
    assert_eq!(run(&spec, &[]), "");
    assert_eq!(run(&spec, &["--no-pivot"]), "");
    // Where nothing is masked there is nothing to win by it, and the attack works.
    spec["linux"]["maskedPaths"] = serde_json::json!([]);
    spec["linux"]["readonlyPaths"] = serde_json::json!([]);
    assert_eq!(run(&spec, &["--no-pivot"]), "mounted\n");
}

#[test]
fn destinations_may_be_given_as_the_host_sees_them() {
    let (runtime, dir) = (Runtime::new(), bundle());
    let root = dir.path().canonicalize().unwrap().join("rootfs");
    let mut spec = serde_json::to_value(shell("cat /here/file")).unwrap();
    std::fs::create_dir(dir.path().join("source")).unwrap();
    std::fs::write(dir.path().join("source/file"), "found\n").unwrap();
    spec["mounts"]
        .as_array_mut()
        .unwrap()
        .push(serde_json::json!({"destination": root.join("here"), "type": "bind",
        "source": dir.path().join("source"), "options": ["bind"]}));
    std::fs::write(dir.path().join("config.json"), spec.to_string()).unwrap();
    assert_eq!(runtime.good(&["run", "--bundle", dir.path().to_str().unwrap(), &unique_id()]), "found\n");
}
