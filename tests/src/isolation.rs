//! A host of a test's own, as far as networks go: no link, route or rule of the real one is touched.

use nix::sched::{CloneFlags, setns, unshare};
use std::process::{Child, Command, Stdio};

/// Moves this thread, and with it every program that it starts from now on, into a network namespace of its own. The
/// kernel takes it apart when the last of them has ended, however that came.
#[track_caller]
pub fn isolate_network() {
    unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace");
    host("ip link set lo up");
}

/// Carries out work in the network namespace of a process. Sockets that are made there stay there.
#[track_caller]
pub fn within_network<T: Send>(pid: u32, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let namespace = std::fs::File::open(format!("/proc/{pid}/ns/net")).expect("a process that runs");
            setns(namespace, CloneFlags::CLONE_NEWNET).expect("its network");
            work()
        });
        worker.join().expect("work in another network")
    })
}

/// Gives this thread, and every program that it starts from now on, mounts of its own.
#[track_caller]
pub fn isolate_mounts() {
    unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace");
    host("mount --make-rprivate /");
}

/// Runs a command line on this thread's host and returns what it printed.
#[track_caller]
pub fn host(line: &str) -> String {
    let output = Command::new("sh").args(["-c", line]).output().expect("a shell");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Interfaces of containers and elements of the firewall's port maps that are still there.
pub fn network_leftovers() -> Vec<String> {
    let links = host("ip -o link show").lines().map(str::to_owned).collect::<Vec<_>>();
    let mut found: Vec<String> = links
        .into_iter()
        .filter(|line| line.split(": ").nth(1).is_some_and(|name| name.starts_with("tv")))
        .collect();
    let (map, set) = ("map", "set");
    let names =
        [("ports4", map), ("ports6", map), ("any4", map), ("any6", map), ("relayed", set), ("relayed6", set)];
    for (name, kind) in names {
        let output = Command::new("nft").args(["list", kind, "inet", "teu", name]).output();
        let text =
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        if text.contains("elements") {
            found.push(text);
        }
    }
    found
}

/// Another machine, on a wire to this thread's host.
pub struct Neighbour {
    process: Child,
    servers: Vec<Child>,
}

impl Neighbour {
    /// A machine at `there`, and this host at `here`, on an interface `name`; both as `10.99.0.1/24`.
    #[track_caller]
    pub fn on_wire(name: &str, here: &str, there: &str) -> Self {
        let process = Command::new("unshare")
            .args(["-n", "sleep", "1000"])
            .stdin(Stdio::null())
            .spawn()
            .expect("a machine to start");
        let neighbour = Self { process, servers: Vec::new() };
        let namespace = |who: &str| std::fs::read_link(format!("/proc/{who}/ns/net")).ok();
        let pid = neighbour.process.id().to_string();
        while namespace(&pid) == namespace("thread-self") {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        host(&format!(
            "ip link add {name} type veth peer name wire netns {pid} && ip addr add {here} dev {name} && ip link set {name} up"
        ));
        neighbour.run(&format!("ip link set lo up; ip addr add {there} dev wire && ip link set wire up"));
        neighbour
    }

    /// A process there.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.process.id().to_string(), "-n"]);
        command
    }

    /// Answers every connection to a port there with a word, for as long as the machine runs.
    #[track_caller]
    pub fn serve(&mut self, port: u16, word: &str) {
        let mut command = self.command();
        command.args(["busybox", "nc", "-ll", "-p", &port.to_string(), "-e", "echo", word]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.servers.push(command.spawn().expect("a server there"));
    }

    /// Runs a command line there; `None` when it fails.
    pub fn run(&self, line: &str) -> Option<String> {
        let output = self.command().args(["sh", "-c", line]).output().expect("a shell there");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        for process in self.servers.iter_mut().chain([&mut self.process]) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
