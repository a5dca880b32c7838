//! Real containers: what a process finds inside, and what is left outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{bundle, finish, output, pipe, request, run, shell};
use oci_spec::runtime::Mount;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, symlink};
use teu_runtime::{Console, Created, ErrorClass, ExecRequest, RootSource, create, exec, overlay};

#[test]
fn it_is_alone_in_its_namespaces() {
    let text = output("hostname; echo $$; ls /proc | grep -c '^[0-9]'; cat /proc/net/dev | grep -c :");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["inside", "1"]);
    // The shell, ls and grep; the loopback device.
    assert!(lines[2].parse::<u32>().unwrap() <= 3, "{text}");
    assert_eq!(lines[3], "1");
}

#[test]
fn rights_are_those_of_the_configuration() {
    let text = output("grep -E 'Cap|NoNew' /proc/self/status");
    for (name, bits) in [
        ("CapBnd", 0x21),
        ("CapEff", 0x21),
        ("CapPrm", 0x21),
        ("CapInh", 0),
        ("CapAmb", 0),
        ("NoNewPrivs", 1),
    ] {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        let value = line.split_whitespace().nth(1).unwrap();
        assert_eq!(u64::from_str_radix(value, 16).unwrap(), bits, "{line}");
    }
}

#[test]
fn masked_and_read_only_paths_hold() {
    let text = output(
        "cat /proc/keys /proc/timer_list; ls /proc/acpi /sys/firmware; touch /proc/sys/kernel/shmmax 2>&1; echo 1 > /proc/sysrq-trigger; true",
    );
    assert!(!text.contains("keyring") && !text.contains("DSDT"), "{text}");
    assert!(text.contains("Read-only file system") || text.contains("can't create"), "{text}");
}

#[test]
fn no_descriptor_leaks_in() {
    let dir = bundle();
    let secret =
        std::fs::File::open("/etc/hostname").or_else(|_| std::fs::File::open("/etc/passwd")).unwrap();
    // Without close-on-exec, as a careless caller would have it.
    rustix::io::fcntl_setfd(&secret, rustix::io::FdFlags::empty()).unwrap();
    let ended = run(dir.path(), &shell("ls -l /proc/self/fd")).unwrap();
    // 0, 1, 2 and the folder that ls reads.
    assert_eq!(
        ended.output.lines().filter(|line| line.contains(" 64 ") || line.contains("->")).count(),
        4,
        "{}",
        ended.output
    );
    let mut spec = shell("pwd");
    spec.process_mut()
        .as_mut()
        .unwrap()
        .set_cwd(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&secret)).into());
    assert!(run(dir.path(), &spec).is_err());
}

