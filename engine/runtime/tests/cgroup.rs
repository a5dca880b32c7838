//! Limits as the kernel has them, on whatever version of control groups this host runs. `tests/vm/run` runs this suite
//! on a host with version 2 alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{bundle, finish, pipe, request, run, shell};
use oci_spec::runtime::{LinuxResources, Spec};
use serde_json::{Value, json};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use teu_runtime::cgroup::{Hierarchy, Version};
use teu_runtime::{Created, Running, create};

fn with(script: &str, resources: Value) -> Spec {
    let mut spec = shell(script);
    let resources: LinuxResources = serde_json::from_value(resources).unwrap();
    spec.linux_mut().as_mut().unwrap().set_resources(Some(resources));
    spec
}

/// The folder of a controller of a container's cgroup; `None` where this host lacks it.
fn folder(spec: &Spec, controller: &str) -> Option<PathBuf> {
    let path = spec.linux().as_ref().unwrap().cgroups_path().clone().unwrap();
    let hierarchy = Hierarchy::detect().unwrap();
    let root =
        hierarchy.roots.iter().find(|root| root.controller.is_empty() || root.controller == controller)?;
    Some(root.path.join(path.strip_prefix("/").unwrap()))
}

fn is_unified() -> bool {
    Hierarchy::detect().unwrap().version == Version::Unified
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_default().trim().to_string()
}

fn start(dir: &Path, spec: &Spec) -> Running {
    create(request(dir, spec)).and_then(Created::start).unwrap()
}

fn end(running: Running) {
    running.cgroup.kill_all().unwrap();
    teu_sys::process::wait_child(running.pid).unwrap();
    running.cgroup.delete().unwrap();
    assert!(!running.cgroup.exists());
}

#[test]
fn every_limit_is_the_kernels() {
    let dir = bundle();
    let spec = with(
        "sleep 60",
        json!({
            "memory": {"limit": 67_108_864, "reservation": 33_554_432},
            "cpu": {"shares": 512, "quota": 50_000, "period": 100_000, "burst": 1000, "cpus": "0", "mems": "0"},
            "pids": {"limit": 42},
        }),
    );
    let running = start(dir.path(), &spec);
    // Controller, file of version 1, file of version 2, value of each.
    let wanted = [
        ("memory", "memory.limit_in_bytes", "67108864", "memory.max", "67108864"),
        ("memory", "memory.soft_limit_in_bytes", "33554432", "memory.low", "33554432"),
        ("cpu", "cpu.shares", "512", "cpu.weight", "59"),
        ("cpu", "cpu.cfs_quota_us", "50000", "cpu.max", "50000 100000"),
        ("cpu", "cpu.cfs_period_us", "100000", "cpu.max", "50000 100000"),
        ("cpu", "cpu.cfs_burst_us", "1000", "cpu.max.burst", "1000"),
        ("cpuset", "cpuset.cpus", "0", "cpuset.cpus", "0"),
        ("cpuset", "cpuset.mems", "0", "cpuset.mems", "0"),
        ("pids", "pids.max", "42", "pids.max", "42"),
    ];
    for (controller, old_file, old_value, new_file, new_value) in wanted {
        let folder = folder(&spec, controller).unwrap();
        let (file, value) = if is_unified() { (new_file, new_value) } else { (old_file, old_value) };
        assert_eq!(read(&folder, file), value, "{file}");
        let members = read(&folder, "cgroup.procs");
        assert_eq!(members, running.pid.to_string(), "{controller}");
    }
    let changed = json!({"memory": {"limit": 134_217_728}, "cpu": {"quota": -1}, "pids": {"limit": -1}});
    running.cgroup.update(&serde_json::from_value(changed).unwrap()).unwrap();
    let usage = running.cgroup.usage().unwrap();
    assert_eq!((usage.memory_limit, usage.pids_limit), (134_217_728, None));
    let (file, value) = if is_unified() { ("cpu.max", "max 100000") } else { ("cpu.cfs_quota_us", "-1") };
    assert_eq!(read(&folder(&spec, "cpu").unwrap(), file), value);
    end(running);
}

#[test]
fn the_process_limit_stops_forks() {
    let dir = bundle();
    let script = "for i in 1 2 3 4 5 6 7 8; do sleep 2 & done 2>&1; wait";
    let ended = run(dir.path(), &with(script, json!({"pids": {"limit": 4}}))).unwrap();
    assert!(ended.output.contains("fork"), "{}", ended.output);
}

#[test]
fn running_out_of_memory_is_counted() {
    let dir = bundle();
    // A shell variable that doubles until the kernel has enough of it.
    let spec = with(
        "(x=0123456789; while true; do x=$x$x; done) 2>/dev/null; echo ended $?",
        json!({"memory": {"limit": 16_777_216, "swap": 16_777_216}}),
    );
    let (read, write) = pipe();
    let mut wanted = request(dir.path(), &spec);
    wanted.stdio[1] = Some(write);
    let created = create(wanted).unwrap();
    assert_eq!(created.cgroup().oom_kills(), 0);
    let running = created.start().unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut { read }, &mut text).unwrap();
    assert_eq!(text, "ended 137\n");
    assert!(running.cgroup.oom_kills() >= 1);
    end(running);
}

