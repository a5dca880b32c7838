//! A container's first process comes to its program by one of two ways: straight from the child that prepared it, or
//! over a program of a few calls. The program must not be able to tell which.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{bundle, pipe, request, run_request, shell};
use oci_spec::runtime::Spec;
use serde_json::{Value, json};
use std::os::fd::AsFd;
use std::path::Path;
use teu_runtime::{CreateRequest, Created, Gate, can_leave_program, create};

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

/// As the OCI commands ask for it: over the trampoline wherever that can be.
fn over<'a>(dir: &'a Path, spec: &'a Spec) -> CreateRequest<'a> {
    let mut wanted = request(dir, spec);
    wanted.leaves_program = can_leave_program(spec, 0).unwrap();
    wanted
}

/// What both ways find and how they end, over a bundle that a closure furnishes.
fn both(furnish: impl Fn(&Path), change: impl Fn(&mut Value)) -> [(String, i32); 2] {
    let spec = changed(change);
    let found = |ended: teu_runtime::Result<common::Ended>| match ended {
        Ok(ended) => (ended.output, ended.code),
        Err(error) => (error.to_string(), -1),
    };
    let dirs = [bundle(), bundle()];
    for dir in &dirs {
        furnish(&dir.path().join("rootfs"));
    }
    [found(run_request(over(dirs[0].path(), &spec))), found(run_request(request(dirs[1].path(), &spec)))]
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
    let (mut compared, mut left) = (0, 0);
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
                        left += u32::from(can_leave_program(&changed(change), 0).unwrap());
                        let [over, straight] = both(|_| {}, change);
                        assert_eq!(over, straight, "{uid} {filtered} {fixed} {bounding:?} {ambient:?}");
                        assert!(
                            over.0.contains(if filtered { "Seccomp:\t2" } else { "Seccomp:\t0" }),
                            "{over:?}"
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    // All but those of another user with rights that are not ambient, and with a filter but without no_new_privs.
    assert_eq!((compared, left), (64, 39));
}

#[test]
fn the_filter_holds_the_program_whoever_runs_it() {
    for (uid, fixed) in [(0, false), (0, true), (1000, false), (1000, true)] {
        let dir = bundle();
        let spec = changed(|value| {
            value["process"]["args"] = json!(["/bin/mkdir", "/tmp/x"]);
            value["process"]["user"] = json!({"uid": uid, "gid": uid});
            value["process"]["noNewPrivileges"] = fixed.into();
            value["linux"]["seccomp"] = filter();
        });
        let ended = run_request(over(dir.path(), &spec)).unwrap();
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
    let error = run_request(over(dir.path(), &spec)).unwrap_err().to_string();
    assert!(error.contains("set capabilities") && error.contains("not supported"), "{error}");
}

#[test]
fn a_filter_that_refuses_everything_ends_the_process() {
    for fixed in [false, true] {
        let dir = bundle();
        let spec = changed(|value| {
            value["process"]["noNewPrivileges"] = fixed.into();
            value["linux"]["seccomp"] =
                json!({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"]});
        });
        // It can tell nobody why; but it must not go on trying to end.
        match run_request(over(dir.path(), &spec)) {
            Ok(ended) => assert_ne!(ended.code, 0),
            Err(error) => assert!(error.to_string().contains("process"), "{error}"),
        }
    }
}

#[test]
fn a_second_process_reaches_the_first_as_ever() {
    for filtered in [false, true] {
        for fixed in [false, true] {
            let script = "busybox readlink /proc/1/exe; sh -c 'echo through > /proc/1/fd/1'";
            let [over, straight] = both(
                |_| {},
                |value| {
                    value["process"]["args"] = json!(["sh", "-c", script]);
                    value["process"]["noNewPrivileges"] = fixed.into();
                    if filtered {
                        value["linux"]["seccomp"] = filter();
                    }
                },
            );
            assert_eq!(over, straight, "{filtered} {fixed}");
            assert!(over.0.contains("/bin/busybox") && over.0.contains("through"), "{over:?}");
        }
    }
}

#[test]
fn a_file_s_capabilities_come_to_whoever_may_have_them() {
    let furnish = |root: &Path| {
        let program = root.join("bin/able");
        std::fs::copy("/bin/busybox", &program).unwrap();
        // struct vfs_cap_data, revision 2, effective; permitted: CAP_NET_BIND_SERVICE.
        let words = [0x0200_0001u32, 1 << 10, 0, 0, 0];
        let attribute: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(&program, "security.capability", &attribute, flags).unwrap();
        std::fs::create_dir(root.join("able")).unwrap();
        std::fs::rename(&program, root.join("able/cat")).unwrap();
    };
    let one = json!(["CAP_NET_BIND_SERVICE"]);
    for fixed in [false, true] {
        let [over, straight] = both(furnish, |value| {
            value["process"]["args"] = json!(["/able/cat", "/proc/self/status"]);
            value["process"]["user"] = json!({"uid": 1000, "gid": 1000});
            value["process"]["noNewPrivileges"] = fixed.into();
            value["process"]["capabilities"] = json!({"bounding": one, "permitted": one, "effective": one});
        });
        let permitted = |found: &(String, i32)| {
            found.0.lines().find(|line| line.starts_with("CapPrm")).map(str::to_owned)
        };
        assert!(permitted(&straight).is_some(), "{straight:?}");
        assert_eq!(permitted(&over), permitted(&straight), "{fixed}");
    }
}

#[test]
fn what_is_found_with_a_capability_is_executed_with_it() {
    let furnish = |root: &Path| {
        std::fs::create_dir(root.join("closed")).unwrap();
        std::fs::copy("/bin/busybox", root.join("closed/true")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(root.join("closed"), mode).unwrap();
    };
    let one = json!(["CAP_DAC_OVERRIDE"]);
    let [over, straight] = both(furnish, |value| {
        value["process"]["args"] = json!(["/closed/true"]);
        value["process"]["user"] = json!({"uid": 1000, "gid": 1000});
        value["process"]["capabilities"] = json!({"bounding": one, "permitted": one, "effective": one});
    });
    assert_eq!((over.1, straight.1), (0, 0), "{over:?} {straight:?}");
}

#[test]
fn small_limits_are_as_good_as_ever() {
    let few = (3..10).map(|limit| ("NOFILE", limit));
    let small = ["AS", "DATA", "STACK"].map(|name| [0, 1, 4096, 1 << 20].map(|limit| (name, limit)));
    for (name, limit) in few.chain(small.into_iter().flatten()) {
        let [over, straight] = both(
            |_| {},
            |value| {
                value["process"]["args"] = json!(["true"]);
                value["process"]["rlimits"] =
                    json!([{"type": format!("RLIMIT_{name}"), "soft": limit, "hard": limit}]);
            },
        );
        // How a program fares with hardly any memory is a matter of where the kernel happens to place what it has.
        let is_created = |found: &(String, i32)| found.1 != -1;
        assert_eq!(is_created(&over), is_created(&straight), "{name} {limit}: {over:?} {straight:?}");
        assert!(name != "NOFILE" || over == straight, "{limit}: {over:?} {straight:?}");
    }
}

#[test]
fn an_exec_that_is_answered_by_a_filter_is_the_last_call() {
    let answered = |number: u32| {
        both(
            |_| {},
            |value| {
                value["process"]["args"] = json!(["true"]);
                value["linux"]["seccomp"] = filter();
                value["linux"]["seccomp"]["syscalls"][0] =
                    json!({"names": ["execve"], "action": "SCMP_ACT_ERRNO", "errnoRet": number});
            },
        )
    };
    let [over, straight] = answered(4);
    assert_eq!(over, straight);
    assert!(over.0.contains("Interrupted"), "{over:?}");
    // As if it had succeeded.
    let [over, _] = answered(0);
    assert!(over.1 == -1 && over.0.contains("true"), "{over:?}");
}

#[test]
fn descriptors_of_the_launcher_do_not_come_along_and_preserved_ones_do() {
    let dir = bundle();
    let spec = changed(|value| value["process"]["args"] = json!(["/bin/ls", "/proc/self/fd"]));
    let (read, write) = pipe();
    let mut wanted = over(dir.path(), &spec);
    wanted.stdio = [None, Some(write.as_fd().try_clone_to_owned().unwrap()), Some(write)];
    let running = create(wanted).and_then(Created::start).unwrap();
    // The fourth is of the folder that is being listed.
    assert_eq!(common::finish(running, read).output, "0\n1\n2\n3\n");
}

#[test]
fn the_waiting_process_is_named_small_and_out_of_reach() {
    let dir = bundle();
    let spec = changed(|value| value["process"]["args"] = json!(["sleep", "60"]));
    let created = create(over(dir.path(), &spec)).unwrap();
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
    let created = create(over(dir.path(), &spec)).unwrap();
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
    let created = create(over(dir.path(), &spec)).unwrap();
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
    let mut wanted = over(dir.path(), &spec);
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

#[test]
fn a_launcher_that_counts_on_the_trampoline_does_not_go_without() {
    let kept = |change: &dyn Fn(&mut Value)| {
        let spec = changed(change);
        assert!(!can_leave_program(&spec, 0).unwrap());
        let dir = bundle();
        let mut wanted = request(dir.path(), &spec);
        wanted.leaves_program = true;
        let error = create(wanted).unwrap_err().to_string();
        assert!(error.contains("the container's first process"), "{error}");
    };
    kept(&|value| {
        value["linux"]["namespaces"].as_array_mut().unwrap().retain(|one| one["type"] != "pid");
    });
    kept(&|value| {
        value["linux"]["namespaces"].as_array_mut().unwrap().retain(|one| one["type"] != "mount");
    });
    kept(&|value| value["linux"]["rootfsPropagation"] = "shared".into());
    kept(&|value| {
        value["linux"]["namespaces"].as_array_mut().unwrap().push(json!({"type": "user"}));
        let mapping = json!([{"containerID": 0, "hostID": 100_000, "size": 65536}]);
        value["linux"]["uidMappings"] = mapping.clone();
        value["linux"]["gidMappings"] = mapping;
    });
    kept(&|value| {
        let limit = json!([{"type": "RLIMIT_DATA", "soft": 2 << 20, "hard": 2 << 20}]);
        value["process"]["rlimits"] = limit;
        value["process"]["env"] = json!(vec!["a".repeat(100_000); 15]);
    });
    kept(&|value| value["linux"]["personality"] = json!({"domain": "LINUX"}));
    kept(&|value| value["hooks"]["startContainer"] = json!([{"path": "/bin/true"}]));
    kept(&|value| {
        value["process"]["noNewPrivileges"] = false.into();
        value["linux"]["seccomp"] = filter();
    });
    kept(&|value| value["process"]["user"] = json!({"uid": 1000, "gid": 1000}));
    kept(&|value| value["process"]["capabilities"]["inheritable"] = json!(["CAP_SYS_ADMIN"]));
    assert!(can_leave_program(&changed(|_| {}), 0).unwrap());
}
