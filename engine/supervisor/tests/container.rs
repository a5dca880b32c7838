//! Whole containers: a real supervisor process, the runtime with all namespaces, the real store.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use teu_api::container::{ContainerSpec, ContainerState, RestartPolicy, Status};
use teu_api::session::{ExecSpec, TerminalSize};
use teu_api::{ContainerId, Failure, FailureKind, SessionId};
use teu_store::{NewContainer, Paths, Store};
use teu_supervisor::log::{Progress, ReadOptions, Reader};
use teu_supervisor::{Connection, Message, Request, RootConfig, SupervisorConfig};

/// The program beside this test's: cargo builds examples with tests.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push("examples/supervise");
    assert!(path.exists(), "build it first: cargo build -p teu-supervisor --examples");
    path
}

/// A store of its own with one container in it.
struct Fixture {
    root: tempfile::TempDir,
    config: SupervisorConfig,
}

impl Fixture {
    fn new(args: &[&str], adjust: impl FnOnce(&mut SupervisorConfig)) -> Self {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::new(root.path().join("state"), root.path().join("run"));
        let mut bytes = [0; 32];
        fs::File::open("/dev/urandom")
            .map(|mut file| std::io::Read::read_exact(&mut file, &mut bytes))
            .unwrap()
            .unwrap();
        let id = ContainerId::from_bytes(bytes);
        let store = Store::open(paths.clone()).unwrap();
        let spec = ContainerSpec { image: "busybox".to_owned(), ..ContainerSpec::default() };
        store.insert_container(&NewContainer { id: id.clone(), name: "test".to_owned(), spec }).unwrap();
        let layer = root.path().join("layer");
        make_layer(&layer);
        let folder = paths.container(&id);
        for name in ["upper", "work", "rootfs", "log"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        let mut config: SupervisorConfig = serde_json::from_value(json!({
            "id": id,
            "name": "test",
            "bundle": folder,
            "root": RootConfig { lower: vec![layer], upper: folder.join("upper"), work: folder.join("work") },
            "log_dir": folder.join("log"),
            "cgroup": format!("/teu/{id}"),
            "state_root": paths.root(),
            "run_root": paths.run(),
            "run_dir": paths.container_run(&id),
        }))
        .unwrap();
        adjust(&mut config);
        config.save(&folder).unwrap();
        let bundle = json!({
            "ociVersion": "1.2.0",
            "process": {
                "terminal": config.tty,
                "user": {"uid": 0, "gid": 0},
                "args": args,
                "env": ["PATH=/bin", "A=1"],
                "cwd": "/made/by/us",
                "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"]},
            },
            "root": {"path": "rootfs"},
            "hostname": "box",
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
                {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                 "options": ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
            ],
            "linux": {
                "cgroupsPath": config.cgroup,
                "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}, {"type": "network"},
                               {"type": "cgroup"}],
            },
        });
        fs::write(folder.join("config.json"), bundle.to_string()).unwrap();
        Self { root, config }
    }

    fn spawn(&self) -> Connection {
        teu_supervisor::spawn(&program(), &self.config.bundle).unwrap()
    }

    fn connect(&self) -> Connection {
        Connection::connect(&self.config.run_dir).unwrap()
    }

    fn store(&self) -> Store {
        Store::open(Paths::new(&self.config.state_root, &self.config.run_root)).unwrap()
    }

    fn state(&self) -> ContainerState {
        self.store().container(&self.config.id).unwrap().state
    }

    fn own_log(&self) -> String {
        fs::read_to_string(self.config.bundle.join("supervisor.log")).unwrap_or_default()
    }

    /// Waits until the supervisor has gone.
    fn gone(&self) {
        let patience = Instant::now() + Duration::from_secs(20);
        while teu_supervisor::is_supervised(&self.config.run_dir).unwrap() {
            assert!(Instant::now() < patience, "the supervisor stays: {}", self.own_log());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Nothing of the container is left in the kernel.
    fn assert_clean(&self) {
        for hierarchy in fs::read_dir("/sys/fs/cgroup").unwrap().flatten() {
            let left = hierarchy.path().join(self.config.cgroup.trim_start_matches('/'));
            assert!(!left.exists(), "{}", left.display());
        }
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        assert!(!mounts.contains(self.root.path().to_str().unwrap()));
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if let Ok(mut client) = Connection::connect(&self.config.run_dir) {
            let _ = client.request(&Request::Stop { signal: Some(9), timeout: Some(0) });
        }
    }
}

fn make_layer(layer: &Path) {
    for name in ["bin", "etc", "proc", "dev", "tmp"] {
        fs::create_dir_all(layer.join(name)).unwrap();
    }
    fs::copy("/bin/busybox", layer.join("bin/busybox")).unwrap();
    for name in [
        "sh", "cat", "echo", "sleep", "id", "ps", "hostname", "stty", "head", "yes", "env", "kill", "true",
        "test", "pwd", "grep",
    ] {
        symlink("busybox", layer.join("bin").join(name)).unwrap();
    }
    fs::write(
        layer.join("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nann:x:1234:1235::/home/ann:/bin/sh\n",
    )
    .unwrap();
    fs::write(layer.join("etc/group"), "root:x:0:\nann:x:1235:\nmore:x:77:ann\n").unwrap();
}

fn attach(client: &mut Connection, session: SessionId) {
    let size = Some(TerminalSize { columns: 90, rows: 30 });
    let request = Request::Attach {
        session,
        stdin: true,
        stdout: true,
        stderr: true,
        replay: true,
        lossy: false,
        size,
    };
    match client.request(&request) {
        Ok(Message::Attached { .. }) => {}
        other => panic!("{other:?}"),
    }
}

fn start(client: &mut Connection) -> Result<i32, Failure> {
    match client.request(&Request::Start)? {
        Message::Started { pid } => Ok(pid),
        other => panic!("{other:?}"),
    }
}

fn read_to_exit(client: &mut Connection) -> (String, String, i32) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        match client.recv().unwrap() {
            Some(Message::Stdout(bytes)) => stdout.extend(bytes),
            Some(Message::Stderr(bytes)) => stderr.extend(bytes),
            Some(Message::Exited { code, .. }) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                return (text(&stdout), text(&stderr), code);
            }
            Some(_) => {}
            None => panic!("the supervisor went away"),
        }
    }
}

