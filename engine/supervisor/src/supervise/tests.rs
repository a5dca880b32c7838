//! The loop with real processes, but without namespaces: a launcher that executes plain programs.
//!
//! A supervisor waits for all children of its process and blocks its signals, so each runs in a process of its own: this
//! test binary, executed again for the one "test" that is a supervisor's body.

use super::Supervisor;
use crate::config::{RootConfig, SupervisorConfig};
use crate::journal::{Journal, Note};
use crate::launch::{Launcher, Preparation, Process, Streams};
use crate::log::{ReadOptions, Reader};
use crate::protocol::{Connection, Message, Request};
use nix::sys::signal::SigmaskHow;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use std::fs;
use std::io::Write as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use teu_api::container::{ContainerState, HealthCheck, HealthStatus, LogOptions, RestartPolicy, Status};
use teu_api::session::{ExecSpec, SessionSnapshot, TerminalSize};
use teu_api::{ContainerId, Failure, SessionId};

const BODY: &str = "supervise::tests::body_of_a_supervisor";
const FOLDER: &str = "TEU_TEST_SUPERVISOR";

/// Executes `main.sh` of its folder as the first process.
struct PlainLauncher {
    folder: PathBuf,
    main: Option<i32>,
}

impl PlainLauncher {
    fn launch(&self, args: &[String], streams: Streams) -> Result<Process, Failure> {
        let mut command;
        let mut terminal = None;
        match streams {
            Streams::Pipes(ends) => {
                command = Command::new("setpriv");
                command.args(["--pdeathsig", "KILL"]).args(args);
                let [stdin, stdout, stderr] =
                    ends.map(|end: Option<OwnedFd>| end.map_or_else(Stdio::null, Stdio::from));
                command.stdin(stdin).stdout(stdout).stderr(stderr);
            }
            Streams::Terminal(_) => {
                let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
                grantpt(&master).unwrap();
                unlockpt(&master).unwrap();
                let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
                let slave = ioctl_tiocgptpeer(&master, flags).unwrap();
                command = Command::new("setsid");
                command.args(["-c", "setpriv", "--pdeathsig", "KILL"]).args(args);
                command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
                terminal = Some(master);
            }
        }
        // What cannot be found is told before a process is made, as a runtime does.
        if args[0].starts_with('/') && !Path::new(&args[0]).exists() {
            return Err(Failure::new(teu_api::FailureKind::CommandNotFound, "no such file"));
        }
        teu_sys::supervision::unblock_signals_in(&mut command);
        let child = command
            .current_dir(&self.folder)
            .spawn()
            .map_err(|error| Failure::internal(error.to_string()))?;
        let pid = child.id() as i32;
        let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).unwrap();
        Ok(Process { pid, pidfd, terminal })
    }
}

impl Launcher for PlainLauncher {
    fn start(
        &mut self,
        _: &SupervisorConfig,
        streams: Streams,
        while_it_prepares: &mut Preparation<'_>,
    ) -> Result<Process, Failure> {
        let script = self.folder.join("main.sh").display().to_string();
        let process = self.launch(&["/bin/bash".to_owned(), script], streams)?;
        while_it_prepares(process.pid)?;
        self.main = Some(process.pid);
        Ok(process)
    }

    fn exec(&mut self, _: &SupervisorConfig, spec: &ExecSpec, streams: Streams) -> Result<Process, Failure> {
        self.launch(&spec.args, streams)
    }

    fn signal_all(&mut self, _: i32) -> Result<(), Failure> {
        Ok(())
    }

    fn freeze(&mut self, frozen: bool) -> Result<(), Failure> {
        let signal = if frozen { Signal::STOP } else { Signal::CONT };
        kill_process(Pid::from_raw(self.main.unwrap()).unwrap(), signal).unwrap();
        Ok(())
    }

    fn out_of_memory(&mut self) -> bool {
        false
    }

