//! Containers whose first process is an init that runs a whole system.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::PathBuf;
use std::process::Command;
use teu_tests::{Teu, objects};

fn with_busybox_system() -> Teu {
    let teu = Teu::new();
    teu.run(["image", "from-template", "busybox", "-t", "system"]).ok();
    teu
}

#[test]
fn busybox_boots_runs_its_scripts_and_shuts_down() {
    let teu = with_busybox_system();
    teu.run(["create", "--name", "box", "--network", "none", "system"]).ok();
    let script = teu.root().join("S10test");
    std::fs::write(&script, "#!/bin/sh\necho \"script $1\"\n").expect("a file");
    Command::new("chmod").arg("755").arg(&script).status().expect("it runs");
    let target = "box:/etc/rc.d/S10test";
    std::fs::create_dir(teu.root().join("rc.d")).expect("a folder");
    teu.run(["cp", teu.root().join("rc.d").to_str().expect("text"), "box:/etc/rc.d"]).ok();
    teu.run(["cp", script.to_str().expect("text"), target]).ok();
    teu.run(["start", "box"]).ok();
    teu.wait_until("the script", || teu.run(["logs", "box"]).stdout.contains("script start"));
    assert_eq!(teu.inspect("box", "{{.Config.StopSignal}}"), "SIGUSR2");
    assert_eq!(teu.run(["exec", "box", "cat", "/proc/1/comm"]).ok(), "init");
    teu.run(["stop", "box"]).ok();
    assert_eq!(teu.inspect("box", "{{.State.ExitCode}} {{.State.OOMKilled}}"), "0 false");
    assert!(teu.run(["logs", "box"]).stdout.contains("script stop"));
    teu.finish();
}

#[test]
fn a_console_has_a_shell() {
    let teu = with_busybox_system();
    teu.run(["run", "-dt", "--name", "box", "--network", "none", "system"]).ok();
    teu.wait_until("the shell", || teu.run(["top", "box"]).stdout.contains("sh -l"));
    teu.finish();
}

#[test]
fn the_mode_decides_what_is_mounted_and_how_it_is_stopped() {
    let teu = with_busybox_system();
    let mounts = |name: &str| teu.run(["exec", name, "cat", "/proc/mounts"]).ok();
    let has = |mounts: &str, target: &str| mounts.contains(&format!("tmpfs {target} tmpfs"));
    let run = |name: &str, mode: &str, image: &str, command: &[&str]| {
        let mode = format!("--systemd={mode}");
        let words = ["run", "-d", "--name", name, "--network", "none", &mode, image];
        teu.run(words.iter().chain(command)).ok();
        let mounts = mounts(name);
        (mounts, teu.inspect(name, "{{.Config.StopSignal}}"))
    };
    let (seen, signal) = run("detected", "true", "system", &[]);
    assert!(has(&seen, "/run") && has(&seen, "/tmp") && signal == "SIGUSR2", "{seen} {signal}");
    let (seen, signal) = run("refused", "false", "system", &[]);
    assert!(!has(&seen, "/run") && signal.is_empty(), "{seen} {signal}");
    let (seen, _) = run("ordinary", "true", "system", &["sleep", "1000"]);
    assert!(!has(&seen, "/run"), "{seen}");
    let (seen, signal) = run("forced", "always", "system", &["sleep", "1000"]);
    assert!(has(&seen, "/run") && has(&seen, "/var/log/journal") && signal == "SIGRTMIN+3", "{seen}");
    let environment = teu.run(["exec", "forced", "cat", "/proc/1/environ"]).ok();
    assert!(environment.contains("container=") && environment.contains("container_uuid="), "{environment}");
    assert!(teu.run(["run", "--systemd=perhaps", "system"]).fails_with(125).contains("--systemd"));
    teu.finish();
}