fn read_until(client: &mut Connection, text: &str) -> String {
    let mut output = String::new();
    while !output.contains(text) {
        match client.recv().unwrap() {
            Some(Message::Stdout(bytes) | Message::Stderr(bytes)) => {
                output.push_str(&String::from_utf8_lossy(&bytes));
            }
            Some(Message::Exited { .. }) | None => panic!("ended before {text:?}: {output:?}"),
            Some(_) => {}
        }
    }
    output
}

fn exec(args: &[&str]) -> ExecSpec {
    ExecSpec { args: args.iter().map(ToString::to_string).collect(), ..ExecSpec::default() }
}

#[test]
fn a_container_runs_and_tells_how_it_ended() {
    let script = "hostname; pwd; echo $HOME; echo bad >&2; exit 3";
    let test = Fixture::new(&["sh", "-c", script], |_| {});
    let mut starter = test.spawn();
    attach(&mut starter, SessionId::MAIN);
    let pid = start(&mut starter).unwrap();
    assert!(pid > 1);
    assert_eq!(
        read_to_exit(&mut starter),
        ("box\n/made/by/us\n/root\n".to_owned(), "bad\n".to_owned(), 3),
        "{}",
        test.own_log()
    );
    let state = test.state();
    assert_eq!((state.status, state.exit_code, state.pid, state.supervisor_pid), (Status::Exited, 3, 0, 0));
    test.gone();
    let mut reader = Reader::open(&test.config.log_dir, ReadOptions::default()).unwrap();
    let mut lines = Vec::new();
    while reader.read(&mut lines).unwrap() != Progress::End {}
    assert_eq!(lines.len(), 4);
    test.assert_clean();
    assert_eq!(test.own_log(), "");
    let actions: Vec<_> =
        test.store().events_after(0).unwrap().into_iter().map(|event| event.action).collect();
    assert!(actions.ends_with(&["start".to_owned(), "die".to_owned()]), "{actions:?}");
}

