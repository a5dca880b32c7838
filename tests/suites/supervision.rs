//! What a supervisor does while nobody looks: restarts with their pauses, health checks with all their times, logs that
//! are turned over, and the word about memory.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::PathBuf;
use teu_tests::Teu;

/// Nanoseconds at which something happened to a container, from the journal.
fn times(teu: &Teu, name: &str, action: &str) -> Vec<i64> {
    let (container, event) = (format!("container={name}"), format!("event={action}"));
    let words = ["events", "--since", "1h", "--until", "0s", "--filter", &container, "--filter", &event];
    let told = teu.run(words.into_iter().chain(["--format", "{{.TimeNano}}"])).ok();
    told.lines().map(|line| line.parse().expect("a number")).collect()
}

fn run(teu: &Teu, name: &str, flags: &str, script: &str) {
    let words =
        ["run", "-d", "--name", name, "--network", "none"].into_iter().chain(flags.split_whitespace());
    teu.run(words.chain(["busybox", "sh", "-c", script])).ok();
}

#[test]
fn pauses_before_restarts_double() {
    let teu = Teu::with_busybox();
    run(&teu, "box", "--restart always", "exit 1");
    teu.wait_until("it has ended five times", || times(&teu, "box", "die").len() >= 5);
    let (died, started) = (times(&teu, "box", "die"), times(&teu, "box", "start"));
    for (number, wanted) in [100, 200, 400, 800].into_iter().enumerate() {
        let pause = (started[number + 1] - died[number]) / 1_000_000;
        // A busy machine makes it longer, never shorter.
        assert!((wanted - 5..wanted + 5000).contains(&pause), "pause {number}: {pause} ms");
    }
    assert!(teu.inspect("box", "{{.RestartCount}}").parse::<u32>().expect("a number") >= 4);
    // Between two runs it is neither up nor done, and can be stopped.
    teu.run(["stop", "-t", "0", "box"]).ok();
    assert_eq!(teu.inspect("box", "{{.State.Status}} {{.State.Restarting}}"), "exited false");
    teu.finish();
}