    fn clean_up(&mut self) -> Vec<Failure> {
        Vec::new()
    }
}

/// Keeps the state and the events in files of its folder.
struct FileJournal {
    folder: PathBuf,
}

impl Journal for FileJournal {
    fn prepare(&mut self) {}

    fn record(&mut self, note: Option<&Note>, change: &dyn Fn(&mut ContainerState)) -> Result<(), Failure> {
        let path = self.folder.join("state.json");
        let mut state: ContainerState =
            fs::read(&path).map(|text| serde_json::from_slice(&text).unwrap()).unwrap_or_default();
        change(&mut state);
        let half_made = self.folder.join("state.json.new");
        fs::write(&half_made, serde_json::to_vec(&state).unwrap()).unwrap();
        fs::rename(half_made, path).unwrap();
        if let Some(note) = note {
            let path = self.folder.join("events");
            let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(file, "{}", note.action).unwrap();
        }
        Ok(())
    }

    fn remove(&mut self) -> Result<(), Failure> {
        fs::write(self.folder.join("removed"), "").unwrap();
        Ok(())
    }

    fn release(&mut self) {}
}

/// Does nothing unless it is the process that a test below made.
#[test]
fn body_of_a_supervisor() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let starter = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).unwrap();
    let null = fs::File::open("/dev/null").unwrap();
    rustix::stdio::dup2_stdin(&null).unwrap();
    let config = SupervisorConfig::load(&folder).unwrap();
    let launcher = Box::new(PlainLauncher { folder: folder.clone(), main: None });
    let journal = Box::new(FileJournal { folder });
    Supervisor::new(config, launcher, journal, Some(UnixStream::from(starter))).unwrap().run().unwrap();
}

/// A supervisor under test.
struct Fixture {
    folder: tempfile::TempDir,
    process: Child,
    starter: Option<Connection>,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Fixture {
    fn new(script: &str, adjust: impl FnOnce(&mut SupervisorConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.sh"), script).unwrap();
        let mut config = SupervisorConfig {
            id: ContainerId::from_bytes([7; 32]),
            name: "test".to_owned(),
            bundle: folder.path().to_owned(),
            root: RootConfig::default(),
            tty: false,
            open_stdin: false,
            stdin_once: false,
            log: LogOptions::default(),
            log_dir: folder.path().join("log"),
            restart: RestartPolicy::No,
            health_check: None,
            stop_signal: 15,
            stop_timeout: 10,
            auto_remove: false,
            user: String::new(),
            group_add: Vec::new(),
            init: false,
            runtime: None,
            network: None,
            subpaths: Vec::new(),
            cgroup: String::new(),
            state_root: folder.path().to_owned(),
            run_root: folder.path().to_owned(),
            run_dir: folder.path().join("run"),
            console_size: None,
            event_attributes: [("image".to_owned(), "x".to_owned())].into(),
        };
        adjust(&mut config);
        config.save(folder.path()).unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        // The test harness runs its body beside a main thread: signals that one thread leaves open never reach the other,
        // so both begin with them blocked.
        let previous = super::signals().thread_swap_mask(SigmaskHow::SIG_BLOCK).unwrap();
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", BODY, "--test-threads=1", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        previous.thread_set_mask().unwrap();
        Self { folder, process, starter: Some(Connection::from_stream(ours)) }
    }

    fn starter(&mut self) -> &mut Connection {
        self.starter.as_mut().unwrap()
    }

    fn start(&mut self) -> i32 {
        match self.starter().request(&Request::Start).unwrap() {
            Message::Started { pid } => pid,
            other => panic!("{other:?}"),
        }
    }

    fn connect(&self) -> Connection {
        Connection::connect(&self.folder.path().join("run")).unwrap()
    }

    fn attach(client: &mut Connection, session: u32, lossy: bool, replay: bool) {
        let request = Request::Attach {
            session: SessionId(session),
            stdin: true,
            stdout: true,
            stderr: true,
            replay,
            lossy,
            size: Some(TerminalSize { columns: 100, rows: 40 }),
        };
        let answer = client.request(&request).unwrap();
        assert!(matches!(answer, Message::Attached { .. }), "{answer:?}");
    }

    fn state(&self) -> ContainerState {
        serde_json::from_slice(&fs::read(self.folder.path().join("state.json")).unwrap()).unwrap()
    }

    fn events(&self) -> String {
        fs::read_to_string(self.folder.path().join("events")).unwrap_or_default().replace('\n', " ")
    }

    fn log(&self) -> String {
        let mut reader = Reader::open(&self.folder.path().join("log"), ReadOptions::default()).unwrap();
        let mut lines = Vec::new();
        while reader.read(&mut lines).unwrap() != crate::log::Progress::End {}
        let texts: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(&line.text)).collect();
        texts.join("\n") + "\n"
    }

    /// Lets go of the starter and waits for the supervisor to end by itself.
    fn finish(mut self) -> Self {
        self.starter = None;
        assert!(self.process.wait().unwrap().success());
        self
    }
}

/// Reads until a session has ended: its output, its errors and its exit code.
fn read_to_exit(client: &mut Connection) -> (Vec<u8>, Vec<u8>, i32) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        match client.recv().unwrap() {
            Some(Message::Stdout(bytes)) => stdout.extend(bytes),
            Some(Message::Stderr(bytes)) => stderr.extend(bytes),
            Some(Message::Exited { code, .. }) => return (stdout, stderr, code),
            Some(_) => {}
            None => panic!("the supervisor went away"),
        }
    }
}

