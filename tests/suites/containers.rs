//! The life of containers, from the command line.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use teu_tests::Teu;

#[test]
fn run_prints_output_and_hands_back_the_exit_code() {
    let teu = Teu::with_busybox();
    let output = teu.run([
        "run",
        "--rm",
        "--network",
        "none",
        "busybox",
        "sh",
        "-c",
        "echo out; echo err >&2; exit 7",
    ]);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.code), ("out\n", "err\n", 7));
    assert_eq!(teu.run(["ps", "-aq"]).ok(), "", "--rm removed it");
    teu.finish();
}

#[test]
fn run_gives_dockers_exit_codes_for_what_cannot_run() {
    let teu = Teu::with_busybox();
    let run = |words: &[&str]| teu.run(["run", "--rm", "--network", "none"].iter().chain(words));
    assert!(run(&["busybox", "no-such-program"]).fails_with(127).contains("no-such-program"));
    assert!(run(&["busybox", "/etc/passwd"]).fails_with(126).contains("/etc/passwd"));
    assert!(run(&["--pull", "never", "no-such-image", "true"]).fails_with(125).contains("no-such-image"));
    assert!(run(&["--no-such-flag", "busybox", "true"]).fails_with(125).contains("--no-such-flag"));
    assert_eq!(run(&["busybox", "sh", "-c", "sh -c 'kill -9 $$'; exit $?"]).code, 137);
    assert_eq!(teu.run(["ps", "-aq"]).ok(), "");
    teu.finish();
}

#[test]
fn options_of_run_reach_the_process() {
    let teu = Teu::with_busybox();
    let run = |words: &[&str]| teu.run(["run", "--rm", "--network", "none"].iter().chain(words)).ok();
    assert_eq!(run(&["-e", "GREETING=hello", "busybox", "sh", "-c", "echo $GREETING"]), "hello");
    assert_eq!(run(&["-w", "/tmp", "busybox", "pwd"]), "/tmp");
    assert_eq!(run(&["-u", "1234:4321", "busybox", "id", "-u"]), "1234");
    assert_eq!(run(&["--user", "nobody", "busybox", "id", "-un"]), "nobody");
    assert_eq!(run(&["--hostname", "harbour", "busybox", "hostname"]), "harbour");
    assert_eq!(run(&["--entrypoint", "echo", "busybox", "a", "b"]), "a b");
    assert_eq!(run(&["busybox", "sh", "-c", "echo $$"]), "1", "it is process 1 of its own namespace");
    assert_eq!(run(&["busybox", "sh", "-c", "ls /sys/class/net"]), "lo");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("the host has a name");
    assert_ne!(run(&["busybox", "hostname"]), host.trim());
    teu.finish();
}

#[test]
fn binds_are_seen_in_both_directions() {
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("in"), "from the host").expect("a file");
    let bind = format!("{}:/data", folder.path().display());
    let text = teu.run([
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        &bind,
        "busybox",
        "sh",
        "-c",
        "cat /data/in; echo back > /data/out",
    ]);
    assert_eq!(text.ok(), "from the host");
    assert_eq!(std::fs::read_to_string(folder.path().join("out")).expect("it was written"), "back\n");
    let refused = teu.run([
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        &format!("{bind}:ro"),
        "busybox",
        "touch",
        "/data/x",
    ]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("Read-only file system"), "{}", refused.stderr);
    teu.finish();
}

#[test]
fn a_container_is_isolated_as_docker_isolates() {
    let teu = Teu::with_busybox();
    let script = "
        grep CapEff /proc/self/status
        grep NoNewPrivs /proc/self/status
        grep '^Seccomp:' /proc/self/status
        cat /proc/kcore | wc -c
        ls /sys/firmware | wc -l
        ls /proc/self/fd | wc -l
        echo x > /proc/sys/kernel/domainname || echo read-only
        mount -t tmpfs none /mnt 2>/dev/null || echo no-mount
        ls -A / | tr '\\n' ' '
    ";
    let text = teu.run(["run", "--rm", "--network", "none", "busybox", "sh", "-c", script]).ok();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    // Docker's fourteen capabilities as a bit set.
    assert_eq!(lines[0], "CapEff:\t00000000a80425fb");
    assert_eq!(lines[1], "NoNewPrivs:\t0");
    assert_eq!(lines[2], "Seccomp:\t2");
    assert_eq!(lines[3], "0", "/proc/kcore is masked");
    assert_eq!(lines[4], "0", "/sys/firmware is masked");
    assert_eq!(lines[5], "4", "three streams and the folder being listed: {text}");
    assert!(text.contains("read-only") && text.contains("no-mount"), "{text}");
    teu.finish();
}