#[test]
fn frozen_processes_stand_still() {
    let dir = bundle();
    let spec = shell("while true; do echo tick; done");
    let (read, write) = pipe();
    rustix::fs::fcntl_setfl(&read, rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut wanted = request(dir.path(), &spec);
    wanted.stdio[1] = Some(write);
    let running = create(wanted).and_then(Created::start).unwrap();
    let drain = || {
        let mut buffer = [0u8; 8192];
        let mut total = 0;
        while let Ok(count) = rustix::io::read(&read, &mut buffer) {
            if count == 0 {
                break;
            }
            total += count;
            if total > 10_000_000 {
                break;
            }
        }
        total
    };
    running.cgroup.freeze().unwrap();
    assert!(running.cgroup.is_frozen().unwrap());
    drain();
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(drain(), 0, "a frozen process wrote");
    running.cgroup.thaw().unwrap();
    let goes_on = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        drain() > 0
    });
    assert!(goes_on, "it stands still");
    // Killing reaches frozen processes as well.
    running.cgroup.freeze().unwrap();
    end(running);
}

#[test]
fn device_rules_are_obeyed() {
    let dir = bundle();
    let rules = |more: &[Value]| {
        let mut all = vec![json!({"allow": false, "access": "rwm"})];
        all.extend_from_slice(more);
        json!({"devices": all})
    };
    // Whoever may write nothing else may open the kernel's log for writing.
    let script = "cat /dev/null && echo null; : >/dev/kmsg && echo written";
    let with_log = |rules: Value| {
        let mut spec = with(script, rules);
        let devices = json!([{"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11}]);
        spec.linux_mut().as_mut().unwrap().set_devices(Some(serde_json::from_value(devices).unwrap()));
        run(dir.path(), &spec).unwrap().output
    };
    let log = |allow: bool, access: &str| json!({"allow": allow, "type": "c", "major": 1, "minor": 11, "access": access});
    assert_eq!(with_log(rules(&[log(true, "w")])), "null\nwritten\n");
    for refused in [vec![], vec![log(true, "r")], vec![log(true, "rw"), log(false, "w")]] {
        let output = with_log(rules(&refused));
        assert!(output.starts_with("null\n") && !output.contains("written"), "{refused:?}: {output}");
    }
}

#[test]
fn unified_files_are_set_or_refused() {
    let dir = bundle();
    let spec = with("sleep 60", json!({"unified": {"memory.high": "41943040", "pids.max": "17"}}));
    if !is_unified() {
        let error = create(request(dir.path(), &spec)).unwrap_err().to_string();
        assert!(error.contains("unified") && error.contains("cgroup v1"), "{error}");
        assert!(!folder(&spec, "pids").unwrap().exists());
        return;
    }
    let running = start(dir.path(), &spec);
    let folder = folder(&spec, "").unwrap();
    assert_eq!(
        (read(&folder, "memory.high").as_str(), read(&folder, "pids.max").as_str()),
        ("41943040", "17")
    );
    end(running);
    for (name, value) in [("../x", "1"), ("cgroup.procs/x", "1"), ("memory.nothing", "1")] {
        let spec = with("true", json!({"unified": {name: value}}));
        assert!(create(request(dir.path(), &spec)).is_err(), "{name}");
    }
}

#[test]
fn a_container_sees_its_own_cgroup_as_the_root() {
    let dir = bundle();
    let mut spec = shell("cat /proc/self/cgroup; ls /sys/fs/cgroup; echo 1 > /sys/fs/cgroup/cgroup.procs");
    let mut value = serde_json::to_value(&spec).unwrap();
    let namespaces = value["linux"]["namespaces"].as_array_mut().unwrap();
    if !namespaces.iter().any(|one| one["type"] == "cgroup") {
        namespaces.push(json!({"type": "cgroup"}));
    }
    value["mounts"].as_array_mut().unwrap().retain(|mount| mount["type"] != "cgroup");
    value["mounts"].as_array_mut().unwrap().push(json!({"destination": "/sys/fs/cgroup", "type": "cgroup",
        "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]}));
    spec = serde_json::from_value(value).unwrap();
    let ended = run(dir.path(), &spec).unwrap();
    let marker = if is_unified() { "cgroup.procs" } else { "memory" };
    assert!(ended.output.contains(":/\n") && ended.output.contains(marker), "{}", ended.output);
}

#[test]
fn limits_that_cannot_be_are_refused_and_leave_nothing() {
    let dir = bundle();
    for (resources, word) in [
        (json!({"memory": {"limit": 67_108_864, "swap": 33_554_432}}), "swap"),
        (json!({"cpu": {"cpus": "999999"}}), "cpuset"),
        (json!({"hugepageLimits": [{"pageSize": "3MB", "limit": 1}]}), "hugetlb"),
    ] {
        let spec = with("true", resources);
        let error = create(request(dir.path(), &spec)).unwrap_err().to_string();
        assert!(error.contains(word) && error.lines().count() == 1, "{word}: {error}");
        for controller in ["memory", "cpu", "pids", "cpuset", "freezer"] {
            assert!(folder(&spec, controller).is_none_or(|folder| !folder.exists()), "{word}: {controller}");
        }
    }
}

#[test]
fn a_process_that_joins_is_in_the_cgroup() {
    let dir = bundle();
    let spec = shell("sleep 60");
    let running = start(dir.path(), &spec);
    let (read_end, write) = pipe();
    let mut process = spec.process().clone().unwrap();
    process.set_args(Some(["sh", "-c", "cat /proc/self/cgroup"].map(String::from).to_vec()));
    let cgroup = teu_runtime::Cgroup::open(running.cgroup.path()).unwrap();
    let mut wanted = teu_runtime::ExecRequest::new(running.pid, process, cgroup);
    wanted.stdio[1] = Some(write.as_fd().try_clone_to_owned().unwrap());
    drop(write);
    let added = teu_runtime::exec(wanted).unwrap();
    let path = format!(":{}", running.cgroup.path().display());
    let ended = finish(added, read_end);
    assert!(
        ended.output.contains(path.trim_start_matches(':')) || ended.output.contains(":/\n"),
        "{}",
        ended.output
    );
    teu_sys::process::wait_child(running.pid).unwrap();
}

#[test]
fn a_container_whose_init_moved_itself_below_can_be_entered() {
    if !is_unified() {
        // On version 1 every cgroup takes processes, whatever lies below.
        return;
    }
    let dir = bundle();
    let script = "cd /sys/fs/cgroup && mkdir inner && echo 1 > inner/cgroup.procs && \
                  echo +pids > cgroup.subtree_control && echo moved && sleep 60";
    let mut value = serde_json::to_value(shell(script)).unwrap();
    value["mounts"].as_array_mut().unwrap().retain(|mount| mount["destination"] != "/sys/fs/cgroup");
    value["mounts"].as_array_mut().unwrap().push(json!({"destination": "/sys/fs/cgroup", "type": "cgroup",
        "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "rw"]}));
    let spec: Spec = serde_json::from_value(value).unwrap();
    let (told, write) = pipe();
    let mut wanted = request(dir.path(), &spec);
    wanted.stdio[1] = Some(write);
    let running = create(wanted).and_then(Created::start).unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(told), &mut line).unwrap();
    assert_eq!(line, "moved\n");
    let (read_end, write) = pipe();
    let mut process = spec.process().clone().unwrap();
    process.set_args(Some(["cat", "/proc/self/cgroup"].map(String::from).to_vec()));
    let cgroup = teu_runtime::Cgroup::open(running.cgroup.path()).unwrap();
    let mut wanted = teu_runtime::ExecRequest::new(running.pid, process, cgroup);
    wanted.stdio[1] = Some(write);
    let added = teu_runtime::exec(wanted).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut { read_end }, &mut text).unwrap();
    assert!(text.contains("/inner"), "{text}");
    teu_sys::process::wait_child(added.pid).unwrap();
    end(running);
}

#[test]
fn on_a_hybrid_host_the_container_has_its_place_in_version_two_as_well() {
    if Hierarchy::detect().unwrap().version != Version::Hybrid {
        return;
    }
    let dir = bundle();
    let spec = shell("sleep 60");
    let running = start(dir.path(), &spec);
    let text = std::fs::read_to_string(format!("/proc/{}/cgroup", running.pid)).unwrap();
    let wanted = format!("0::/{}", running.cgroup.path().display());
    assert!(text.lines().any(|line| line == wanted), "{wanted} in {text}");
    end(running);
    let beside = Hierarchy::detect().unwrap().beside.unwrap();
    assert!(
        !beside
            .join(spec.linux().as_ref().unwrap().cgroups_path().clone().unwrap().strip_prefix("/").unwrap())
            .exists()
    );
}

#[test]
fn cpus_are_bound_later_and_nothing_stays_of_it() {
    let dir = bundle();
    let spec = shell("sleep 60 & sleep 60");
    let running = start(dir.path(), &spec);
    let changed: LinuxResources = serde_json::from_value(json!({"cpu": {"cpus": "0"}})).unwrap();
    // By whoever knows the path alone, as another command does.
    teu_runtime::Cgroup::open(running.cgroup.path()).unwrap().update(&changed).unwrap();
    for pid in running.cgroup.pids().unwrap() {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        assert!(status.contains("Cpus_allowed_list:\t0\n"), "{status}");
    }
    let place = folder(&spec, "cpuset").unwrap();
    assert_eq!(read(&place, "cpuset.cpus"), "0");
    let wrong: LinuxResources = serde_json::from_value(json!({"cpu": {"cpus": "999999"}})).unwrap();
    assert!(running.cgroup.update(&wrong).unwrap_err().to_string().contains("cpuset"));
    end(running);
    assert!(!place.exists());
}
