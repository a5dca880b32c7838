//! How long an image of a real size takes from a registry on the loopback, and what large stores cost.
#![allow(clippy::expect_used, reason = "a bench that cannot go on says so by failing")]

use crate::measure::{in_turn, line, milliseconds, time};
use crate::peers::{Docker, Podman, succeeds};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use teu_tests::Teu;
use teu_tests::registry::Registry;

const ROUNDS: usize = 3;
/// How many tags `teu images` lists.
const TAGS: usize = 1000;
/// How many images a prune is planned for, and how many layers each has.
const IMAGES: usize = 1000;
const LAYERS: usize = 10;
/// Bytes of the large layer.
const LARGE: u64 = 1 << 30;

/// Pull beside tar, Docker and Podman; then listing and planning.
pub fn bench() {
    pull();
    listing();
    planning();
}

fn pull() {
    let Some(registry) = Registry::start("bench pull", false) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let Some(archive) = root_file_system(folder.path()) else {
        println!("cannot be measured: no root file system can be packed");
        return;
    };
    let teu = Teu::new();
    let name = registry.name("bench:1");
    teu.run(["import", archive.to_str().expect("a path"), &name]).ok();
    teu.run(["push", "-q", &name]).ok();
    let size = std::fs::metadata(&archive).map_or(0, |metadata| metadata.len());
    println!("one layer of {} MB, gzip", size / 1_000_000);

    let target = folder.path().join("tar");
    let mut tar = || {
        std::fs::remove_dir_all(&target).ok();
        std::fs::create_dir(&target).ok()?;
        time(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&target))
    };
    let mut ours = || {
        teu.run(["rmi", "-f", &name]).ok();
        time(&mut teu.command(["pull", &name]))
    };
    let docker = Docker::start();
    let mut docker_pull = || {
        let docker = docker.as_ref()?;
        succeeds(&mut docker.command(["rmi", "-f", &name]));
        time(&mut docker.command(["pull", &name]))
    };
    let podman = Podman::start();
    let mut podman_pull = || {
        let podman = podman.as_ref()?;
        succeeds(&mut podman.command(["rmi", "-f", &name]));
        time(&mut podman.command(["pull", "--tls-verify=false", &name]))
    };
    let medians = in_turn(
        ROUNDS,
        &mut [
            ("tar", &mut tar),
            ("teu", &mut ours),
            ("docker", &mut docker_pull),
            ("podman", &mut podman_pull),
        ],
    );
    let Some(took) = medians[1] else {
        println!("cannot be measured: teu pull fails");
        return;
    };
    for (peer, goal, other) in [
        ("tar xzf", 1.2, medians[0]),
        ("docker pull", 1.0 / 3.0, medians[2]),
        ("podman pull", 1.0 / 3.0, medians[3]),
    ] {
        match other {
            Some(other) => {
                let ratio = took.as_secs_f64() / other.as_secs_f64();
                let figure = format!("{} / {}", milliseconds(took), milliseconds(other));
                line(&format!("teu pull / {peer}"), &figure, &format!("{goal:.2}x"), ratio <= goal);
                println!("{:<58} {ratio:>15.2}x", "");
            }
            None => println!("{peer}: not measured, it cannot be run here"),
        }
    }
    teu.run(["rmi", "-f", &name]).ok();
    let peak = peak_memory(&mut teu.command(["pull", &name]));
    line(
        "teu pull: peak memory",
        &format!("{} KiB", peak.unwrap_or(0)),
        "64 MiB",
        peak.is_some_and(|peak| peak <= 64 << 10),
    );
    drop((docker, podman));
    large_layer(&teu, &registry, folder.path());
    teu.finish();
}

/// Memory while a layer of 1 GiB comes in.
fn large_layer(teu: &Teu, registry: &Registry, folder: &Path) {
    let (archive, name) = (folder.join("large.tar"), registry.name("large:1"));
    let made = (|| -> std::io::Result<()> {
        let mut out = std::io::BufWriter::new(std::fs::File::create(&archive)?);
        out.write_all(&header("large", LARGE))?;
        // Different in every block, so that nothing on the way makes it smaller.
        for number in 0..LARGE / 8 {
            out.write_all(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())?;
        }
        out.write_all(&[0; 1024])?;
        out.flush()
    })();
    if made.is_err() {
        println!("a layer of 1 GiB: not measured, the archive cannot be made");
        return;
    }
    teu.run(["import", archive.to_str().expect("a path"), &name]).ok();
    std::fs::remove_file(&archive).ok();
    teu.run(["push", "-q", &name]).ok();
    teu.run(["rmi", "-f", &name]).ok();
    let peak = peak_memory(&mut teu.command(["pull", &name]));
    line(
        "teu pull of a layer of 1 GiB: peak memory",
        &format!("{} KiB", peak.unwrap_or(0)),
        "64 MiB",
        peak.is_some_and(|peak| peak <= 64 << 10),
    );
    teu.run(["rmi", "-f", &name]).ok();
}