/// Reads until the output holds a text.
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

#[test]
fn output_exit_code_state_and_log_arrive_whole() {
    let mut test = Fixture::new("echo out; echo err >&2; printf partial; exit 7", |_| {});
    Fixture::attach(test.starter(), 0, false, false);
    test.start();
    let (stdout, stderr, code) = read_to_exit(test.starter());
    assert_eq!((stdout.as_slice(), stderr.as_slice(), code), (&b"out\npartial"[..], &b"err\n"[..], 7));
    let test = test.finish();
    let state = test.state();
    assert_eq!((state.status, state.exit_code, state.pid), (Status::Exited, 7, 0));
    assert!(state.started_at > 0 && state.finished_at >= state.started_at);
    let log = test.log();
    assert!(log.contains("out\n") && log.contains("err\n") && log.contains("partial\n"), "{log}");
    assert_eq!(test.events(), "start die ");
    assert!(!crate::is_supervised(&test.folder.path().join("run")).unwrap());
}

#[test]
fn a_starter_that_goes_before_start_leaves_nothing() {
    let test = Fixture::new("exit 0", |_| {}).finish();
    assert!(!test.folder.path().join("state.json").exists());
    assert!(!test.folder.path().join("run/socket").exists());
}

#[test]
fn a_slow_reader_loses_nothing() {
    let mut test = Fixture::new("head -c 3000000 /dev/zero | tr '\\0' x; echo end", |_| {});
    Fixture::attach(test.starter(), 0, false, false);
    test.start();
    // Much more than all buffers hold: the process has to wait for us.
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(test.state().status, Status::Running);
    let (stdout, _, code) = read_to_exit(test.starter());
    assert_eq!((stdout.len(), code), (3_000_004, 0));
}

#[test]
fn a_lossy_reader_does_not_hold_it_up_and_sees_the_end() {
    let mut test =
        Fixture::new("read go; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end; read x", |config| {
            config.open_stdin = true;
        });
    Fixture::attach(test.starter(), 0, true, false);
    test.start();
    let mut watcher = test.connect();
    Fixture::attach(&mut watcher, 0, false, false);
    test.starter().send_data(b"go\n").unwrap();
    // Another reader gets all of it while the lossy one does not read at all.
    read_until(&mut watcher, "end\n");
    let mut resynchronized = false;
    let mut seen = Vec::new();
    while !seen.ends_with(b"end\n") {
        match test.starter().recv().unwrap() {
            Some(Message::Stdout(bytes)) => seen.extend(bytes),
            Some(Message::Resync { session: SessionId::MAIN }) => resynchronized = true,
            other => panic!("{other:?}"),
        }
    }
    assert!(resynchronized && seen.len() < 2_000_000);
}

