//! What happens when processes are killed, disks are full and words are wrong.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use teu_tests::{Teu, objects};

fn pid_of(teu: &Teu, name: &str) -> i32 {
    teu.inspect(name, "{{.State.Pid}}").parse().expect("a number")
}

/// The supervisor is the parent of the first process.
fn supervisor_of(teu: &Teu, name: &str) -> i32 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid_of(teu, name))).expect("it runs");
    let after_name = stat.rsplit(')').next().expect("the fields after the name");
    after_name.split_whitespace().nth(1).expect("the parent").parse().expect("a number")
}

#[test]
fn a_killed_supervisor_is_noticed_and_cleaned_up_after() {
    let teu = Teu::with_busybox();
    let id = teu.run(["run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"]).ok();
    let first = pid_of(&teu, "box");
    kill(Pid::from_raw(supervisor_of(&teu, "box")), Signal::SIGKILL).expect("it can be killed");
    teu.wait_until("the truth", || teu.inspect("box", "{{.State.Status}}") == "exited");
    assert_eq!(teu.inspect("box", "{{.State.ExitCode}}"), "137");
    teu.wait_until("the end of the first process", || kill(Pid::from_raw(first), None).is_err());
    assert_eq!(objects::control_groups_of(&[&id]), Vec::<std::path::PathBuf>::new());
    teu.run(["start", "box"]).ok();
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    teu.run(["rm", "-f", "box"]).ok();
    teu.finish();
}

#[test]
fn a_killed_first_process_is_an_exit_like_any_other() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"]).ok();
    kill(Pid::from_raw(pid_of(&teu, "box")), Signal::SIGKILL).expect("it can be killed");
    assert_eq!(teu.run(["wait", "box"]).ok(), "137");
    teu.finish();
}

#[test]
fn a_killed_starter_leaves_the_container_running() {
    let teu = Teu::with_busybox();
    let mut starter = teu.spawn([
        "run",
        "-i",
        "--name",
        "box",
        "--network",
        "none",
        "busybox",
        "sh",
        "-c",
        "echo up; sleep 1000",
    ]);
    teu.wait_until("the container", || teu.run(["logs", "box"]).stdout == "up\n");
    starter.kill().expect("it can be killed");
    starter.wait().expect("it can be waited for");
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    teu.run(["rm", "-f", "box"]).ok();
    teu.finish();
}

#[test]
fn kills_at_random_moments_leave_nothing_behind() {
    let teu = Teu::with_busybox();
    // A linear congruential generator: the same moments in every run.
    let mut random = 12_345_u64;
    for round in 0..30 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let name = format!("box{round}");
        let mut starter =
            teu.spawn(["run", "--rm", "--network", "none", "--name", &name, "busybox", "sleep", "0.05"]);
        std::thread::sleep(std::time::Duration::from_micros((random >> 33) % 60_000));
        if round % 2 == 0 {
            let _ = starter.kill();
        } else {
            for pid in objects::processes_of(teu.root()) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        let _ = starter.wait();
    }
    teu.wait_until("every container's end", || teu.run(["ps", "-q"]).ok().is_empty());
    teu.run(["run", "--rm", "--network", "none", "busybox", "true"]).ok();
    teu.finish();
}

/// A linear congruential generator: the same choices and moments in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[test]
fn two_hundred_kills_of_any_process_in_any_command_leave_nothing_behind() {
    let teu = Teu::with_busybox();
    let mut random = Random(7);
    let make = |name: &str| {
        let words = ["create", "--init", "--name", name, "--network", "none", "--stop-timeout", "0"];
        teu.run(words.into_iter().chain(["busybox", "sleep", "1000"])).ok();
    };
    let names = ["one", "two", "three"];
    for _ in 0..200 {
        let name = names[random.below(3) as usize];
        if teu.run(["inspect", name]).code != 0 {
            make(name);
        }
        let is_running = teu.inspect(name, "{{.State.Running}}") == "true";
        let commands: &[&[&str]] = if is_running {
            &[
                &["exec", name, "sleep", "0.01"],
                &["exec", "-d", name, "sleep", "0.01"],
                &["stop", name],
                &["restart", name],
                &["rm", "-f", name],
                &["kill", name],
            ]
        } else {
            &[
                &["start", name],
                &["start", "-a", name],
                &["restart", name],
                &["rm", name],
                &["run", "-d", "--rm", "--network", "none", "busybox", "sleep", "0.05"],
                &["create", "--network", "none", "busybox", "true"],
            ]
        };
        let mut command = teu.spawn(commands[random.below(commands.len() as u64) as usize]);
        std::thread::sleep(std::time::Duration::from_micros(random.below(40_000)));
        let victims = match random.below(4) {
            // The command alone.
            0 => vec![command.id() as i32],
            // Whatever of ours there is: commands, supervisors, and those between them.
            1 => objects::processes_of(teu.root()),
            // One of these.
            2 => {
                let all = objects::processes_of(teu.root());
                all.get(random.below(all.len().max(1) as u64) as usize).copied().into_iter().collect()
            }
            // A first process, which is our own init here.
            _ => {
                let pid = teu.run(["inspect", "--format", "{{.State.Pid}}", name]).stdout;
                pid.trim().parse().ok().filter(|pid| *pid > 0).into_iter().collect()
            }
        };
        for pid in victims {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        let _ = command.kill();
        let _ = command.wait();
    }
    // Whatever was killed, every container can be used and goes when it is told to.
    for name in names {
        if teu.run(["inspect", name]).code == 0 {
            teu.run(["rm", "-f", name]).ok();
        }
        make(name);
        teu.run(["start", name]).ok();
        teu.run(["exec", name, "true"]).ok();
    }
    let ids = teu.run(["ps", "-aq", "--no-trunc"]).ok();
    teu.run(["rm", "-f"].into_iter().chain(ids.lines())).ok();
    // The database has no container: nor have the folders.
    for folder in ["containers", "run/containers", "staging"] {
        let left: Vec<_> = std::fs::read_dir(teu.root().join(folder))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                path.is_dir() && std::fs::read_dir(path).is_ok_and(|mut inside| inside.next().is_some())
            })
            .collect();
        assert!(left.is_empty(), "{folder}: {left:?}");
    }
    teu.finish();
}