#[test]
fn a_command_that_is_missing_is_told_and_nothing_is_left() {
    let test = Fixture::new(&["/bin/absent"], |_| {});
    let failure = start(&mut test.spawn()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::CommandNotFound);
    test.gone();
    let state = test.state();
    assert_eq!((state.status, state.exit_code), (Status::Created, 127));
    assert!(!state.error.is_empty());
    test.assert_clean();
}

#[test]
fn a_terminal_works_with_sessions_beside_it() {
    let test = Fixture::new(&["sh"], |config| {
        config.tty = true;
        config.open_stdin = true;
    });
    let mut starter = test.spawn();
    attach(&mut starter, SessionId::MAIN);
    start(&mut starter).unwrap();
    starter.send_data(b"stty size; echo do''ne\n").unwrap();
    assert!(read_until(&mut starter, "done").contains("30 90"));

    let mut user = test.connect();
    let mut spec = exec(&["id"]);
    spec.user = Some("ann".to_owned());
    assert!(matches!(user.request(&Request::Exec(spec)).unwrap(), Message::ExecStarted { .. }));
    let (stdout, stderr, code) = read_to_exit(&mut user);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("uid=1234(ann) gid=1235(ann)") && stdout.contains("77(more)"), "{stdout}");
    let mut client = test.connect();
    client
        .send(&Request::Exec(exec(&[
            "sh",
            "-c",
            "echo $A $B; grep CapEff /proc/self/status; ps | grep -c sh",
        ])))
        .unwrap();
    let (stdout, _, code) = read_to_exit(&mut client);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("1\nCapEff:\t0000000000000020\n"), "{stdout}");
    let failure = Failure::from(client.request(&Request::Exec(exec(&["nonsense"]))).unwrap_err());
    assert_eq!(failure.kind, FailureKind::CommandNotFound);

    let mut shell = test.connect();
    let mut spec = exec(&["sh"]);
    (spec.tty, spec.stdin, spec.keep) = (true, true, true);
    let Message::ExecStarted { session, .. } = shell.request(&Request::Exec(spec)).unwrap() else { panic!() };
    shell.send_data(b"echo ki''lo\n").unwrap();
    read_until(&mut shell, "kilo");
    drop(shell);
    let mut again = test.connect();
    attach(&mut again, session);
    read_until(&mut again, "kilo");

    starter.send_data(b"exit 6\n").unwrap();
    assert_eq!(read_to_exit(&mut starter).2, 6);
    assert_eq!(read_to_exit(&mut again).2, 137);
    test.gone();
    test.assert_clean();
}

#[test]
fn killing_the_supervisor_kills_the_container() {
    let test = Fixture::new(&["sleep", "600"], |_| {});
    let pid = start(&mut test.spawn()).unwrap();
    let supervisor = test.state().supervisor_pid;
    assert!(Path::new(&format!("/proc/{pid}")).exists());
    let kill = |pid: i32| {
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(pid).unwrap(),
            rustix::process::Signal::KILL,
        )
    };
    kill(supervisor).unwrap();
    test.gone();
    let patience = Instant::now() + Duration::from_secs(20);
    let alive = || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while alive() {
        assert!(Instant::now() < patience, "the container outlived its supervisor");
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Connection::connect(&test.config.run_dir).is_err());
    if let Ok(cgroup) = teu_runtime::Cgroup::open(Path::new(&test.config.cgroup)) {
        cgroup.kill_all().unwrap();
        cgroup.delete().unwrap();
    }
    test.assert_clean();
}

