//! The everyday commands beside Docker's and Podman's.
#![allow(clippy::expect_used, reason = "a bench that cannot go on says so by failing")]

use crate::measure::{in_turn, line, median, milliseconds, time};
use crate::peers::{Docker, Podman, succeeds};
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use teu_tests::Teu;

const ROUNDS: usize = 7;
const AT_A_TIME: usize = 16;
const LISTED: usize = 1000;
const RUN: [&str; 6] = ["run", "--rm", "--network", "none", "busybox", "true"];
/// What is logged, in megabytes: less by the slow ones, as it is the rate that counts.
const LOGGED: [u32; 3] = [200, 50, 100];

/// All figures of the everyday command line.
pub fn bench() {
    let teu = Teu::with_busybox();
    let (docker, podman) = (Docker::start(), Podman::start());
    alone(&teu, docker.as_ref(), podman.as_ref());
    at_a_time(&teu, podman.as_ref());
    logging(&teu, docker.as_ref(), podman.as_ref());
    listing(&teu);
    teu.finish();
}

/// One run.
fn alone(teu: &Teu, docker: Option<&Docker>, podman: Option<&Podman>) {
    let mut ours = || time(&mut teu.command(RUN));
    let mut dockers = || time(&mut docker?.command(RUN));
    let mut podmans = || time(&mut podman?.command(RUN));
    let all = in_turn(ROUNDS, &mut [("teu", &mut ours), ("docker", &mut dockers), ("podman", &mut podmans)]);
    let Some(took) = all[0] else {
        println!("cannot be measured: teu run failed");
        return;
    };
    println!("teu run --rm --network none busybox true: {}", milliseconds(took));
    for (name, peer, share) in [("docker", all[1], 10.0), ("podman", all[2], 8.0)] {
        if let Some(peer) = peer {
            let ratio = peer.as_secs_f64() / took.as_secs_f64();
            line(
                &format!("{name} run takes as many times longer"),
                &format!("{} = {ratio:.1}x", milliseconds(peer)),
                &format!("{share}x"),
                ratio >= share,
            );
        }
    }
}

/// Sixteen runs at a time.
fn at_a_time(teu: &Teu, podman: Option<&Podman>) {
    let mut ours = || together(&|| teu.command(RUN));
    let mut podmans = || podman.and_then(|podman| together(&|| podman.command(RUN)));
    let all = in_turn(3, &mut [("teu", &mut ours), ("podman", &mut podmans)]);
    let (Some(took), Some(peer)) = (all[0], all[1]) else {
        println!("16 runs at a time: {}", all[0].map_or_else(|| "failed".to_owned(), milliseconds));
        return;
    };
    let ratio = peer.as_secs_f64() / took.as_secs_f64();
    println!("teu, 16 runs at a time: {}", milliseconds(took));
    line(
        "podman takes as many times longer for 16 at a time",
        &format!("{} = {ratio:.1}x", milliseconds(peer)),
        "5x",
        ratio >= 5.0,
    );
}

fn together(command: &dyn Fn() -> Command) -> Option<Duration> {
    let start = Instant::now();
    let quiet = |mut command: Command| {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
    };
    let children: Vec<_> = (0..AT_A_TIME).map(|_| quiet(command())).collect();
    let mut well = true;
    for child in children {
        well &= child?.wait().is_ok_and(|status| status.success());
    }
    well.then(|| start.elapsed())
}

/// How fast a container's output is logged while nobody reads along. The lines come from a file: a program that makes
/// them is slower than the log.
fn logging(teu: &Teu, docker: Option<&Docker>, podman: Option<&Podman>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rate = |megabytes: u32, command: &dyn Fn(&[&str]) -> Command| {
        let (text, source) = ("0123456789".repeat(10), folder.path().join("lines"));
        fs::write(&source, format!("{text}\n").repeat(megabytes as usize * 1_000_000 / 101)).ok()?;
        let bind = format!("{}:/lines:ro", source.display());
        let start = Instant::now();
        let words =
            ["run", "-d", "--name", "logging", "--network", "none", "-v", &bind, "busybox", "cat", "/lines"];
        let well = succeeds(&mut command(&words)) && succeeds(&mut command(&["wait", "logging"]));
        let took = start.elapsed();
        succeeds(&mut command(&["rm", "-f", "logging"]));
        well.then(|| f64::from(megabytes) / took.as_secs_f64())
    };
    let Some(ours) = rate(LOGGED[0], &|words| teu.command(words)) else {
        println!("logging cannot be measured: teu run -d failed");
        return;
    };
    println!("teu logs 200 MB at {ours:.0} MB/s");
    if let Some(theirs) = docker.and_then(|docker| rate(LOGGED[1], &|words| docker.command(words.to_vec()))) {
        let ratio = ours / theirs;
        line(
            "as many times docker's json-file rate",
            &format!("{theirs:.0} MB/s = {ratio:.1}x"),
            "10x",
            ratio >= 10.0,
        );
    }
    if let Some(theirs) = podman.and_then(|podman| rate(LOGGED[2], &|words| podman.command(words.to_vec()))) {
        println!("podman logs at {theirs:.0} MB/s");
    }
}

/// `ps` with a thousand containers.
fn listing(teu: &Teu) {
    for _ in 0..LISTED {
        teu.run(["create", "--network", "none", "busybox", "true"]).ok();
    }
    let times: Vec<Duration> = (0..15).filter_map(|_| time(&mut teu.command(["ps", "-a"]))).collect();
    let took = median(times);
    line("ps -a with 1,000 containers", &milliseconds(took), "30 ms", took < Duration::from_millis(30));
    let times: Vec<Duration> = (0..15).filter_map(|_| time(&mut teu.command(["ps"]))).collect();
    let took = median(times);
    line(
        "ps beside 1,000 stopped containers",
        &milliseconds(took),
        "30 ms",
        took < Duration::from_millis(30),
    );
}