#[test]
fn nobody_reads_what_a_starter_had_in_its_environment() {
    let teu = Teu::with_busybox();
    let words = ["run", "-d", "--init", "--name", "box", "--network", "none", "busybox", "sleep", "1000"];
    let status = teu.command(words).env("SECRET", "do-not-tell").status().expect("it runs");
    assert!(status.success());
    let shown = |pid: i32, file: &str| {
        String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/{file}")).expect("it runs")).into_owned()
    };
    let (supervisor, init) = (supervisor_of(&teu, "box"), pid_of(&teu, "box"));
    assert!(!shown(supervisor, "environ").contains("do-not-tell"));
    assert!(!shown(init, "environ").contains("do-not-tell"));
    // What the container sees of its init names no folder of the host.
    let seen = teu.run(["exec", "box", "cat", "/proc/1/cmdline"]).ok();
    assert!(seen.starts_with("teu-init") && !seen.contains('/'), "{seen:?}");
    assert_eq!(teu.run(["exec", "box", "cat", "/proc/1/comm"]).ok(), "teu-init");
    teu.finish();
}

#[test]
fn a_full_disk_does_not_stop_a_container_that_logs() {
    let teu = Teu::with_busybox();
    teu.run([
        "create",
        "--name",
        "box",
        "--network",
        "none",
        "busybox",
        "sh",
        "-c",
        "while [ ! -e /tmp/stop ]; do head -c 100000 /dev/zero | tr '\\0' x; echo; done; echo done",
    ])
    .ok();
    // The log's folder on a file system of its own that holds next to nothing.
    let id = teu.inspect("box", "{{.Id}}");
    let folder = teu.root().join("containers").join(&id).join("log");
    std::fs::create_dir_all(&folder).expect("a folder");
    let options = Some("size=256k");
    if let Err(error) =
        nix::mount::mount(Some("tmpfs"), &folder, Some("tmpfs"), nix::mount::MsFlags::empty(), options)
    {
        teu_tests::skip(
            "a_full_disk_does_not_stop_a_container_that_logs",
            &format!("cannot mount a small file system: {error}"),
        );
        return;
    }
    let unmount = Unmount(folder);
    teu.run(["start", "box"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    // The container may be gone, and `touch` with it, before `touch` itself has ended.
    let touched = teu.run(["exec", "box", "touch", "/tmp/stop"]);
    assert!(matches!(touched.code, 0 | 137), "{touched:?}");
    assert_eq!(teu.run(["wait", "box"]).ok(), "0");
    drop(unmount);
    teu.finish();
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = nix::mount::umount2(&self.0, nix::mount::MntFlags::MNT_DETACH);
    }
}

#[test]
fn wrong_words_are_one_clear_line() {
    let teu = Teu::with_busybox();
    for (words, code) in [
        (&["frobnicate"][..], 1),
        (&["run"], 1),
        (&["run", "--no-such-flag", "busybox"], 125),
        (&["run", "-e"], 125),
        (&["run", "--network", "none", "-v", "relative", "busybox", "true"], 125),
        (&["run", "--network", "none", "-v", "/a:b", "busybox", "true"], 125),
        (&["run", "--network", "none", "-w", "relative", "busybox", "true"], 125),
        (&["run", "--rm", "--network", "none", "-u", "nosuchuser", "busybox", "true"], 125),
        (&["stop", "-t", "soon", "x"], 125),
        (&["kill", "-s", "SIGNOPE", "x"], 1),
        (&["logs", "no-such-container"], 1),
        (&["rmi", "no-such-image"], 1),
        (&["attach", "no-such-container"], 1),
        (&["exec", "no-such-container", "true"], 1),
        (&["image", "from-host", "-t", "x", "no-such-program-anywhere"], 1),
    ] {
        let output = teu.run(words);
        assert_eq!(output.code, code, "{words:?}: {output:?}");
        let said = output.stderr.trim_end();
        assert!(!said.is_empty() && output.stdout.is_empty(), "{words:?}: {output:?}");
        assert!(said.lines().count() <= 3, "{words:?} says too much: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert_eq!(teu.run(["ps", "-aq"]).ok(), "", "nothing was left behind");
    teu.finish();
}

#[test]
fn concurrent_runs_do_not_disturb_each_other() {
    let teu = Teu::with_busybox();
    let children: Vec<_> = (0..12)
        .map(|number| {
            (number, teu.spawn(["run", "--rm", "--network", "none", "busybox", "echo", &number.to_string()]))
        })
        .collect();
    for (number, child) in children {
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("{number}\n"),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    teu.finish();
}
