//! Each flag of `run` as the container's own process finds it: what the kernel says there, and not what was stored.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::Path;
use teu_tests::{Teu, host};

/// A flag, what the container asks, and what it must hear.
type Case<'a> = (&'a str, &'a str, &'a str);

#[track_caller]
fn check(teu: &Teu, cases: &[Case<'_>]) {
    for (flags, script, heard) in cases {
        let words = ["run", "--rm"].into_iter().chain(flags.split(' ').filter(|word| !word.is_empty()));
        let none = if flags.contains("--network") { None } else { Some(["--network", "none"]) };
        let words = words.chain(none.into_iter().flatten()).chain(["busybox", "sh", "-c", script]);
        let output = teu.run(words);
        assert_eq!(output.stdout.trim_end(), *heard, "{flags}: {script}: {output:?}");
    }
}

/// The file of a limit inside of the container, on whichever version of control groups this host has.
fn limit(old: &str, new: &str) -> String {
    let (controller, file) = old.split_once('/').expect("controller/file");
    let old = format!("/sys/fs/cgroup/{controller}/{file}");
    format!("if [ -e {old} ]; then cat {old}; else cat /sys/fs/cgroup/{new}; fi")
}

fn is_unified() -> bool {
    Path::new("/sys/fs/cgroup/cgroup.controllers").exists()
}

#[test]
fn process_flags_reach_the_process() {
    let teu = Teu::with_busybox();
    let folder = teu.root().join("given");
    std::fs::create_dir(&folder).expect("a folder");
    let environment = folder.join("env");
    std::fs::write(
        &environment,
        "\u{feff}# a comment\nA=1\n\nB= spaced \nUNSET_ANYWHERE\nC='quoted'\nD=a=b\n",
    )
    .expect("a file");
    let env_file = format!("--env-file {}", environment.display());
    check(
        &teu,
        &[
            ("--hostname box.example", "hostname", "box.example"),
            ("--domainname example.org", "cat /proc/sys/kernel/domainname", "example.org"),
            ("-e A=1 -e B --env C=x=y", "echo $A-$B-$C", "1--x=y"),
            (
                &env_file,
                "echo \"[$A][$B][${UNSET_ANYWHERE-no}][$C][$D]\"",
                "[1][ spaced ][no]['quoted'][a=b]",
            ),
            ("-w /made/here", "pwd", "/made/here"),
            ("-u 1000:1001 --group-add 77 --group-add 78", "id -u; id -g; id -G", "1000\n1001\n1001 77 78"),
            ("--entrypoint=/bin/echo", "x", "sh -c x"),
            ("-t", "tty", "/dev/pts/0"),
            ("--init", "cat /proc/1/comm", "teu-init"),
            ("--init=false", "cat /proc/1/comm; true", "sh"),
            ("--ulimit nofile=100:200", "ulimit -Sn; ulimit -Hn", "100\n200"),
            ("--ulimit nofile=123", "ulimit -Sn; ulimit -Hn", "123\n123"),
            (
                "--ulimit core=0 --ulimit nproc=50:60",
                "ulimit -c; grep processes /proc/self/limits | tr -s ' '",
                "0\nMax processes 50 60 processes",
            ),
            ("--oom-score-adj 321", "cat /proc/self/oom_score_adj", "321"),
            (
                "--sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=9000",
                "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax",
                "1\n9000",
            ),
            ("--stop-signal USR1", "echo fine", "fine"),
        ],
    );
    teu.finish();
}

#[test]
fn flags_of_rights_are_the_kernels() {
    let teu = Teu::with_busybox();
    let effective = "grep CapEff /proc/self/status | cut -f2";
    let bounding = "grep CapBnd /proc/self/status | cut -f2";
    let seccomp = "grep '^Seccomp:' /proc/self/status | cut -f2";
    let new_rights = "grep NoNewPrivs /proc/self/status | cut -f2";
    let all = host("grep CapBnd /proc/self/status | cut -f2");
    check(
        &teu,
        &[
            ("", effective, "00000000a80425fb"),
            ("--cap-add NET_ADMIN", effective, "00000000a80435fb"),
            ("--cap-add cap_sys_time --cap-drop CHOWN", effective, "00000000aa0425fa"),
            ("--cap-drop ALL", bounding, "0000000000000000"),
            ("--cap-drop ALL --cap-add NET_BIND_SERVICE", bounding, "0000000000000400"),
            ("--cap-add ALL", bounding, &all),
            ("-u 5 --cap-add NET_ADMIN", effective, "0000000000000000"),
            ("--privileged", effective, &all),
            ("", seccomp, "2"),
            ("--privileged", seccomp, "0"),
            ("--security-opt seccomp=unconfined", seccomp, "0"),
            ("", new_rights, "0"),
            ("--security-opt no-new-privileges", new_rights, "1"),
            ("--security-opt no-new-privileges:true", new_rights, "1"),
            ("", "(echo 1 > /proc/sys/kernel/pid_max) 2>&1 | grep -c Read-only", "1"),
            ("--security-opt systempaths=unconfined", "mount | grep -c ' on /proc/'", "0"),
            ("--privileged", "mount | grep ' on /sys ' | grep -c '[(]rw'", "1"),
            ("--read-only", "touch /x 2>&1 | grep -c Read-only; touch /dev/shm/x && echo made", "1\nmade"),
            ("", "ls /dev | grep -c sda; ls -l /dev/null | cut -c1", "0\nc"),
            ("--device /dev/null:/dev/mine:r", "cat /dev/mine; echo x > /dev/mine", ""),
            ("--device /dev/zero:/dev/mine", "head -c 3 /dev/mine | wc -c", "3"),
            ("", "mknod /n c 1 2 && cat /n 2>&1 | grep -c 'not permitted'", "1"),
        ],
    );
    let rule = teu.run([
        "run",
        "--rm",
        "--network",
        "none",
        "--device-cgroup-rule",
        "c 1:2 r",
        "busybox",
        "sh",
        "-c",
        "mknod /n c 1 2; cat /n",
    ]);
    // The device itself answers now.
    assert!(rule.stderr.contains("No such device"), "{rule:?}");
    teu.finish();
}

#[test]
fn flags_of_namespaces_share_and_part() {
    let teu = Teu::with_busybox();
    teu.run([
        "run",
        "-d",
        "--name",
        "other",
        "--network",
        "none",
        "--ipc",
        "shareable",
        "-v",
        "/shared",
        "busybox",
        "sleep",
        "1000",
    ])
    .ok();
    let own = |kind: &str| host(&format!("readlink /proc/self/ns/{kind}"));
    let pid = teu.inspect("other", "{{.State.Pid}}");
    let others = |kind: &str| host(&format!("readlink /proc/{pid}/ns/{kind}"));
    for (flags, kind, whose) in [
        ("--pid host", "pid", own("pid")),
        ("--pid container:other", "pid", others("pid")),
        ("--ipc host", "ipc", own("ipc")),
        ("--ipc container:other", "ipc", others("ipc")),
        ("--uts host", "uts", own("uts")),
        ("--network host", "net", own("net")),
        ("--network container:other", "net", others("net")),
        ("--cgroupns host", "cgroup", own("cgroup")),
        ("--userns host", "user", own("user")),
    ] {
        check(&teu, &[(flags, &format!("readlink /proc/self/ns/{kind}"), &whose)]);
    }
    for kind in ["pid", "ipc", "uts", "net", "mnt"] {
        let inside = teu
            .run([
                "run",
                "--rm",
                "--network",
                "none",
                "busybox",
                "readlink",
                &format!("/proc/self/ns/{kind}"),
            ])
            .ok();
        assert!(inside != own(kind) && inside != others(kind), "{kind}");
    }
    check(
        &teu,
        &[
            ("--cgroupns private", "grep -c ':/$' /proc/self/cgroup | grep -vc '^0$'", "1"),
            ("--ipc none", "mount | grep -c ' /dev/shm '", "0"),
            ("--pid container:other", "ps | grep -c 'sleep 100[0]'", "1"),
            ("--network none", "ls /sys/class/net", "lo"),
            ("--shm-size 1m", "df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2", "1024"),
            ("--volumes-from other", "touch /shared/x && ls /shared", "x"),
            ("--volumes-from other:ro", "touch /shared/y 2>&1 | grep -c Read-only", "1"),
        ],
    );
    assert_eq!(teu.run(["exec", "other", "ls", "/shared"]).ok(), "x");
    teu.finish();
}

#[test]
fn flags_of_mounts_and_names_are_seen() {
    let teu = Teu::with_busybox();
    let source = teu.root().join("source");
    std::fs::create_dir(&source).expect("a folder");
    std::fs::write(source.join("file"), "here").expect("a file");
    let place = source.display();
    check(
        &teu,
        &[
            (
                "--tmpfs /t:size=64k,mode=700",
                "stat -c %a /t; df -k /t | tail -1 | tr -s ' ' | cut -d' ' -f2",
                "700\n64",
            ),
            ("--tmpfs /t", "mount | grep ' /t ' | grep -o 'nosuid,nodev,noexec'", "nosuid,nodev,noexec"),
            (
                "--mount type=tmpfs,dst=/m,tmpfs-size=128k,tmpfs-mode=1770",
                "stat -c %a /m; df -k /m | tail -1 | tr -s ' ' | cut -d' ' -f2",
                "1770\n128",
            ),
            (
                &format!("--mount type=bind,src={place},dst=/b,readonly"),
                "cat /b/file; touch /b/x 2>&1 | grep -c Read-only",
                "here1",
            ),
            (&format!("-v {place}:/b:ro"), "cat /b/file; touch /b/x 2>&1 | grep -c Read-only", "here1"),
            (&format!("-v {place}:/b"), "echo -n more >> /b/file; cat /b/file", "heremore"),
            ("-v named:/v", "echo kept > /v/x; cat /v/x", "kept"),
            ("-v named:/v", "cat /v/x", "kept"),
            (
                "--mount type=volume,src=named,dst=/v,ro",
                "cat /v/x; touch /v/y 2>&1 | grep -c Read-only",
                "kept\n1",
            ),
            (
                "--add-host there:10.1.2.3 --add-host=six:[::1]",
                "grep -E 'there|six' /etc/hosts | tr '\\t' ' '",
                "10.1.2.3 there\n::1 six",
            ),
            (
                "--dns 9.9.9.9 --dns-search example.org --dns-option ndots:3",
                "cat /etc/resolv.conf | grep -v '^#'",
                "nameserver 9.9.9.9\nsearch example.org\noptions ndots:3",
            ),
        ],
    );
    teu.run(["volume", "rm", "named"]).ok();
    teu.finish();
}

#[test]
fn limits_are_the_kernels() {
    let teu = Teu::with_busybox();
    let memory = limit("memory/memory.limit_in_bytes", "memory.max");
    let quota = limit("cpu/cpu.cfs_quota_us", "cpu.max");
    let unified = is_unified();
    let of = |old: &str, new: &str| if unified { new.to_owned() } else { old.to_owned() };
    check(
        &teu,
        &[
            ("-m 64m", &memory, "67108864"),
            ("--memory 65536k", &memory, "67108864"),
            ("--memory 67108864b", &memory, "67108864"),
            ("-m 0.0625g", &memory, "67108864"),
            (
                "-m 64m --memory-swap 96m",
                &limit("memory/memory.memsw.limit_in_bytes", "memory.swap.max"),
                &of("100663296", "33554432"),
            ),
            (
                "-m 64m --memory-swap -1",
                &limit("memory/memory.memsw.limit_in_bytes", "memory.swap.max"),
                &of("9223372036854771712", "max"),
            ),
            (
                "-m 64m",
                &limit("memory/memory.memsw.limit_in_bytes", "memory.swap.max"),
                &of("134217728", "67108864"),
            ),
            (
                "-m 64m --memory-reservation 32m",
                &limit("memory/memory.soft_limit_in_bytes", "memory.low"),
                "33554432",
            ),
            ("--cpus 0.5", &quota, &of("50000", "50000 100000")),
            ("--cpus 1.25", &quota, &of("125000", "125000 100000")),
            ("--cpu-period 50000 --cpu-quota 25000", &quota, &of("25000", "25000 50000")),
            ("--cpu-shares 512", &limit("cpu/cpu.shares", "cpu.weight"), &of("512", "59")),
            ("-c 2", &limit("cpu/cpu.shares", "cpu.weight"), &of("2", "1")),
            ("--cpuset-cpus 0 --cpuset-mems 0", "grep Cpus_allowed_list /proc/self/status | cut -f2", "0"),
            ("--pids-limit 42", &limit("pids/pids.max", "pids.max"), "42"),
            ("--pids-limit -1", &limit("pids/pids.max", "pids.max"), "max"),
            ("--pids-limit 0", &limit("pids/pids.max", "pids.max"), "max"),
        ],
    );
    if !unified {
        check(
            &teu,
            &[(
                "-m 64m --oom-kill-disable",
                "grep oom_kill_disable /sys/fs/cgroup/memory/memory.oom_control",
                "oom_kill_disable 1",
            )],
        );
    }
    let parent = format!("/teu-flags-{}", std::process::id());
    teu.run([
        "run",
        "-d",
        "--name",
        "below",
        "--network",
        "none",
        "--cgroup-parent",
        &parent,
        "busybox",
        "sleep",
        "1000",
    ])
    .ok();
    let groups = host(&format!("cat /proc/{}/cgroup", teu.inspect("below", "{{.State.Pid}}")));
    assert!(groups.lines().any(|line| line.contains(&format!(":{parent}/"))), "{groups}");
    teu.run(["rm", "-f", "below"]).ok();
    let _ = host(&format!(
        "find /sys/fs/cgroup -depth -type d -path '*{parent}' -exec rmdir {{}} + 2>/dev/null; true"
    ));
    teu.finish();
}

#[test]
fn wrong_values_are_dockers_errors() {
    let teu = Teu::with_busybox();
    let file = teu.root().join("cid");
    std::fs::write(&file, "").expect("a file");
    let existing = format!("--cidfile {}", file.display());
    for (flags, word) in [
        ("-m 5m", "6MB"),
        ("-m 64x", "64x"),
        ("-m 64m --memory-swap 32m", "swap"),
        ("-m 64m --memory-reservation 128m", "reservation"),
        ("--memory-swap 64m", "memory"),
        ("--cpus 0.00001", "cpus"),
        ("--cpus -1", "cpus"),
        ("--cpus 1 --cpu-quota 1000", "cpus"),
        ("--cpu-period 1", "period"),
        ("--cpu-quota 5", "quota"),
        ("--cpuset-cpus 9999", "9999"),
        ("--cpuset-cpus x", "x"),
        ("--ulimit nofile=200:100", "nofile"),
        ("--ulimit nosuch=1", "nosuch"),
        ("--ulimit nofile", "nofile"),
        ("--oom-score-adj 2000", "1000"),
        ("--blkio-weight 5", "10"),
        ("--restart sometimes", "sometimes"),
        ("--restart on-failure:x", "x"),
        ("--restart always --rm", "rm"),
        ("--network container:nosuch", "nosuch"),
        ("--pid container:nosuch", "nosuch"),
        ("--cap-add NOSUCH", "NOSUCH"),
        ("--security-opt nosuch=1", "nosuch"),
        ("--device /dev/nosuch", "nosuch"),
        ("--device-cgroup-rule x", "x"),
        ("--log-driver nosuch", "nosuch"),
        ("--log-opt nosuch=1", "nosuch"),
        ("--sysctl kernel.hostname=x", "kernel.hostname"),
        ("--sysctl nosuch", "nosuch"),
        ("--env-file /nosuch", "nosuch"),
        ("--label-file /nosuch", "nosuch"),
        ("--stop-signal NOSUCH", "NOSUCH"),
        ("--tmpfs relative", "relative"),
        ("--mount type=nosuch,dst=/x", "nosuch"),
        ("--mount type=bind,src=/nosuch,dst=/x", "nosuch"),
        ("-v relative/path:/x", "relative"),
        ("-w relative", "relative"),
        ("--pull sometimes", "sometimes"),
        ("--pull never nosuch:none", "nosuch"),
        ("--isolation hyperv", "isolation"),
        (&existing, "cid"),
    ] {
        let words = ["run", "--rm"].into_iter().chain(flags.split(' '));
        let words = words.chain(if flags.contains("--network") { vec![] } else { vec!["--network", "none"] });
        let output = teu.run(words.chain(["busybox", "true"]));
        assert!(
            output.code == 125 && output.stderr.to_lowercase().contains(&word.to_lowercase()),
            "{flags}: {output:?}"
        );
        assert!(!output.stderr.contains("panicked"), "{flags}: {output:?}");
    }
    assert_eq!(teu.run(["ps", "-aq"]).ok(), "", "a refused container is not kept");
    teu.finish();
}

#[test]
fn what_is_written_beside_and_stored_is_right() {
    let teu = Teu::with_busybox();
    let (file, labels) = (teu.root().join("cid"), teu.root().join("labels"));
    std::fs::write(&labels, "# none\nfrom=file\nonly\n").expect("a file");
    let (cid, labels) = (file.display().to_string(), labels.display().to_string());
    teu.run([
        "run",
        "-d",
        "--name",
        "box",
        "--network",
        "none",
        "--cidfile",
        &cid,
        "--label-file",
        &labels,
        "-l",
        "from2=flag",
        "--annotation",
        "a.b/c=d",
        "--stop-signal",
        "USR1",
        "--stop-timeout",
        "3",
        "--restart",
        "on-failure:3",
        "--log-driver",
        "json-file",
        "--log-opt",
        "max-size=1m",
        "--log-opt",
        "max-file=2",
        "busybox",
        "sh",
        "-c",
        "trap 'exit 7' USR1; echo ready; while :; do sleep 0.05; done",
    ])
    .ok();
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), teu.inspect("box", "{{.Id}}"));
    for (field, value) in [
        ("index .Config.Labels \"from\"", "file"),
        ("index .Config.Labels \"only\"", ""),
        ("index .Config.Labels \"from2\"", "flag"),
        ("index .HostConfig.Annotations \"a.b/c\"", "d"),
        (".Config.StopSignal", "USR1"),
        (".Config.StopTimeout", "3"),
        (".HostConfig.RestartPolicy.Name", "on-failure"),
        (".HostConfig.RestartPolicy.MaximumRetryCount", "3"),
        (".HostConfig.LogConfig.Type", "json-file"),
        ("index .HostConfig.LogConfig.Config \"max-size\"", "1m"),
    ] {
        assert_eq!(teu.inspect("box", &format!("{{{{{field}}}}}")), value, "{field}");
    }
    teu.wait_until("its trap is set", || teu.run(["logs", "box"]).stdout.contains("ready"));
    teu.run(["stop", "box"]).ok();
    assert_eq!(teu.inspect("box", "{{.State.ExitCode}} {{.State.Status}}"), "7 exited");
    teu.run(["rm", "box"]).ok();

    // Streams are attached one by one.
    let both = "echo out; echo err >&2";
    let only = |stream: &str| {
        teu.run(["run", "--rm", "--network", "none", "-a", stream, "busybox", "sh", "-c", both])
    };
    assert_eq!((only("stdout").stdout.as_str(), only("stdout").stderr.as_str()), ("out\n", ""));
    assert_eq!((only("stderr").stdout.as_str(), only("stderr").stderr.as_str()), ("", "err\n"));
    teu.run([
        "run",
        "-d",
        "--name",
        "mute",
        "--network",
        "none",
        "--log-driver",
        "none",
        "busybox",
        "sh",
        "-c",
        both,
    ])
    .ok();
    teu.run(["wait", "mute"]).ok();
    assert!(teu.run(["logs", "mute"]).fails_with(1).contains("log"));
    teu.run([
        "run",
        "-d",
        "--name",
        "sick",
        "--network",
        "none",
        "--health-cmd",
        "test -e /well",
        "--health-interval",
        "100ms",
        "--health-retries",
        "2",
        "busybox",
        "sleep",
        "1000",
    ])
    .ok();
    let health =
        |wanted: &str| teu.wait_until(wanted, || teu.inspect("sick", "{{.State.Health.Status}}") == wanted);
    health("unhealthy");
    teu.run(["exec", "sick", "touch", "/well"]).ok();
    health("healthy");
    teu.finish();
}

/// Flags are found wrong before anything is made, with Docker's exit codes.
#[test]
fn wrong_flags_make_nothing() {
    let teu = Teu::with_busybox();
    let keys = ["run", "-it", "--detach-keys", "nonsense", "--name", "box", "busybox", "true"];
    assert!(teu.run(keys).fails_with(125).contains("invalid detach keys (nonsense)"));
    assert!(teu.run(["create", "-p", "bad", "--name", "box", "busybox"]).fails_with(125).contains("bad"));
    assert!(teu.run(["create", "--name", "a/b", "busybox"]).fails_with(1).contains("Invalid container name"));
    assert_eq!(teu.run(["ps", "-aq"]).ok(), "");
    teu.finish();
}