#[test]
fn the_life_of_a_detached_container() {
    let teu = Teu::with_busybox();
    let id = teu
        .run([
            "run",
            "-d",
            "--name",
            "web",
            "--network",
            "none",
            "busybox",
            "sh",
            "-c",
            "echo begun; exec sleep 1000",
        ])
        .ok();
    assert_eq!(id.len(), 64, "{id}");
    assert_eq!(teu.inspect("web", "{{.State.Status}}"), "running");
    assert_eq!(teu.inspect(&id[..6], "{{.Name}}"), "/web");
    let table = teu.run(["ps"]).ok();
    assert!(table.starts_with("CONTAINER ID   IMAGE"), "{table}");
    assert!(table.contains(&id[..12]) && table.contains("web") && table.contains("Up "), "{table}");
    teu.wait_until("the first line of the log", || teu.run(["logs", "web"]).ok() == "begun");
    assert!(teu.run(["rm", "web"]).fails_with(1).contains("running"));
    assert_eq!(teu.run(["stop", "-t", "1", "web"]).ok(), "web");
    assert_eq!(teu.inspect("web", "{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}"), "exited 137 0");
    assert_eq!(teu.run(["start", "web"]).ok(), "web");
    assert_eq!(teu.inspect("web", "{{.State.Status}}"), "running");
    assert_eq!(teu.run(["kill", "-s", "KILL", "web"]).ok(), "web");
    assert_eq!(teu.run(["wait", "web"]).ok(), "137");
    assert_eq!(teu.run(["rm", "web"]).ok(), "web");
    assert!(teu.run(["inspect", "web"]).fails_with(1).contains("No such"));
    teu.finish();
}

#[test]
fn names_are_unique_and_checked() {
    let teu = Teu::with_busybox();
    teu.run(["create", "--name", "one", "--network", "none", "busybox", "true"]).ok();
    let message = teu.run(["create", "--name", "one", "--network", "none", "busybox", "true"]).fails_with(1);
    assert!(message.contains("already in use"), "{message}");
    assert!(teu.run(["create", "--name", "-bad", "--network", "none", "busybox"]).code != 0);
    assert!(
        teu.run(["create", "--name", "b/d", "--network", "none", "busybox", "true"])
            .fails_with(1)
            .contains("b/d")
    );
    assert!(teu.run(["start", "two"]).fails_with(1).contains("two"));
    assert!(teu.run(["stop", "two"]).fails_with(1).contains("two"));
    teu.finish();
}

#[test]
fn exec_runs_beside_the_first_process() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "box", "--network", "none", "-e", "A=1", "busybox", "sleep", "1000"])
        .ok();
    assert_eq!(teu.run(["exec", "box", "sh", "-c", "echo $A; exit 3"]).stdout, "1\n");
    assert_eq!(teu.run(["exec", "box", "sh", "-c", "exit 3"]).code, 3);
    assert_eq!(
        teu.run([
            "exec",
            "-e",
            "B=2",
            "-w",
            "/tmp",
            "-u",
            "nobody",
            "box",
            "sh",
            "-c",
            "echo $B $(pwd) $(id -un)"
        ])
        .ok(),
        "2 /tmp nobody"
    );
    assert_eq!(
        teu.run_with_input(["exec", "-i", "box", "cat"], b"through\nand through").ok(),
        "through\nand through"
    );
    assert_eq!(teu.run(["exec", "box", "no-such-program"]).code, 127);
    assert!(teu.run(["exec", "box", "cat", "/proc/1/cmdline"]).ok().starts_with("sleep"));
    let capabilities = teu.run(["exec", "box", "grep", "CapEff", "/proc/self/status"]).ok();
    assert_eq!(capabilities, "CapEff:\t00000000a80425fb");
    assert_eq!(teu.run(["exec", "box", "grep", "Seccomp:", "/proc/self/status"]).ok(), "Seccomp:\t2");
    teu.run(["stop", "-t", "0", "box"]).ok();
    assert!(teu.run(["exec", "box", "true"]).fails_with(1).contains("not running"));
    teu.finish();
}

#[test]
fn standard_input_is_passed_on() {
    let teu = Teu::with_busybox();
    let megabytes: Vec<u8> = (0..3_000_000_u32).map(|i| b'a' + (i % 26) as u8).collect();
    let output = teu.run_with_input(["run", "--rm", "-i", "--network", "none", "busybox", "cat"], &megabytes);
    assert_eq!(output.code, 0);
    assert!(
        output.stdout.as_bytes() == megabytes,
        "every byte comes back: {} of {}",
        output.stdout.len(),
        megabytes.len()
    );
    let none = teu.run_with_input(["run", "--rm", "--network", "none", "busybox", "cat"], b"not for you");
    assert_eq!(none.ok(), "", "without -i it reads end of file");
    teu.finish();
}

