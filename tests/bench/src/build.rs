//! Building an image of a few steps beside Docker's builder and buildah.
#![allow(clippy::expect_used, reason = "a bench that cannot go on says so by failing")]

use crate::measure::{in_turn, line, milliseconds, time};
use crate::peers::{Docker, Podman};
use std::fs;
use std::path::Path;
use std::process::Command;
use teu_tests::Teu;

const ROUNDS: usize = 7;
const FILES: usize = 200;

/// The same Dockerfile with nothing done before, and with everything done before.
pub fn bench() {
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    context(folder.path());
    let docker = Docker::start();
    let podman = Podman::start();
    let path = folder.path().to_str().expect("a path");
    for (what, more) in [("build of 6 steps", &["--no-cache"][..]), ("the same, all cached", &[])] {
        let with = |mut command: Command| {
            command.args(["--network", "none", "-q", "-t", "bench"]).args(more).arg(path);
            time(command.env("DOCKER_BUILDKIT", "0"))
        };
        let mut ours = || with(teu.command(["build"]));
        let mut dockers = || with(docker.as_ref()?.command(["build"]));
        let mut podmans = || with(podman.as_ref()?.command(["build", "--layers"]));
        let times =
            in_turn(ROUNDS, &mut [("teu", &mut ours), ("docker", &mut dockers), ("podman", &mut podmans)]);
        let Some(own) = times[0] else { return println!("cannot be measured: teu build failed") };
        for (peer, time) in [("docker", times[1]), ("podman", times[2])] {
            let Some(time) = time else {
                println!("not compared: {peer} does not build here");
                continue;
            };
            let ratio = time.as_secs_f64() / own.as_secs_f64();
            let figure = format!("{} / {} = 1/{ratio:.1}", milliseconds(own), milliseconds(time));
            line(&format!("{what} beside {peer} build"), &figure, "1/3", ratio >= 3.0);
        }
    }
    teu.finish();
}

fn context(folder: &Path) {
    let sources = folder.join("src");
    fs::create_dir(&sources).expect("a folder");
    for number in 0..FILES {
        fs::write(sources.join(format!("f{number}")), "x".repeat(5000)).expect("a file");
    }
    let dockerfile = "FROM busybox\nWORKDIR /app\nCOPY src ./src\nRUN cat src/* > all\nRUN wc -c all > n\n\
                      RUN rm all\nCMD [\"true\"]\n";
    fs::write(folder.join("Dockerfile"), dockerfile).expect("a file");
}