#[test]
fn a_long_run_makes_the_next_pause_short() {
    let teu = Teu::with_busybox();
    // Six short runs, which end at a pause of 3.2 s, and a long one.
    let script = "echo x >> /count; [ $(wc -l < /count) = 6 ] && sleep 10.5; exit 1";
    run(&teu, "box", "--restart always", script);
    let runs = || times(&teu, "box", "start").len();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(40);
    while runs() < 7 && std::time::Instant::now() < end {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let (died, started) = (times(&teu, "box", "die"), times(&teu, "box", "start"));
    let pause = |number: usize| (started[number + 1] - died[number]) / 1_000_000;
    assert!(pause(4) >= 1595, "{}", pause(4));
    assert!(pause(5) < 1500, "{}", pause(5));
    teu.finish();
}

#[test]
fn whoever_is_stopped_or_killed_by_hand_stays_down() {
    let teu = Teu::with_busybox();
    for policy in ["no", "on-failure", "always", "unless-stopped"] {
        for command in [&["stop", "-t", "0"][..], &["kill"]] {
            let name = format!("{policy}-{}", command[0]);
            run(&teu, &name, &format!("--restart {policy}"), "sleep 1000");
            teu.run(command.iter().copied().chain([name.as_str()])).ok();
            teu.wait_until("it is down", || teu.inspect(&name, "{{.State.Status}}") == "exited");
            std::thread::sleep(std::time::Duration::from_millis(300));
            assert_eq!(teu.inspect(&name, "{{.State.Status}} {{.RestartCount}}"), "exited 0", "{name}");
            // A start by hand makes the policy good again.
            teu.run(["start", &name]).ok();
            teu.run(["exec", &name, "kill", "-9", "-1"]);
            teu.run(["rm", "-f", &name]).ok();
        }
    }
    // What ends by itself comes back, where the policy says so.
    for (policy, code, comes_back) in [
        ("no", 1, false),
        ("on-failure", 0, false),
        ("on-failure", 1, true),
        ("always", 0, true),
        ("unless-stopped", 0, true),
    ] {
        let name = format!("own-{policy}-{code}");
        run(
            &teu,
            &name,
            &format!("--restart {policy}"),
            &format!("[ -e /once ] && sleep 1000; touch /once; exit {code}"),
        );
        let wanted = if comes_back { "running 1" } else { "exited 0" };
        teu.wait_until(wanted, || teu.inspect(&name, "{{.State.Status}} {{.RestartCount}}") == wanted);
    }
    run(&teu, "twice", "--restart on-failure:2", "exit 9");
    teu.wait_until("it gives up", || {
        teu.inspect("twice", "{{.State.Status}} {{.RestartCount}}") == "exited 2"
    });
    assert_eq!(teu.inspect("twice", "{{.State.ExitCode}}"), "9");
    teu.finish();
}

#[test]
fn want_of_memory_is_recorded_and_told() {
    let teu = Teu::with_busybox();
    run(&teu, "box", "-m 16m --memory-swap 16m", "x=0123456789; while true; do x=$x$x; done");
    assert_eq!(teu.run(["wait", "box"]).ok(), "137");
    assert_eq!(teu.inspect("box", "{{.State.OOMKilled}} {{.State.ExitCode}}"), "true 137");
    assert_eq!(times(&teu, "box", "oom").len(), 1);
    // The next run has no part in it.
    run(&teu, "well", "-m 64m", "exit 0");
    teu.run(["wait", "well"]).ok();
    assert_eq!(teu.inspect("well", "{{.State.OOMKilled}}"), "false");
    teu.finish();
}

fn health(teu: &Teu, name: &str) -> serde_json::Value {
    serde_json::from_str(&teu.inspect(name, "{{json .State.Health}}")).expect("a document")
}

#[test]
fn health_checks_keep_five_results_and_their_times() {
    let teu = Teu::with_busybox();
    let checked = |name: &str, flags: &[&str]| {
        let words =
            ["run", "-d", "--name", name, "--network", "none"].into_iter().chain(flags.iter().copied());
        teu.run(words.chain(["busybox", "sleep", "1000"])).ok();
    };
    checked(
        "box",
        &["--health-cmd", "echo probe; exit 4", "--health-interval", "50ms", "--health-retries", "3"],
    );
    teu.wait_until("seven failures", || health(&teu, "box")["FailingStreak"].as_u64() >= Some(7));
    let found = health(&teu, "box");
    let log = found["Log"].as_array().expect("a list");
    assert_eq!((found["Status"].as_str(), log.len()), (Some("unhealthy"), 5));
    for entry in log {
        assert_eq!((entry["ExitCode"].as_i64(), entry["Output"].as_str()), (Some(4), Some("probe\n")));
        assert!(entry["Start"].as_str() < entry["End"].as_str(), "{entry}");
    }
    // One that takes too long is ended, and counts as failed.
    checked(
        "slow",
        &[
            "--health-cmd",
            "sleep 600",
            "--health-interval",
            "50ms",
            "--health-timeout",
            "200ms",
            "--health-retries",
            "2",
        ],
    );
    teu.wait_until("it is unhealthy", || health(&teu, "slow")["Status"] == "unhealthy");
    let slow = health(&teu, "slow");
    assert_eq!(slow["Log"][0]["ExitCode"].as_i64(), Some(-1));
    assert!(
        slow["Log"][0]["Output"].as_str().is_some_and(|text| text.contains("exceeded timeout (200ms)")),
        "{slow}"
    );
    teu.wait_until("its probes are gone", || {
        teu.run(["top", "slow", "-o", "pid,args"]).ok().matches("sleep 600").count() <= 2
    });
    // While it starts it is probed more often, and failures do not count.
    let starting = [
        "--health-start-period",
        "1h",
        "--health-start-interval",
        "50ms",
        "--health-interval",
        "1h",
        "--health-retries",
        "1",
    ];
    checked("young", &[&["--health-cmd", "echo x >> /probes; test -e /well"][..], &starting[..]].concat());
    let probes = || {
        teu.run(["exec", "young", "sh", "-c", "wc -l < /probes"]).stdout.trim().parse::<u32>().unwrap_or(0)
    };
    teu.wait_until("five probes", || probes() >= 5);
    assert_eq!(health(&teu, "young")["Status"], "starting");
    teu.run(["exec", "young", "touch", "/well"]).ok();
    teu.wait_until("it is healthy", || health(&teu, "young")["Status"] == "healthy");
    let then = probes();
    std::thread::sleep(std::time::Duration::from_millis(400));
    assert!(probes() <= then + 1, "the start is over, and the next probe an hour away");
    // CMD without a shell, by the image's own or none at all.
    checked("none", &["--no-healthcheck"]);
    assert_eq!(teu.inspect("none", "{{json .State.Health}}"), "null");
    teu.finish();
}

#[test]
fn logs_are_turned_over_by_size_in_every_format() {
    let teu = Teu::with_busybox();
    for driver in ["json-file", "cri"] {
        let name = format!("box-{driver}");
        let flags = format!("--log-driver {driver} --log-opt max-size=256k --log-opt max-file=3");
        run(&teu, &name, &flags, "seq 0 29999 | sed 's/.*/line & of the log/'");
        teu.run(["wait", &name]).ok();
        let path = PathBuf::from(teu.inspect(&name, "{{.LogPath}}"));
        let folder = path.parent().expect("a folder");
        let files: Vec<u64> = std::fs::read_dir(folder)
            .expect("a folder")
            .flatten()
            .map(|entry| entry.metadata().expect("a file").len())
            .collect();
        assert_eq!(files.len(), 3, "{driver}: {files:?}");
        assert!(files.iter().all(|size| *size <= 256 * 1024), "{driver}: {files:?}");
        assert!(files.iter().sum::<u64>() > 300_000, "{driver}: {files:?}");
        let last = teu.run(["logs", "-n", "1", &name]).ok();
        assert_eq!(last, "line 29999 of the log", "{driver}");
        // What is left is whole, and has no gap.
        let lines = teu.run(["logs", &name]).ok();
        let numbers: Vec<u32> = lines
            .lines()
            .map(|line| line.split(' ').nth(1).expect("a number").parse().expect("a number"))
            .collect();
        assert!(
            numbers.len() > 3000 && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
            "{driver}: {}",
            numbers.len()
        );
        let text = std::fs::read_to_string(&path).expect("a file");
        let first = text.lines().next().expect("a line");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(first).is_ok(),
            driver == "json-file",
            "{first}"
        );
    }
    run(&teu, "mute", "--log-driver none", "echo unheard");
    teu.run(["wait", "mute"]).ok();
    let folder = teu.root().join("containers");
    let holds = |text: &str| {
        teu_tests::host(&format!(
            "grep -rl {text} {} --include='*log*' 2>/dev/null | wc -l",
            folder.display()
        ))
    };
    assert_eq!(holds("unheard"), "0");
    teu.finish();
}