#[test]
fn a_template_that_cannot_be_made_says_what_to_install() {
    let teu = Teu::new();
    let without_tools = |words: &[&str]| {
        let output = teu.command(words).env("PATH", "/nonexistent").output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(without_tools(&["image", "from-template", "debian"]).contains("apt-get install mmdebstrap"));
    assert!(without_tools(&["image", "from-template", "busybox"]).contains("busybox-static"));
    for words in [
        &["image", "from-template", "debian", "--suite=--setup-hook=x"][..],
        &["image", "from-template", "debian", "--include=-x"],
        &["image", "from-template", "busybox", "--suite", "x"],
    ] {
        assert_eq!(teu.run(words).code, 1, "{words:?}");
    }
    assert_eq!(teu.run(["images", "-q"]).ok(), "");
    teu.finish();
}

/// An archive of the image, kept from run to run, as making it takes a minute.
fn debian_archive(teu: &Teu) -> Option<PathBuf> {
    let cache = teu.binary().parent()?.join("suites").join("debian-system.tar");
    if cache.is_file() {
        teu.run(["load", "-q", "-i", cache.to_str()?]).ok();
        return Some(cache);
    }
    let made = teu.run(["image", "from-template", "debian", "-q", "-t", "debian-system"]);
    if made.code != 0 {
        teu_tests::skip("systemd", made.stderr.trim());
        return None;
    }
    std::fs::create_dir_all(cache.parent()?).ok()?;
    let half_made = cache.with_extension(std::process::id().to_string());
    teu.run(["save", "-o", half_made.to_str()?, "debian-system"]).ok();
    std::fs::rename(half_made, &cache).ok()?;
    Some(cache)
}

/// The state in which systemd's start ends. A first start, on a busy machine, takes its time; and before its socket is
/// there, systemctl's own waiting ends at once.
fn booted(teu: &Teu) -> String {
    for _ in 0..600 {
        let state = teu.run(["exec", "box", "systemctl", "is-system-running"]).stdout;
        if ["running", "degraded", "maintenance"].contains(&state.trim()) {
            return state.trim().to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    "not started within a minute".to_owned()
}

#[test]
fn debian_with_systemd_boots_runs_units_and_shuts_down() {
    let teu = Teu::new();
    if debian_archive(&teu).is_none() {
        return;
    }
    // A network namespace without any network is enough, and disturbs nobody.
    let id = teu.run(["run", "-d", "--name", "box", "--network", "none", "debian-system"]).ok();
    let state = booted(&teu);
    let failed = teu.run(["exec", "box", "systemctl", "--failed", "--plain"]);
    assert_eq!(state, "running", "{}", failed.stdout);

    let unit = "[Service]\nExecStart=/bin/sh -c 'echo unit-is-up; exec sleep 1000'\nExecStop=/bin/touch /var/stopped\n";
    let install = format!("printf '%b' '{}' > /etc/systemd/system/own.service", unit.replace('\'', "\\047"));
    teu.run(["exec", "box", "sh", "-c", &install]).ok();
    teu.run(["exec", "box", "systemctl", "start", "own"]).ok();
    assert_eq!(teu.run(["exec", "box", "systemctl", "is-active", "own"]).ok(), "active");
    teu.wait_until("the unit's line", || {
        teu.run(["exec", "box", "journalctl", "-u", "own", "-o", "cat"]).stdout.contains("unit-is-up")
    });
    // Its units have groups of their own; its limits are not its own to lift.
    let groups = teu.run(["exec", "box", "cat", "/proc/self/cgroup"]).ok();
    assert!(!groups.contains(&id), "{groups}");
    let lift = "for file in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/devices/devices.allow; do \
                [ -e $file ] && echo -1 > $file && echo lifted; done; true";
    assert_eq!(teu.run(["exec", "box", "sh", "-c", lift]).stdout, "");

    teu.run(["stop", "box"]).ok();
    assert_eq!(teu.inspect("box", "{{.State.ExitCode}}"), "0", "killed after its time, not shut down");
    assert_eq!(teu.inspect("box", "{{.Config.StopSignal}}"), "SIGRTMIN+3");
    let stopped = teu.root().join("stopped");
    teu.run(["cp", "box:/var/stopped", stopped.to_str().expect("text")]).ok();
    assert_eq!(objects::control_groups_of(&[&id]), Vec::<PathBuf>::new());

    // It boots again.
    teu.run(["start", "box"]).ok();
    assert_eq!(booted(&teu), "running");
    teu.finish();
}
