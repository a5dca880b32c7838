//! Ten independent services up and down beside Docker's own, and how long reading a project takes.
#![allow(clippy::expect_used, reason = "a bench that cannot go on says so by failing")]

use crate::measure::{in_turn, line, median, milliseconds, time};
use crate::peers::Docker;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use teu_tests::Teu;
use teu_tests::isolation::isolate_network;

const ROUNDS: usize = 5;
const SERVICES: usize = 10;

/// `up -d --wait` of ten services and `down`, in turn with docker-compose on a dockerd of our own.
pub fn bench() {
    config();
    // The daemon makes a bridge and firewall rules, and leaves them.
    isolate_network();
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    let services: Vec<String> = (0..SERVICES)
        .map(|number| {
            format!("  s{number}: {{image: busybox, command: sleep 1000, stop_grace_period: 1s, init: true}}")
        })
        .collect();
    let file = folder.path().join("docker-compose.yml");
    std::fs::write(&file, format!("version: '3.7'\nservices:\n{}\n", services.join("\n"))).expect("a file");
    let peer = if time(Command::new("docker-compose").arg("version")).is_some() {
        Docker::start_with_networks()
    } else {
        println!("not compared with Docker: docker-compose is not installed");
        None
    };
    let ours = |words: &[&str]| {
        let mut command = teu.command(["compose", "-p", "bench", "-f"]);
        command.arg(&file).args(words);
        time(&mut command)
    };
    let theirs = |words: &[&str]| {
        let peer = peer.as_ref()?;
        time(peer.client("docker-compose").args(["-p", "bench", "-f"]).arg(&file).args(words))
    };
    let (mut ups, mut downs) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 0..=ROUNDS {
        for (index, run) in
            [&ours as &dyn Fn(&[&str]) -> Option<Duration>, &theirs as &dyn Fn(&[&str]) -> Option<Duration>]
                .into_iter()
                .enumerate()
        {
            // Old docker-compose knows no --wait: it comes back earlier than it would with it.
            let up: &[&str] = if index == 0 { &["up", "-d", "--wait"] } else { &["up", "-d"] };
            let (Some(up), Some(down)) = (run(up), run(&["down", "-t", "1"])) else { continue };
            if round > 0 {
                ups[index].push(up);
                downs[index].push(down);
            }
        }
    }
    for (what, [own, peers]) in [("up -d --wait of 10 services", ups), ("down of 10 services", downs)] {
        if own.is_empty() {
            println!("{what}: cannot be measured");
            continue;
        }
        let own = median(own);
        if peers.is_empty() {
            println!("teu compose {what}: {}", milliseconds(own));
            continue;
        }
        let theirs = median(peers);
        println!("docker-compose, {what}: {}", milliseconds(theirs));
        let ratio = own.as_secs_f64() / theirs.as_secs_f64();
        line(
            &format!("teu compose {what}"),
            &format!("{} = {ratio:.2}x", milliseconds(own)),
            "1/5 of docker",
            ratio <= 0.2,
        );
    }
    teu.finish();
}

/// The slowest `config` of the reference projects.
fn config() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/compose");
    let Ok(folders) = std::fs::read_dir(&corpus) else {
        println!("config: there are no reference projects beside the tree");
        return;
    };
    let teu = Teu::new();
    let mut slowest = (Duration::ZERO, String::new());
    for folder in folders.flatten().map(|entry| entry.path()) {
        let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
        let Some(file) = names.iter().map(|name| folder.join(name)).find(|path| path.exists()) else {
            continue;
        };
        let mut run = || {
            let mut command = teu.command(["compose", "-p", "golden", "--profile", "*", "-f"]);
            command.arg(&file).args(["config", "--format", "json", "--no-path-resolution"]);
            time(&mut command)
        };
        if let [Some(took)] = in_turn(7, &mut [("config", &mut run)])[..]
            && took > slowest.0
        {
            slowest = (took, folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    line(
        &format!("slowest config ({})", slowest.1),
        &milliseconds(slowest.0),
        "20 ms",
        slowest.0 <= Duration::from_millis(20),
    );
    teu.finish();
}