#[test]
fn input_reaches_the_process_and_ends_when_it_was_for_one_client() {
    let mut test = Fixture::new("cat; echo bye", |config| {
        config.open_stdin = true;
        config.stdin_once = true;
    });
    Fixture::attach(test.starter(), 0, false, false);
    // Before the start: it waits for the process.
    test.starter().send_data(b"early ").unwrap();
    test.start();
    let big = vec![b'z'; 1_000_000];
    test.starter().send_data(b"late ").unwrap();
    let mut sender = test.starter().sender().unwrap();
    let typist = std::thread::spawn(move || {
        sender.send_data(&big).unwrap();
        sender.send(&Request::CloseStdin).unwrap();
    });
    let (stdout, _, code) = read_to_exit(test.starter());
    typist.join().unwrap();
    assert!(stdout.starts_with(b"early late zzz") && stdout.ends_with(b"zbye\n"));
    assert_eq!((stdout.len(), code), (11 + 1_000_000 + 4, 0));
}

#[test]
fn a_terminal_is_shared_resized_and_replayed() {
    let script = "stty size; echo ready; read line; stty size; echo \"got $line\"; read line";
    let mut test = Fixture::new(script, |config| {
        config.tty = true;
        config.open_stdin = true;
    });
    Fixture::attach(test.starter(), 0, false, false);
    test.start();
    assert!(read_until(test.starter(), "ready").contains("40 100"));
    let mut second = test.connect();
    Fixture::attach(&mut second, 0, false, true);
    assert!(read_until(&mut second, "ready").contains("40 100"));
    let size = TerminalSize { columns: 77, rows: 33 };
    second.send(&Request::Resize { session: SessionId::MAIN, size }).unwrap();
    second.send_data(b"hello\n").unwrap();
    for client in [test.starter(), &mut second] {
        let output = read_until(client, "got hello");
        assert!(output.contains("33 77"), "{output}");
    }
    assert_eq!(second.request(&Request::Detach).unwrap(), Message::Detached);
    second.send_data(b"nobody\n").unwrap();
    test.starter().send_data(b"\n").unwrap();
    assert_eq!(read_to_exit(test.starter()).2, 0);
}

#[test]
fn sessions_are_left_listed_attached_again_and_closed() {
    let mut test = Fixture::new("exec sleep 600", |_| {});
    test.start();
    let shell = ExecSpec {
        args: ["bash", "-c", "echo hi; read x; echo \"x=$x\"; exec sleep 600"].map(str::to_owned).to_vec(),
        tty: true,
        stdin: true,
        keep: true,
        ..ExecSpec::default()
    };
    let mut first = test.connect();
    let session = match first.request(&Request::Exec(shell)).unwrap() {
        Message::ExecStarted { session, .. } => session,
        other => panic!("{other:?}"),
    };
    read_until(&mut first, "hi");
    drop(first);
    let mut second = test.connect();
    let find = |client: &mut Connection| -> Option<SessionSnapshot> {
        match client.request(&Request::Sessions).unwrap() {
            Message::Sessions(sessions) => sessions.into_iter().find(|found| found.id == session),
            other => panic!("{other:?}"),
        }
    };
    let found = find(&mut second).unwrap();
    assert!(found.tty && found.pid > 0 && found.args[0] == "bash");
    Fixture::attach(&mut second, session.0, true, true);
    read_until(&mut second, "hi");
    second.send_data(b"42\n").unwrap();
    read_until(&mut second, "x=42");
    let mut third = test.connect();
    assert_eq!(third.request(&Request::CloseSession(session)).unwrap(), Message::Ok);
    assert_eq!(read_to_exit(&mut second).2, 128 + 1);
    assert_eq!(find(&mut third), None);
}

