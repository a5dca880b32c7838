//! A container's first process comes to its program by one of two ways: straight from the child that prepared it, or
//! over a program of a few calls. The program must not be able to tell which.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{bundle, pipe, request, run, shell};
use oci_spec::runtime::Spec;
use serde_json::{Value, json};
use std::os::fd::AsFd;
use teu_runtime::{Created, Gate, create};

/// Everything that the kernel says of a process but what differs from one to the next.
const LOOK: &str = "grep -vE '^(Vm|Rss|Hugetlb|SigQ|Pid|Tgid|NSpid|NSpgid|NSsid|NStgid|Ngid|.*ctxt|FDSize|Cpus|Mems)' \
    /proc/self/status; cat /proc/self/limits /proc/self/oom_score_adj /proc/self/personality /proc/self/cmdline; \
    cat /proc/1/comm; ls /proc/1/fd; id; pwd; ulimit -a; umask; tty; echo \"$-|$HOME|$A|$PATH\"";

fn changed(change: impl FnOnce(&mut Value)) -> Spec {
    let mut value = serde_json::to_value(shell(LOOK)).unwrap();
    value["process"]["env"] = json!(["PATH=/bin", "A=", "A=2"]);
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

/// What a program finds; with `straight`, without the trampoline: a personality, even the common one, excludes it.
fn found(straight: bool, change: impl Fn(&mut Value)) -> String {
    let dir = bundle();
    let spec = changed(|value| {
        change(value);
        if straight {
            value["linux"]["personality"] = json!({"domain": "LINUX"});
        }
    });
    let ended = run(dir.path(), &spec).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.output);
    ended.output
}

fn filter() -> Value {
    json!({
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}],
    })
}

