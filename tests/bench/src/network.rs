//! What networks cost: a container's start with a published port, the two-hundredth on one network, a look-up of a
//! name, and what goes through a published port.
#![allow(clippy::expect_used, reason = "a bench that cannot go on says so by failing")]

use crate::measure::{in_turn, line, median, milliseconds, time};
use crate::peers::{Docker, Podman, succeeds};
use nix::sched::{CloneFlags, setns};
use std::fs::File;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use teu_tests::{Neighbour, Teu, isolate_network, within_network};

/// Containers on one network.
const MANY: usize = 200;
/// The port of the host that leads to a server.
const SERVER: u16 = 5201;
/// Turns in which throughput is measured.
const ROUNDS: usize = 15;
/// Look-ups of names.
const LOOK_UPS: usize = 1000;

/// All of it, on a host of its own.
pub fn bench() {
    let worker = std::thread::spawn(|| {
        isolate_network();
        let folder = tempfile::Builder::new().prefix("teu-bench-").tempdir().expect("a temporary folder");
        start(Docker::begin(&["--bip", "172.31.0.1/16"]).as_ref(), Podman::start().as_ref());
        throughput(folder.path());
        many();
    });
    if worker.join().is_err() {
        println!("cannot be measured: see above");
    }
}

/// An image of ours as an archive that others import.
fn archive(teu: &Teu, folder: &Path, image: &str) -> String {
    let path = folder.join(format!("{image}.tar")).display().to_string();
    let id = teu.run(["create", "--network", "none", image, "true"]).ok();
    teu.run(["export", "-o", &path, &id]).ok();
    teu.run(["rm", &id]).ok();
    path
}

/// `run --rm` with a published port beside Docker and Podman.
fn start(docker: Option<&Docker>, podman: Option<&Podman>) {
    let teu = Teu::with_busybox();
    let words = ["run", "--rm", "-p", "8080:80", "busybox", "true"];
    let mut ours = || time(&mut teu.command(words));
    let mut docker_run = || time(&mut docker?.command(words));
    let mut podman_run = || time(&mut podman?.command(words));
    let runs: &mut [(&str, &mut dyn FnMut() -> Option<Duration>)] =
        &mut [("teu", &mut ours), ("docker", &mut docker_run), ("podman", &mut podman_run)];
    let medians = in_turn(10, runs);
    let Some(took) = medians[0] else {
        println!("cannot be measured: teu run failed");
        return;
    };
    println!("teu run --rm -p 8080:80 busybox true: {}", milliseconds(took));
    for (peer, goal, median) in [("docker", 8.0, medians[1]), ("podman", 1.0, medians[2])] {
        let Some(theirs) = median else {
            println!("{peer}: not here, or it failed");
            continue;
        };
        let ratio = theirs.as_secs_f64() / took.as_secs_f64();
        let figure = format!("{} = 1/{ratio:.1}", milliseconds(theirs));
        line(&format!("the same by {peer}"), &figure, &format!("1/{goal}"), ratio >= goal);
    }
    teu.finish();
}

/// A host of one engine alone, on a wire to another machine: an engine's packets pass no other's rules.
struct Machine {
    keeper: Child,
    neighbour: Neighbour,
}

impl Machine {
    fn new() -> Self {
        let worker = std::thread::spawn(|| {
            isolate_network();
            let keeper = Command::new("sleep").arg("100000").spawn().expect("a process that keeps the host");
            Self { keeper, neighbour: Neighbour::on_wire("lan", "10.99.0.1/24", "10.99.0.2/24") }
        });
        worker.join().expect("a host")
    }

    fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        within_network(self.keeper.id(), work)
    }

    /// Bits a second that come through its published port.
    fn measure(&self, address: &str) -> Option<f64> {
        let words = format!("iperf3 -J -t 1 -c {address} -p {SERVER}");
        let text = if address == "127.0.0.1" {
            let output = self.inside(|| Command::new("sh").args(["-c", &words]).output()).ok()?;
            String::from_utf8_lossy(&output.stdout).into_owned()
        } else {
            self.neighbour.run(&words)?
        };
        let value: serde_json::Value = serde_json::from_str(&text).ok()?;
        value["end"]["sum_received"]["bits_per_second"].as_f64()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

/// Bits a second through a published port, from another machine and from the host itself.
fn throughput(folder: &Path) {
    let teu = Teu::new();
    if teu.run(["image", "from-host", "-t", "iperf3", "iperf3", "true"]).code != 0 {
        println!("throughput cannot be measured: iperf3 is not installed");
        return;
    }
    let path = archive(&teu, folder, "iperf3");
    let published = format!("{SERVER}:5201");
    let server = ["run", "-d", "--name", "iperf3", "-p", &published, "iperf3", "iperf3", "-s"];
    let (ours, theirs) = (Machine::new(), Machine::new());
    ours.inside(|| teu.run(server)).ok();
    let docker = theirs.inside(|| Docker::begin(&[])).filter(|docker| {
        succeeds(&mut docker.command(["import", &path, "iperf3"])) && succeeds(&mut docker.command(server))
    });
    std::thread::sleep(Duration::from_secs(1));
    for (from, address) in [("another machine", "10.99.0.1"), ("the host's loopback", "127.0.0.1")] {
        let (mut ours_all, mut theirs_all) = (Vec::new(), Vec::new());
        // In short turns, first one and then the other: what else the machine does meets both.
        for round in 0..ROUNDS {
            if round % 2 == 0 {
                ours_all.extend(ours.measure(address));
            }
            theirs_all.extend(docker.as_ref().and_then(|_| theirs.measure(address)));
            if round % 2 == 1 {
                ours_all.extend(ours.measure(address));
            }
        }
        ours_all.sort_by(f64::total_cmp);
        theirs_all.sort_by(f64::total_cmp);
        let middle = |all: &[f64]| all.get(all.len() / 2).copied();
        let Some(rate) = middle(&ours_all) else {
            println!("throughput from {from}: cannot be measured");
            continue;
        };
        let what = format!("a published port from {from}");
        let Some(peer) = middle(&theirs_all) else {
            println!("{what}: {:.1} Gbit/s; Docker is not here", rate / 1e9);
            continue;
        };
        let figure = format!("{:.1} Gbit/s = {:.2}x", rate / 1e9, rate / peer);
        line(&what, &figure, "1x Docker", rate / peer >= 1.0);
    }
    drop(docker);
    teu.finish();
}

/// Two hundred containers on one network: what the last costs beside the first, and a look-up among them.
fn many() {
    let teu = Teu::with_busybox();
    teu.run(["network", "create", "many"]).ok();
    let mut times = Vec::with_capacity(MANY);
    for number in 0..MANY {
        let name = format!("box{number}");
        let words = ["run", "-d", "--name", &name, "--network", "many", "busybox", "sleep", "100000"];
        match time(&mut teu.command(words)) {
            Some(took) => times.push(took),
            None => println!("container {number} did not start"),
        }
    }
    // Ten each, so that one noisy moment does not decide.
    let first = median(times.iter().take(10).copied().collect());
    let last = median(times.iter().rev().take(10).copied().collect());
    let ratio = last.as_secs_f64() / first.as_secs_f64();
    line(
        &format!("start-up of number {MANY} on a network ({} at first)", milliseconds(first)),
        &format!("{} = {ratio:.2}x", milliseconds(last)),
        "1.5x the first",
        ratio <= 1.5,
    );
    let pid = teu.inspect("box7", "{{.State.Pid}}");
    let looked_up = std::thread::spawn(move || look_up(&pid)).join().ok().flatten();
    match looked_up {
        None => println!("names cannot be looked up"),
        Some(took) => line(
            &format!("looking a name up among {MANY}"),
            &milliseconds(took),
            "1 ms",
            took < Duration::from_millis(1),
        ),
    }
    teu.finish();
}

/// The median of many look-ups inside the container of a process.
fn look_up(pid: &str) -> Option<Duration> {
    setns(File::open(format!("/proc/{pid}/ns/net")).ok()?, CloneFlags::CLONE_NEWNET).ok()?;
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    socket.connect("127.0.0.11:53").ok()?;
    let mut times = Vec::with_capacity(LOOK_UPS);
    for number in 0..LOOK_UPS {
        let name = format!("box{}", number % MANY);
        // A header that asks one question, the name in one label, type A, class IN.
        let mut question = vec![(number >> 8) as u8, number as u8, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        question.push(name.len() as u8);
        question.extend_from_slice(name.as_bytes());
        question.extend_from_slice(&[0, 0, 1, 0, 1]);
        let start = Instant::now();
        socket.send(&question).ok()?;
        let mut answer = [0; 512];
        let length = socket.recv(&mut answer).ok()?;
        times.push(start.elapsed());
        // One answer, and no failure.
        if length < 12 || answer[3] & 15 != 0 || answer[7] != 1 {
            return None;
        }
    }
    Some(median(times))
}