#[test]
fn a_cwd_through_a_descriptor_does_not_lead_out() {
    let dir = bundle();
    let host = rustix::fs::open("/", rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    for number in 0..64 {
        let mut spec = shell("pwd; ls");
        spec.process_mut().as_mut().unwrap().set_cwd(format!("/proc/self/fd/{number}").into());
        if let Ok(ended) = run(dir.path(), &spec) {
            assert!(!ended.output.contains("boot"), "{number}: {}", ended.output);
        }
    }
    drop(host);
}

#[test]
fn user_groups_umask_and_directory() {
    let dir = bundle();
    let mut spec = shell("id; pwd; umask; ls -ld . ; echo out > /dev/stderr");
    let process = spec.process_mut().as_mut().unwrap();
    process.set_cwd("/etc".into());
    let mut user = oci_spec::runtime::User::default();
    user.set_uid(1000).set_gid(1001).set_additional_gids(Some(vec![44, 55])).set_umask(Some(0o077));
    process.set_user(user);
    let ended = run(dir.path(), &spec).unwrap();
    assert!(
        ended.output.contains("uid=1000 gid=1001 groups=44,55")
            || ended.output.contains("uid=1000 gid=1001 groups=1001,44,55"),
        "{}",
        ended.output
    );
    assert!(ended.output.contains("/etc\n0077\n") && ended.output.ends_with("out\n"), "{}", ended.output);
}

#[test]
fn commands_that_cannot_run_are_told_apart() {
    let dir = bundle();
    std::fs::write(dir.path().join("rootfs/bin/plain"), "text").unwrap();
    std::fs::write(dir.path().join("rootfs/bin/odd"), "text").unwrap();
    std::fs::set_permissions(
        dir.path().join("rootfs/bin/odd"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    for (command, class) in [
        ("missing", ErrorClass::CommandNotFound),
        ("/bin/missing", ErrorClass::CommandNotFound),
        ("/bin/plain", ErrorClass::NotExecutable),
        ("/bin/odd", ErrorClass::NotExecutable),
        ("/bin", ErrorClass::NotExecutable),
    ] {
        let mut spec = shell("");
        spec.process_mut().as_mut().unwrap().set_args(Some(vec![command.into()]));
        let error = run(dir.path(), &spec).unwrap_err();
        assert_eq!(error.class, class, "{command}: {error}");
        let path = spec.linux().as_ref().unwrap().cgroups_path().clone().unwrap();
        assert!(!teu_runtime::Cgroup::open(&path).unwrap().exists(), "{command}");
    }
}

#[test]
fn a_terminal_is_the_containers_own() {
    let dir = bundle();
    let spec = shell(
        "tty; ls -l /dev/console; stty size 2>/dev/null || busybox stty size; read line; echo got $line",
    );
    let mut wanted = request(dir.path(), &spec);
    wanted.console = Console::Pty;
    wanted.console_size = Some((101, 33));
    let mut created = create(wanted).unwrap();
    let mut master = std::fs::File::from(created.take_console().unwrap());
    let running = created.start().unwrap();
    master.write_all(b"hello\n").unwrap();
    let mut text = Vec::new();
    let mut buffer = [0u8; 4096];
    // A terminal ends with EIO once its last process is gone.
    while let Ok(read) = rustix::io::read(&master, &mut buffer) {
        if read == 0 {
            break;
        }
        text.extend_from_slice(&buffer[..read]);
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("/dev/pts/0") || text.contains("/dev/console"), "{text}");
    assert!(text.contains("33 101") && text.contains("got hello"), "{text}");
    teu_sys::process::wait_child(running.pid).unwrap();
    running.cgroup.delete().unwrap();
}

#[test]
fn limits_reach_the_kernel() {
    let dir = bundle();
    let mut spec = shell("ulimit -n; cat /proc/self/oom_score_adj");
    let process = spec.process_mut().as_mut().unwrap();
    let limit = serde_json::json!([{"type": "RLIMIT_NOFILE", "soft": 77, "hard": 99}]);
    process.set_rlimits(Some(serde_json::from_value(limit).unwrap()));
    process.set_oom_score_adj(Some(500));
    let (read, write) = pipe();
    let linux = spec.linux_mut().as_mut().unwrap();
    let resources: oci_spec::runtime::LinuxResources =
        serde_json::from_value(serde_json::json!({"memory": {"limit": 33_554_432}, "pids": {"limit": 20}}))
            .unwrap();
    linux.set_resources(Some(resources));
    let mut wanted = request(dir.path(), &spec);
    wanted.stdio[1] = Some(write);
    let created = create(wanted).unwrap();
    let usage = created.cgroup().usage().unwrap();
    assert_eq!((usage.memory_limit, usage.pids_limit, usage.pids), (33_554_432, Some(20), 1));
    let ended = finish(created.start().unwrap(), read);
    assert_eq!(ended.output, "77\n500\n");
}

#[test]
fn mount_targets_do_not_follow_links_out() {
    let dir = bundle();
    let outside = tempfile::tempdir().unwrap();
    let root = dir.path().join("rootfs");
    symlink(outside.path(), root.join("escape")).unwrap();
    symlink("/../../../../../../../../../..", root.join("up")).unwrap();
    std::fs::write(dir.path().join("file"), "bound").unwrap();
    for target in ["/escape/made", "/up/made/deep"] {
        let mut spec = shell("true");
        let mut mounts = spec.mounts().clone().unwrap();
        let mut mount = Mount::default();
        mount
            .set_destination(target.into())
            .set_typ(Some("bind".into()))
            .set_source(Some(dir.path().join("file")));
        mount.set_options(Some(vec!["bind".into()]));
        mounts.push(mount);
        spec.set_mounts(Some(mounts));
        let _ = run(dir.path(), &spec);
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    assert!(!std::path::Path::new("/made").exists());
    // /proc and /sys must lie where they say.
    std::fs::create_dir(root.join("elsewhere")).unwrap();
    let _ = std::fs::remove_dir(root.join("proc"));
    symlink("/elsewhere", root.join("proc")).unwrap();
    assert!(run(dir.path(), &shell("true")).is_err());
}

#[test]
fn binds_are_read_only_all_the_way_down() {
    let dir = bundle();
    let source = dir.path().join("source");
    std::fs::create_dir_all(source.join("below")).unwrap();
    let mut spec = shell("touch /data/x 2>&1; touch /data/below/x 2>&1; true");
    let mut mounts = spec.mounts().clone().unwrap();
    let mut mount = Mount::default();
    mount.set_destination("/data".into()).set_typ(Some("bind".into())).set_source(Some(source.clone()));
    mount.set_options(Some(["rbind", "rro"].map(String::from).to_vec()));
    mounts.push(mount);
    spec.set_mounts(Some(mounts));
    let ended = run(dir.path(), &spec).unwrap();
    assert_eq!(ended.output.matches("Read-only").count(), 2, "{}", ended.output);
}

#[test]
fn user_namespaces_map_ids() {
    let dir = bundle();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut spec = shell("id; cat /proc/self/uid_map; ls -l /dev/null; touch /mine; echo $?");
    spec.root_mut().as_mut().unwrap().set_readonly(Some(false));
    let linux = spec.linux_mut().as_mut().unwrap();
    let mut namespaces = linux.namespaces().clone().unwrap();
    let mut user = oci_spec::runtime::LinuxNamespace::default();
    user.set_typ(oci_spec::runtime::LinuxNamespaceType::User);
    namespaces.push(user);
    linux.set_namespaces(Some(namespaces));
    let map: oci_spec::runtime::LinuxIdMapping =
        serde_json::from_value(serde_json::json!({"hostID": 100_000, "containerID": 0, "size": 65536}))
            .unwrap();
    linux.set_uid_mappings(Some(vec![map])).set_gid_mappings(Some(vec![map]));
    let root = dir.path().join("rootfs");
    for path in [root.clone(), root.join("etc"), root.join("bin")] {
        std::os::unix::fs::chown(path, Some(100_000), Some(100_000)).unwrap();
    }
    let ended = run(dir.path(), &spec).unwrap();
    assert!(
        ended.output.contains("uid=0") && ended.output.contains("100000") && ended.output.contains("1,   3"),
        "{}",
        ended.output
    );
    assert_eq!(std::fs::metadata(root.join("mine")).unwrap().uid(), 100_000);
}

#[test]
fn a_hundred_layers_and_an_upper_one() {
    let dir = bundle();
    let mut lower = Vec::new();
    for number in 0..120 {
        let layer = dir.path().join(format!("layer:{number}"));
        std::fs::create_dir_all(&layer).unwrap();
        std::fs::write(layer.join("top"), number.to_string()).unwrap();
        lower.push(layer);
    }
    lower.push(dir.path().join("rootfs"));
    let (upper, work) = (dir.path().join("upper"), dir.path().join("work"));
    std::fs::create_dir(&upper).unwrap();
    std::fs::create_dir(&work).unwrap();
    let mut spec = shell("cat /top; touch /new");
    spec.root_mut().as_mut().unwrap().set_readonly(Some(false));
    let mounts_before = std::fs::read_to_string("/proc/self/mountinfo")
        .unwrap()
        .lines()
        .filter(|l| l.contains("layer:"))
        .count();
    let (read, write) = pipe();
    let mut wanted = request(dir.path(), &spec);
    wanted.root = RootSource::Mount(overlay::mount(&lower, &upper, &work).unwrap());
    wanted.stdio[1] = Some(write);
    let ended = finish(create(wanted).and_then(Created::start).unwrap(), read);
    assert_eq!((ended.output.as_str(), upper.join("new").exists()), ("0", true));
    let after = std::fs::read_to_string("/proc/self/mountinfo")
        .unwrap()
        .lines()
        .filter(|l| l.contains("layer:"))
        .count();
    assert_eq!((mounts_before, after), (0, 0));
    overlay::mount_read_only(&lower).unwrap();
    assert!(overlay::mount_read_only(&[dir.path().join("absent"), dir.path().join("rootfs")]).is_err());
}

#[test]
fn exec_joins_everything() {
    let dir = bundle();
    let spec = shell("sleep 60");
    let running = create(request(dir.path(), &spec)).and_then(Created::start).unwrap();
    let (read, write) = pipe();
    let mut process = spec.process().clone().unwrap();
    process.set_args(Some(["sh", "-c", "hostname; cat /proc/1/comm; grep CapEff /proc/self/status; ls -l /proc/self/fd; readlink /proc/self/exe || busybox readlink /proc/self/exe"].map(String::from).to_vec()));
    let mut wanted = ExecRequest::new(
        running.pid,
        process.clone(),
        teu_runtime::Cgroup::open(running.cgroup.path()).unwrap(),
    );
    wanted.stdio[1] = Some(write);
    let mut added = exec(wanted).unwrap();
    assert!(running.cgroup.pids().unwrap().len() <= 3);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut { read }, &mut text).unwrap();
    teu_sys::process::wait_child(added.pid).unwrap();
    assert!(
        text.starts_with("inside\nsleep\n")
            || text.starts_with("inside\nbusybox\n")
            || text.starts_with("inside\nsh\n"),
        "{text}"
    );
    assert!(text.contains("0000000000000021"), "{text}");
    process.set_args(Some(vec!["absent".into()]));
    let wanted = ExecRequest::new(
        running.pid,
        process.clone(),
        teu_runtime::Cgroup::open(running.cgroup.path()).unwrap(),
    );
    assert_eq!(exec(wanted).unwrap_err().class, ErrorClass::CommandNotFound);
    process.set_args(Some(["sh", "-c", "tty; exit 9"].map(String::from).to_vec()));
    let mut wanted =
        ExecRequest::new(running.pid, process, teu_runtime::Cgroup::open(running.cgroup.path()).unwrap());
    wanted.console = Console::Pty;
    added = exec(wanted).unwrap();
    let master = added.console.take().unwrap();
    let mut buffer = [0u8; 256];
    let read = rustix::io::read(&master, &mut buffer).unwrap();
    assert!(String::from_utf8_lossy(&buffer[..read]).contains("/dev/pts/"));
    assert_eq!(teu_sys::process::wait_child(added.pid).unwrap().0, 9);
    running.cgroup.freeze().unwrap();
    assert!(running.cgroup.is_frozen().unwrap());
    running.cgroup.thaw().unwrap();
    running.cgroup.kill_all().unwrap();
    assert_eq!(teu_sys::process::wait_child(running.pid).unwrap().1, 9);
    running.cgroup.delete().unwrap();
    let gone = ExecRequest::new(
        running.pid,
        spec.process().clone().unwrap(),
        teu_runtime::Cgroup::open(running.cgroup.path()).unwrap(),
    );
    assert_eq!(exec(gone).unwrap_err().class, ErrorClass::Conflict);
}

#[test]
fn abort_and_failure_leave_nothing() {
    let dir = bundle();
    let mut spec = shell("true");
    let created = create(request(dir.path(), &spec)).unwrap();
    let (pid, path) = (created.pid(), created.cgroup().path().to_path_buf());
    created.abort();
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert!(!teu_runtime::Cgroup::open(&path).unwrap().exists());
    let mut mount = Mount::default();
    mount.set_destination("/x".into()).set_typ(Some("nosuchfs".into()));
    spec.set_mounts(Some(vec![mount]));
    let error = create(request(dir.path(), &spec)).unwrap_err();
    assert!(error.to_string().contains("nosuchfs at /x"), "{error}");
    assert!(!teu_runtime::Cgroup::open(&path).unwrap().exists());
}

#[test]
fn a_seccomp_filter_is_in_force() {
    let dir = bundle();
    for no_new_privileges in [true, false] {
        let mut spec = shell("mkdir /made 2>&1; grep Seccomp: /proc/self/status");
        spec.process_mut().as_mut().unwrap().set_no_new_privileges(Some(no_new_privileges));
        let filter = serde_json::from_value(serde_json::json!({"defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 122}]}));
        spec.linux_mut().as_mut().unwrap().set_seccomp(Some(filter.unwrap()));
        let ended = run(dir.path(), &spec).unwrap();
        assert!(ended.output.contains("uota") && ended.output.contains("Seccomp:\t2"), "{}", ended.output);
    }
}

#[test]
fn time_offsets_sysctls_and_hooks() {
    let dir = bundle();
    let log = dir.path().join("hooks");
    let mut spec = shell("cat /proc/uptime /proc/sys/net/ipv4/ip_unprivileged_port_start; cat /hooked");
    let hook = |name: &str, path: &str| serde_json::json!({"path": path, "args": ["sh", "-c", format!("echo {name} $(cat | /bin/busybox wc -c) >> {}", if name.contains("ontainer") { "/hooked".into() } else { log.display().to_string() })]});
    let hooks = serde_json::json!({"createRuntime": [hook("createRuntime", "/bin/sh")], "startContainer": [hook("startContainer", "/bin/sh")], "poststart": [hook("poststart", "/bin/sh")]});
    spec.set_hooks(Some(serde_json::from_value(hooks).unwrap()));
    spec.root_mut().as_mut().unwrap().set_readonly(Some(false));
    let linux = spec.linux_mut().as_mut().unwrap();
    let mut namespaces = linux.namespaces().clone().unwrap();
    let mut time = oci_spec::runtime::LinuxNamespace::default();
    time.set_typ(oci_spec::runtime::LinuxNamespaceType::Time);
    namespaces.push(time);
    linux.set_namespaces(Some(namespaces));
    linux.set_time_offsets(Some(
        serde_json::from_value(serde_json::json!({"boottime": {"secs": 1_000_000_000}})).unwrap(),
    ));
    linux.set_sysctl(Some([("net.ipv4.ip_unprivileged_port_start".to_string(), "77".to_string())].into()));
    let ended = run(dir.path(), &spec).unwrap();
    let uptime: f64 = ended.output.split_whitespace().next().unwrap().parse().unwrap();
    assert!(
        uptime > 1e9 && ended.output.contains("\n77\n") && ended.output.contains("startContainer"),
        "{}",
        ended.output
    );
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("createRuntime") && log.contains("poststart"), "{log}");
}

#[test]
fn starting_many_at_a_time_works() {
    let dir = bundle();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert_eq!(run(dir.path(), &shell("exit 3")).unwrap().code, 3);
                }
            });
        }
    });
}