#[test]
fn logs_keep_streams_times_and_tails() {
    let teu = Teu::with_busybox();
    teu.run([
        "run",
        "--name",
        "log",
        "--network",
        "none",
        "busybox",
        "sh",
        "-c",
        "echo one; echo two >&2; sleep 0.2; echo three; echo four",
    ]);
    let output = teu.run(["logs", "log"]);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("one\nthree\nfour\n", "two\n"));
    assert_eq!(teu.run(["logs", "-n", "1", "log"]).stdout, "four\n");
    let stamped = teu.run(["logs", "-t", "--tail", "2", "log"]).stdout;
    assert!(stamped.lines().all(|line| line.starts_with("20") && line.contains("Z ")), "{stamped}");
    let followed = teu.run(["logs", "-f", "log"]);
    assert_eq!(followed.stdout, "one\nthree\nfour\n", "following an ended container ends");
    teu.finish();
}

#[test]
fn a_followed_log_grows_and_ends_with_the_container() {
    let teu = Teu::with_busybox();
    teu.run([
        "run",
        "-d",
        "--name",
        "grow",
        "--network",
        "none",
        "busybox",
        "sh",
        "-c",
        "for i in 1 2 3 4 5; do echo $i; sleep 0.1; done",
    ])
    .ok();
    assert_eq!(teu.run(["logs", "-f", "grow"]).ok(), "1\n2\n3\n4\n5");
    teu.finish();
}

#[test]
fn inspect_top_and_stats_tell_the_truth() {
    let teu = Teu::with_busybox();
    teu.run([
        "run",
        "-d",
        "--name",
        "box",
        "--network",
        "none",
        "--label",
        "a=b",
        "busybox",
        "sh",
        "-c",
        "sleep 999 & sleep 1000",
    ])
    .ok();
    assert_eq!(teu.inspect("box", "{{json .Config.Labels}}"), r#"{"a":"b"}"#);
    assert_eq!(teu.inspect("box", "{{.Config.Image}} {{.HostConfig.NetworkMode}}"), "busybox none");
    let pid: i32 = teu.inspect("box", "{{.State.Pid}}").parse().expect("a number");
    assert!(
        std::fs::read_to_string(format!("/proc/{pid}/cmdline")).expect("it runs").contains("sleep\x001000")
    );
    teu.wait_until("both processes", || teu.run(["top", "box"]).ok().matches("sleep").count() >= 2);
    assert!(teu.run(["top", "box"]).ok().starts_with("UID"));
    let stats =
        teu.run(["stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}} {{.CPUPerc}} {{.MemUsage}}"]).ok();
    let words: Vec<&str> = stats.split_whitespace().collect();
    assert_eq!(words[0], "box");
    assert!(words[1].parse::<u32>().expect("a number") >= 2, "{stats}");
    assert!(words[2].ends_with('%') && words[4] == "/", "{stats}");
    teu.run(["rm", "-f", "box"]).ok();
    teu.finish();
}

#[test]
fn several_containers_in_one_command() {
    let teu = Teu::with_busybox();
    for name in ["c1", "c2", "c3"] {
        teu.run(["run", "-d", "--name", name, "--network", "none", "busybox", "sleep", "1000"]).ok();
    }
    assert_eq!(teu.run(["ps", "-q"]).ok().lines().count(), 3);
    let output = teu.run(["stop", "-t", "0", "c1", "nonsense", "c3"]);
    assert_eq!((output.stdout.as_str(), output.code), ("c1\nc3\n", 1), "{}", output.stderr);
    assert!(output.stderr.contains("nonsense"));
    assert_eq!(teu.run(["ps", "--format", "{{.Names}}"]).ok(), "c2");
    assert_eq!(teu.run(["rm", "-f", "c1", "c2", "c3"]).ok(), "c1\nc2\nc3");
    teu.finish();
}

#[test]
fn host_network_is_the_hosts() {
    let teu = Teu::with_busybox();
    let host = std::fs::read_link("/proc/self/ns/net").expect("a namespace");
    let inside =
        teu.run(["run", "--rm", "--network", "host", "busybox", "readlink", "/proc/self/ns/net"]).ok();
    assert_eq!(inside, host.to_string_lossy());
    teu.finish();
}

#[test]
fn version_and_info_answer() {
    let teu = Teu::new();
    assert!(teu.run(["version"]).ok().contains("OS/Arch"));
    assert!(teu.run(["--version"]).ok().starts_with("teu "));
    let info = teu.run(["info", "--format", "{{.ContainersRunning}} {{.Images}}"]).ok();
    assert_eq!(info, "0 0");
    assert!(teu.run(["info"]).ok().contains("Kernel Version"));
    teu.finish();
}