#[test]
fn restarts_pauses_and_stops() {
    let test = Fixture::new(
        &["sh", "-c", "echo x >> /runs; [ $(cat /runs | grep -c x) = 3 ] && sleep 600; exit 1"],
        |config| {
            config.restart = RestartPolicy::OnFailure(0);
            config.stop_timeout = 0;
        },
    );
    start(&mut test.spawn()).unwrap();
    let patience = Instant::now() + Duration::from_secs(20);
    while test.state().restart_count != 2 || test.state().status != Status::Running {
        assert!(Instant::now() < patience, "{:?} {}", test.state(), test.own_log());
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut client = test.connect();
    assert_eq!(client.request(&Request::Pause).unwrap(), Message::Ok);
    assert_eq!(test.state().status, Status::Paused);
    assert_eq!(client.request(&Request::Unpause).unwrap(), Message::Ok);
    assert_eq!(client.request(&Request::Pause).unwrap(), Message::Ok);
    // Stopping thaws what is frozen.
    assert_eq!(client.request(&Request::Stop { signal: None, timeout: None }).unwrap(), Message::Ok);
    let state = test.state();
    assert_eq!((state.status, state.exit_code, state.stopped_by_user), (Status::Exited, 137, true));
    test.gone();
    test.assert_clean();
}

#[test]
fn removal_takes_everything() {
    let test = Fixture::new(&["true"], |config| config.auto_remove = true);
    let mut starter = test.spawn();
    attach(&mut starter, SessionId::MAIN);
    start(&mut starter).unwrap();
    assert_eq!(read_to_exit(&mut starter).2, 0);
    assert!(test.store().container(&test.config.id).is_err());
    assert!(!test.config.bundle.exists());
    assert!(!test.config.run_dir.exists());
    test.assert_clean();
}

#[test]
fn a_supervisor_runs_from_a_file_that_cannot_be_written() {
    let test = Fixture::new(&["sleep", "600"], |_| {});
    let status =
        std::process::Command::new(program()).arg("start").arg(&test.config.bundle).status().unwrap();
    assert!(status.success(), "{}", test.own_log());
    let exe = format!("/proc/{}/exe", test.state().supervisor_pid);
    // While it runs, writing is refused for being busy; the mount says whether it is ever possible.
    let flags = rustix::fs::statvfs(&exe).unwrap().f_flag;
    assert!(flags.contains(rustix::fs::StatVfsMountFlags::RDONLY));
}

#[test]
fn a_second_supervisor_is_refused() {
    let test = Fixture::new(&["sleep", "600"], |_| {});
    start(&mut test.spawn()).unwrap();
    let failure = start(&mut test.spawn()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert_eq!(test.state().status, Status::Running);
}

#[test]
fn another_runtime_carries_a_container() {
    let Some(runc) =
        ["/usr/sbin/runc", "/usr/bin/runc"].map(PathBuf::from).into_iter().find(|path| path.exists())
    else {
        teu_tests::skip("another_runtime", "runc is not installed");
        return;
    };
    let test = Fixture::new(&["sh", "-c", "hostname; sleep 600"], |config| {
        config.runtime = Some(runc);
        config.tty = true;
    });
    let mut starter = test.spawn();
    attach(&mut starter, SessionId::MAIN);
    start(&mut starter).unwrap();
    read_until(&mut starter, "box");
    let mut client = test.connect();
    client.send(&Request::Exec(exec(&["sh", "-c", "echo in; exit 4"]))).unwrap();
    let (stdout, _, code) = read_to_exit(&mut client);
    assert_eq!((stdout.as_str(), code), ("in\n", 4));
    assert_eq!(client.request(&Request::Stop { signal: Some(9), timeout: None }).unwrap(), Message::Ok);
    assert_eq!(read_to_exit(&mut starter).2, 137);
    test.gone();
    test.assert_clean();
    assert_eq!(test.own_log(), "");
}