#[test]
fn executing_tells_exit_codes_and_failures() {
    let mut test = Fixture::new("exec sleep 600", |_| {});
    test.start();
    let exec = |args: &[&str]| {
        let args = args.iter().map(ToString::to_string).collect();
        Request::Exec(ExecSpec { args, ..ExecSpec::default() })
    };
    let mut client = test.connect();
    assert!(matches!(
        client.request(&exec(&["sh", "-c", "echo o; echo e >&2; exit 3"])).unwrap(),
        Message::ExecStarted { .. }
    ));
    assert_eq!(read_to_exit(&mut client), (b"o\n".to_vec(), b"e\n".to_vec(), 3));
    let failure = Failure::from(client.request(&exec(&["/no/such/program"])).unwrap_err());
    assert_eq!(failure.kind, teu_api::FailureKind::CommandNotFound);
    assert!(client.request(&exec(&[])).is_err());
    assert!(client.request(&Request::Wait(SessionId(99))).is_err());
}

#[test]
fn stopping_is_patient_and_then_is_not() {
    let mut polite =
        Fixture::new("trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.01; done", |config| {
            config.restart = RestartPolicy::Always;
        });
    Fixture::attach(polite.starter(), 0, false, false);
    polite.start();
    read_until(polite.starter(), "up");
    let mut client = polite.connect();
    assert_eq!(client.request(&Request::Stop { signal: None, timeout: None }).unwrap(), Message::Ok);
    assert_eq!(read_to_exit(polite.starter()).2, 5);
    let polite = polite.finish();
    let state = polite.state();
    assert!(state.stopped_by_user && state.status == Status::Exited);
    assert_eq!(polite.events(), "start kill die stop ");

    let mut stubborn = Fixture::new("trap '' TERM; echo up; while :; do sleep 0.01; done", |_| {});
    Fixture::attach(stubborn.starter(), 0, false, false);
    stubborn.start();
    read_until(stubborn.starter(), "up");
    let mut client = stubborn.connect();
    assert_eq!(client.request(&Request::Stop { signal: None, timeout: Some(0) }).unwrap(), Message::Ok);
    assert_eq!(read_to_exit(stubborn.starter()).2, 137);
}

#[test]
fn terminating_the_supervisor_stops_the_container() {
    let mut test = Fixture::new("trap 'exit 9' TERM; echo up; while :; do sleep 0.01; done", |_| {});
    Fixture::attach(test.starter(), 0, false, false);
    test.start();
    read_until(test.starter(), "up");
    kill_process(Pid::from_child(&test.process), Signal::TERM).unwrap();
    assert_eq!(read_to_exit(test.starter()).2, 9);
    test.finish();
}

#[test]
fn restarts_with_counts_until_the_policy_gives_up() {
    let mut test = Fixture::new("echo run >> runs; exit 1", |config| {
        config.restart = RestartPolicy::OnFailure(2);
    });
    test.start();
    let test = test.finish();
    assert_eq!(fs::read_to_string(test.folder.path().join("runs")).unwrap(), "run\nrun\nrun\n");
    let state = test.state();
    assert_eq!((state.status, state.restart_count, state.exit_code), (Status::Exited, 2, 1));
    assert_eq!(test.events(), "start die start die start die ");
}

#[test]
fn a_restart_that_is_due_can_be_called_off() {
    let mut test = Fixture::new("exit 1", |config| config.restart = RestartPolicy::Always);
    test.start();
    let mut client = test.connect();
    client.send(&Request::Wait(SessionId::MAIN)).unwrap();
    assert_eq!(read_to_exit(&mut client).2, 1);
    assert_eq!(client.request(&Request::Stop { signal: None, timeout: None }).unwrap(), Message::Ok);
    let test = test.finish();
    assert_eq!(test.state().status, Status::Exited);
}