#[test]
fn a_filter_may_refuse_what_the_runtime_itself_calls() {
    let dir = bundle();
    for no_new_privileges in [true, false] {
        let mut spec = shell("echo fine; grep -E 'CapEff|CapPrm' /proc/self/status");
        spec.process_mut().as_mut().unwrap().set_no_new_privileges(Some(no_new_privileges));
        let names = [
            "close_range",
            "dup3",
            "sendto",
            "sendmsg",
            "recvfrom",
            "chdir",
            "setresuid",
            "setgroups",
            "setsid",
            "sched_setaffinity",
            "mount",
            "openat2",
        ];
        let filter = serde_json::json!({"defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": names, "action": "SCMP_ACT_KILL_PROCESS"}]});
        spec.linux_mut().as_mut().unwrap().set_seccomp(Some(serde_json::from_value(filter).unwrap()));
        let ended = run(dir.path(), &spec).unwrap();
        assert!(ended.output.starts_with("fine\n"), "{}", ended.output);
        // What the filter needed to be loaded is gone.
        assert_eq!(ended.output.matches("0000000000000021").count(), 2, "{}", ended.output);
    }
}

#[test]
fn mount_namespaces_can_be_shared_or_joined() {
    let dir = bundle();
    let root = dir.path().join("rootfs");
    let own = std::fs::read_link("/proc/self/ns/mnt").unwrap();
    let change = |path: Option<String>| {
        let mut value = serde_json::to_value(shell("busybox readlink /proc/self/ns/mnt; ls /")).unwrap();
        let namespaces = value["linux"]["namespaces"].as_array_mut().unwrap();
        namespaces.retain(|one| one["type"] != "mount");
        if let Some(path) = path {
            namespaces.push(serde_json::json!({"type": "mount", "path": path}));
        }
        serde_json::from_value::<oci_spec::runtime::Spec>(value).unwrap()
    };
    let spec = change(None);
    let mut wanted = request(dir.path(), &spec);
    let (read, write) = pipe();
    wanted.stdio[1] = Some(write);
    let created = create(wanted).unwrap();
    let mounted = || {
        let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        table.lines().filter(|line| line.contains(&*root.display().to_string())).count()
    };
    assert!(mounted() > 3);
    created.abort();
    assert_eq!(mounted(), 0);
    drop(read);
    // In another's namespace nothing appears here, and the other's root stays.
    let mut holder = std::process::Command::new("unshare").args(["-m", "sleep", "60"]).spawn().unwrap();
    let path = format!("/proc/{}/ns/mnt", holder.id());
    for _ in 0..500 {
        if std::fs::read_link(&path).is_ok_and(|theirs| theirs != own) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let theirs = std::fs::read_link(&path).unwrap();
    let ended = run(dir.path(), &change(Some(path))).unwrap();
    assert!(ended.output.starts_with(&*theirs.display().to_string()), "{}", ended.output);
    assert!(ended.output.contains("\nbin\n") && !ended.output.contains("boot"), "{}", ended.output);
    assert_eq!(mounted(), 0);
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
fn a_poststart_hook_that_fails_ends_the_container() {
    let dir = bundle();
    let mut spec = shell("sleep 60");
    let hooks = serde_json::json!({"poststart": [{"path": "/bin/false"}]});
    spec.set_hooks(Some(serde_json::from_value(hooks).unwrap()));
    let created = create(request(dir.path(), &spec)).unwrap();
    let (pid, path) = (created.pid(), created.cgroup().path().to_path_buf());
    let error = created.start().unwrap_err().to_string();
    assert!(error.contains("poststart"), "{error}");
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert!(!teu_runtime::Cgroup::open(&path).unwrap().exists());
}

#[test]
fn binds_do_not_propagate_back() {
    let dir = bundle();
    let source = dir.path().join("shared");
    std::fs::create_dir(&source).unwrap();
    rustix::mount::mount("tmpfs", &source, "tmpfs", rustix::mount::MountFlags::empty(), None).unwrap();
    rustix::mount::mount_change(&source, rustix::mount::MountPropagationFlags::SHARED).unwrap();
    let mut spec = shell("grep ' /data ' /proc/self/mountinfo");
    let mut mounts = spec.mounts().clone().unwrap();
    let mut mount = Mount::default();
    mount.set_destination("/data".into()).set_typ(Some("bind".into())).set_source(Some(source.clone()));
    mount.set_options(Some(vec!["rbind".into()]));
    mounts.push(mount);
    spec.set_mounts(Some(mounts));
    let ended = run(dir.path(), &spec);
    rustix::mount::unmount(&source, rustix::mount::UnmountFlags::DETACH).unwrap();
    let ended = ended.unwrap();
    assert!(ended.output.contains("master:") && !ended.output.contains("shared:"), "{}", ended.output);
}

#[test]
fn a_mount_that_is_written_through_for_a_moment_becomes_read_only_all_the_same() {
    use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};
    use std::os::fd::AsFd as _;
    let context = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC).unwrap();
    fsconfig_create(context.as_fd()).unwrap();
    let mount = fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty()).unwrap();
    let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::CLOEXEC;
    let writer = rustix::fs::openat(&mount, "file", flags, rustix::fs::Mode::RWXU).unwrap();
    let change = teu_sys::mount::MountAttributes { set: 1, ..Default::default() };
    // The kernel's own answer while it is open.
    assert_eq!(
        teu_sys::mount::mount_setattr(mount.as_fd(), change, false, None).unwrap_err().raw_os_error(),
        Some(16)
    );
    let closed = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        drop(writer);
    });
    teu_sys::mount::mount_setattr(mount.as_fd(), change, false, None).unwrap();
    closed.join().unwrap();
    let refused = rustix::fs::openat(&mount, "other", flags, rustix::fs::Mode::RWXU).unwrap_err();
    assert_eq!(refused, rustix::io::Errno::ROFS);
}