#[test]
fn a_program_finds_the_same_on_both_ways() {
    let sets: [&[&str]; 4] = [
        &[],
        &["CAP_CHOWN", "CAP_KILL"],
        &["CAP_SYS_ADMIN"],
        &["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"],
    ];
    let mut compared = 0;
    for uid in [0, 1000] {
        for filtered in [false, true] {
            for fixed in [false, true] {
                for bounding in sets {
                    for ambient in [&[][..], bounding] {
                        let change = |value: &mut Value| {
                            let process = &mut value["process"];
                            process["user"] =
                                json!({"uid": uid, "gid": uid, "additionalGids": [5, 7], "umask": 23});
                            process["noNewPrivileges"] = fixed.into();
                            process["capabilities"] = json!({
                                "bounding": bounding,
                                "permitted": bounding,
                                "effective": bounding,
                                "inheritable": ambient,
                                "ambient": ambient,
                            });
                            process["rlimits"] = json!([{"type": "RLIMIT_NOFILE", "soft": 77, "hard": 99}]);
                            if filtered {
                                value["linux"]["seccomp"] = filter();
                            }
                        };
                        let (over, straight) = (found(false, change), found(true, change));
                        assert_eq!(over, straight, "{uid} {filtered} {fixed} {bounding:?} {ambient:?}");
                        assert!(
                            over.contains(if filtered { "Seccomp:\t2" } else { "Seccomp:\t0" }),
                            "{over}"
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    assert_eq!(compared, 64);
}

#[test]
fn the_filter_holds_the_program_whoever_runs_it() {
    for uid in [0, 1000] {
        let dir = bundle();
        let spec = changed(|value| {
            value["process"]["args"] = json!(["/bin/mkdir", "/tmp/x"]);
            value["process"]["user"] = json!({"uid": uid, "gid": uid});
            value["process"]["noNewPrivileges"] = false.into();
            value["linux"]["seccomp"] = filter();
        });
        let ended = run(dir.path(), &spec).unwrap();
        assert!(ended.output.contains("not supported"), "{ended:?}");
    }
}

#[test]
fn a_filter_that_refuses_what_follows_it_is_told() {
    let dir = bundle();
    let spec = changed(|value| {
        value["process"]["noNewPrivileges"] = false.into();
        value["linux"]["seccomp"] = filter();
        value["linux"]["seccomp"]["syscalls"][0]["names"] = json!(["capset", "execve"]);
    });
    let error = run(dir.path(), &spec).unwrap_err().to_string();
    assert!(error.contains("set capabilities") && error.contains("not supported"), "{error}");
}

#[test]
fn a_filter_that_refuses_everything_ends_the_process() {
    let dir = bundle();
    let spec = changed(|value| {
        value["process"]["noNewPrivileges"] = false.into();
        value["linux"]["seccomp"] =
            json!({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"]});
    });
    // It can tell nobody why; but it must not go on trying to end.
    match run(dir.path(), &spec) {
        Ok(ended) => assert_ne!(ended.code, 0),
        Err(error) => assert!(error.to_string().contains("process"), "{error}"),
    }
}

#[test]
fn descriptors_of_the_launcher_do_not_come_along_and_preserved_ones_do() {
    let dir = bundle();
    let spec = changed(|value| value["process"]["args"] = json!(["/bin/ls", "/proc/self/fd"]));
    let (read, write) = pipe();
    let mut wanted = request(dir.path(), &spec);
    wanted.stdio = [None, Some(write.as_fd().try_clone_to_owned().unwrap()), Some(write)];
    let running = create(wanted).and_then(Created::start).unwrap();
    // The fourth is of the folder that is being listed.
    assert_eq!(common::finish(running, read).output, "0\n1\n2\n3\n");
}

#[test]
fn the_waiting_process_is_named_small_and_out_of_reach() {
    let dir = bundle();
    let spec = changed(|value| value["process"]["args"] = json!(["sleep", "60"]));
    let created = create(request(dir.path(), &spec)).unwrap();
    let of = |name: &str| std::fs::read(format!("/proc/{}/{name}", created.pid())).unwrap();
    assert_eq!(of("comm"), b"teu-init\n");
    assert_eq!(of("cmdline"), b"teu-init\0/bin/sleep\0");
    assert_eq!(of("environ"), b"");
    let exe = std::fs::read_link(format!("/proc/{}/exe", created.pid())).unwrap();
    assert!(exe.to_string_lossy().starts_with("/memfd:teu-init"), "{exe:?}");
    let status = String::from_utf8(of("status")).unwrap();
    let pages = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = pages.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 200, "{status}");
    // A process that is not dumpable has files of root in procfs, whoever it is.
    assert_eq!(
        std::os::unix::fs::MetadataExt::uid(
            &std::fs::metadata(format!("/proc/{}/fd", created.pid())).unwrap()
        ),
        0
    );
    created.abort();
}

#[test]
fn the_end_of_the_creator_ends_the_waiting_process() {
    let dir = bundle();
    let spec = changed(|value| value["process"]["args"] = json!(["sleep", "60"]));
    let created = create(request(dir.path(), &spec)).unwrap();
    let (pid, cgroup) = created.leave();
    assert_eq!(teu_sys::process::wait_child(pid).unwrap(), (1, 0));
    cgroup.delete().unwrap();
}

#[test]
fn a_program_that_goes_away_while_it_waits_is_told_through_the_gate() {
    let dir = bundle();
    let program = dir.path().join("rootfs/bin/goes");
    std::fs::copy("/bin/busybox", &program).unwrap();
    let spec = changed(|value| value["process"]["args"] = json!(["/bin/goes"]));
    let created = create(request(dir.path(), &spec)).unwrap();
    std::fs::remove_file(&program).unwrap();
    let error = created.start().unwrap_err();
    assert_eq!(error.class, teu_runtime::ErrorClass::CommandNotFound, "{error}");

    std::fs::copy("/bin/busybox", &program).unwrap();
    let fifo = |name: &str| {
        let path = dir.path().join(name);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
        std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap()
    };
    let (gate, result) = (fifo("gate"), fifo("result"));
    let mut wanted = request(dir.path(), &spec);
    wanted.gate =
        Gate::Fifo { gate: gate.try_clone().unwrap().into(), result: result.try_clone().unwrap().into() };
    let (pid, cgroup) = create(wanted).unwrap().leave();
    std::fs::remove_file(&program).unwrap();
    std::io::Write::write_all(&mut &gate, b"1").unwrap();
    let mut told = [0u8; 12];
    std::io::Read::read_exact(&mut &result, &mut told).unwrap();
    assert_eq!(told[8..], 2i32.to_ne_bytes());
    assert_eq!(teu_sys::process::wait_child(pid).unwrap(), (1, 0));
    cgroup.delete().unwrap();
}