/// A compressed root file system: the one that `TEU_BENCH_IMAGE` names, else Debian's where it can be made, else this
/// machine's programs and texts.
fn root_file_system(folder: &Path) -> Option<PathBuf> {
    if let Some(archive) = std::env::var_os("TEU_BENCH_IMAGE") {
        println!("image: {}", Path::new(&archive).display());
        return Some(archive.into());
    }
    let archive = folder.join("root.tar.gz");
    let plain = folder.join("root.tar");
    let made = Command::new("mmdebstrap")
        .args(["--quiet", "--variant=minbase", "--include=perl,python3", "bookworm"])
        .arg(&plain)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if made.is_ok_and(|status| status.success()) {
        println!("image: Debian, made by mmdebstrap");
    } else {
        println!("image: this machine's /usr/bin and /usr/share (mmdebstrap does not work here)");
        let status =
            Command::new("tar").arg("-cf").arg(&plain).args(["-C", "/", "usr/bin", "usr/share"]).status();
        status.ok().filter(std::process::ExitStatus::success)?;
    }
    let out = std::fs::File::create(&archive).ok()?;
    let status = Command::new("gzip").arg("-c").arg(&plain).stdout(out).status().ok()?;
    std::fs::remove_file(&plain).ok();
    status.success().then_some(archive)
}

/// The most memory that a command's process held, in KiB (proc_pid_status(5)).
fn peak_memory(command: &mut Command) -> Option<u64> {
    let mut child = command.stdout(Stdio::null()).spawn().ok()?;
    let mut peak = None;
    while child.try_wait().ok()?.is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let now = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
        peak = peak.max(now);
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

fn listing() {
    let teu = Teu::with_busybox();
    for number in 0..TAGS {
        teu.run(["tag", "busybox", &format!("many/image-{number}:v{number}")]).ok();
    }
    let mut images = || time(&mut teu.command(["images"]));
    let medians = in_turn(20, &mut [("images", &mut images)]);
    let took = medians[0].unwrap_or(Duration::MAX);
    line(
        &format!("teu images with {TAGS} tags"),
        &milliseconds(took),
        "30 ms",
        took <= Duration::from_millis(30),
    );
    teu.finish();
}

fn planning() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(archive) = many_images(folder.path()) else {
        println!("prune planning: not measured, the archive cannot be made");
        return;
    };
    let teu = Teu::new();
    teu.run(["load", "-q", "-i", archive.to_str().expect("a path")]).ok();
    let mut plan = || time(&mut teu.command(["image", "prune", "-a", "--dry-run"]));
    let medians = in_turn(10, &mut [("plan", &mut plan)]);
    let took = medians[0].unwrap_or(Duration::MAX);
    let what = format!("teu image prune -a --dry-run: {IMAGES} images, {} layers", IMAGES * LAYERS);
    line(&what, &milliseconds(took), "300 ms", took <= Duration::from_millis(300));
    teu.finish();
}

/// A Docker archive of many images of small layers, none of them shared.
fn many_images(folder: &Path) -> Option<PathBuf> {
    let tree = folder.join("tree");
    std::fs::create_dir(&tree).ok()?;
    for number in 0..IMAGES * LAYERS {
        std::fs::write(tree.join(format!("{number}.tar")), small_layer(number)).ok()?;
    }
    let sums = Command::new("sh").args(["-c", "sha256sum -- *.tar"]).current_dir(&tree).output().ok()?;
    let sums: std::collections::HashMap<String, String> = String::from_utf8_lossy(&sums.stdout)
        .lines()
        .filter_map(|line| line.split_once("  ").map(|(sum, name)| (name.to_owned(), sum.to_owned())))
        .collect();
    let mut list = Vec::new();
    for image in 0..IMAGES {
        let layers: Vec<String> =
            (0..LAYERS).map(|layer| format!("{}.tar", image * LAYERS + layer)).collect();
        let diff_ids: Option<Vec<String>> =
            layers.iter().map(|name| Some(format!("sha256:{}", sums.get(name)?))).collect();
        let config = serde_json::json!({
            "architecture": "amd64", "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": diff_ids? },
        });
        let name = format!("{image}.json");
        std::fs::write(tree.join(&name), config.to_string()).ok()?;
        list.push(
            serde_json::json!({ "Config": name, "RepoTags": [format!("many:{image}")], "Layers": layers }),
        );
    }
    std::fs::write(tree.join("manifest.json"), serde_json::Value::from(list).to_string()).ok()?;
    let archive = folder.join("images.tar");
    let status = Command::new("tar").arg("-C").arg(&tree).arg("-cf").arg(&archive).arg(".").status().ok()?;
    status.success().then_some(archive)
}

/// A tar archive of one small file (POSIX ustar).
fn small_layer(number: usize) -> Vec<u8> {
    let mut archive = header(&format!("file-{number}"), 8);
    archive.extend(format!("{number:08}").bytes());
    archive.resize(4 * 512, 0);
    archive
}

/// The header of a file (POSIX ustar).
fn header(name: &str, size: u64) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    let size = format!("{size:011o}");
    for (at, text) in
        [(100, "0000644"), (108, "0000000"), (116, "0000000"), (124, size.as_str()), (136, "00000000000")]
    {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header
}