#[test]
fn removal_comes_before_clients_know() {
    let mut test = Fixture::new("exit 0", |config| config.auto_remove = true);
    Fixture::attach(test.starter(), 0, false, false);
    test.start();
    read_to_exit(test.starter());
    assert!(test.folder.path().join("removed").exists());
    assert!(!crate::is_supervised(&test.folder.path().join("run")).unwrap());
}

#[test]
fn health_is_probed_and_recorded() {
    let mut test = Fixture::new("exec sleep 600", |config| {
        config.health_check = Some(HealthCheck {
            test: ["CMD-SHELL", "echo probed; test -e ok"].map(str::to_owned).to_vec(),
            interval: 20_000_000,
            retries: 2,
            ..HealthCheck::default()
        });
    });
    test.start();
    assert_eq!(test.state().health.unwrap().status, HealthStatus::Starting);
    let wait_for = |status: HealthStatus| {
        let word = format!("health_status: {}", status.as_str());
        while !test.events().contains(&word) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    wait_for(HealthStatus::Unhealthy);
    fs::write(test.folder.path().join("ok"), "").unwrap();
    wait_for(HealthStatus::Healthy);
    let health = test.state().health.unwrap();
    assert_eq!(health.failing_streak, 0);
    assert_eq!(health.log.last().unwrap().output, "probed\n");
    match test.connect().request(&Request::Sessions).unwrap() {
        Message::Sessions(sessions) => assert_eq!(sessions.len(), 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn pausing_is_recorded_and_refuses_sessions() {
    let mut test = Fixture::new("trap 'exit 0' TERM; while :; do sleep 0.01; done", |_| {});
    test.start();
    let mut client = test.connect();
    assert_eq!(client.request(&Request::Pause).unwrap(), Message::Ok);
    assert_eq!(test.state().status, Status::Paused);
    assert!(client.request(&Request::Pause).is_err());
    let spec = ExecSpec { args: vec!["true".to_owned()], ..ExecSpec::default() };
    assert!(client.request(&Request::Exec(spec)).is_err());
    assert_eq!(client.request(&Request::Unpause).unwrap(), Message::Ok);
    assert_eq!(test.state().status, Status::Running);
    assert_eq!(client.request(&Request::Stop { signal: Some(9), timeout: None }).unwrap(), Message::Ok);
}

#[test]
fn a_lying_client_is_dropped_and_others_are_served() {
    let mut test = Fixture::new("exec sleep 600", |_| {});
    test.start();
    for lie in [&[0xff, 0xff, 0xff, 0xff, 0][..], &[1, 0, 0, 0, 77], &[3, 0, 0, 0, 0, b'x', b'y', b'z']] {
        let liar = test.connect();
        let raw = liar.as_fd().try_clone_to_owned().unwrap();
        UnixStream::from(raw).write_all(lie).unwrap();
        let mut liar = liar;
        assert_eq!(liar.recv().unwrap(), None);
    }
    assert!(matches!(test.connect().request(&Request::Sessions).unwrap(), Message::Sessions(_)));
}

#[test]
fn an_idle_supervisor_is_never_woken() {
    let mut test = Fixture::new("exec sleep 600", |_| {});
    test.start();
    drop(test.starter.take());
    let status = PathBuf::from(format!("/proc/{}/status", test.process.id()));
    let wakes = |path: &Path| -> u64 {
        let text = fs::read_to_string(path).unwrap();
        let line = text.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
        line.split_whitespace().last().unwrap().parse().unwrap()
    };
    // Its last deadline is that of settling.
    std::thread::sleep(super::SETTLE_AFTER + std::time::Duration::from_millis(400));
    let before = wakes(&status);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(wakes(&status), before);
}
