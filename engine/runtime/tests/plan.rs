//! Plans: what a configuration asks the kernel for, without a kernel.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use oci_spec::runtime::Spec;
use serde_json::{Value, json};
use teu_runtime::plan::{MountKind, Plan};

fn base() -> Value {
    json!({
        "ociVersion": "1.2.0",
        "root": {"path": "rootfs", "readonly": true},
        "process": {"user": {"uid": 0, "gid": 0}, "args": ["sh"], "env": ["PATH=/a:/b:"], "cwd": "/"},
        "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}, {"type": "cgroup"}, {"type": "time"},
            {"type": "network", "path": "/run/netns/x"}, {"type": "user", "path": "/run/userns/x"}]}
    })
}

fn plan(config: Value) -> Plan {
    Plan::from_spec(&serde_json::from_value::<Spec>(config).unwrap()).unwrap()
}

fn refusal(pointer: &str, value: Value) -> String {
    let mut config = base();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    config.pointer_mut(parent).unwrap()[key] = value;
    Plan::from_spec(&serde_json::from_value::<Spec>(config).unwrap()).unwrap_err().to_string()
}

#[test]
fn namespaces_are_made_joined_and_unshared_in_order() {
    let namespaces = plan(base()).namespaces;
    assert_eq!(namespaces.clone_flags, 0x2002_0000);
    assert!(namespaces.new_cgroup && namespaces.new_time && namespaces.has_user && !namespaces.new_user);
    // The user namespace first: the rights to join the others come from it.
    let kinds: Vec<u64> = namespaces.joins.iter().map(|join| join.kind).collect();
    assert_eq!(kinds, [0x1000_0000, 0x4000_0000]);
}

#[test]
fn the_path_is_searched_in_order() {
    let candidates = plan(base()).process.candidates;
    assert_eq!(candidates, [c"/a/sh".to_owned(), c"/b/sh".to_owned(), c"./sh".to_owned()]);
}

#[test]
fn mount_options_become_attributes_and_parameters() {
    let mut config = base();
    config["mounts"] = json!([
        {"destination": "/tmp/../t", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "noexec", "exec", "size=64k", "mode=1777", "ro", "noatime", "strictatime"]},
        {"destination": "b", "type": "none", "source": "/src", "options": ["rbind", "rro", "ro", "rslave", "private"]},
        {"destination": "/d", "type": "ext4", "source": "/dev/x", "options": ["ro", "data=ordered"]}
    ]);
    let mounts = plan(config).mounts;
    assert_eq!(mounts[0].destination.as_c_str(), c"/t");
    assert_eq!(mounts[0].attributes.set, 0x22);
    assert!(mounts[0].late_read_only);
    let MountKind::Filesystem { parameters, .. } = &mounts[0].kind else { panic!("{:?}", mounts[0]) };
    let wanted =
        [(c"size".to_owned(), Some(c"64k".to_owned())), (c"mode".to_owned(), Some(c"1777".to_owned()))];
    assert_eq!(parameters, &wanted);
    assert_eq!(mounts[1].destination.as_c_str(), c"/b");
    assert!(matches!(&mounts[1].kind, MountKind::Bind { recursive: true, .. }));
    assert_eq!((mounts[1].attributes.set, mounts[1].recursive_attributes.set), (1, 1));
    assert_eq!(mounts[1].propagation, [(1 << 19, true), (1 << 18, false)]);
    let MountKind::Filesystem { parameters, .. } = &mounts[2].kind else { panic!("{:?}", mounts[2]) };
    // The superblock of a real device is read-only too.
    assert_eq!(parameters[1], (c"ro".to_owned(), None));
}

#[test]
fn devices_that_every_container_has_are_added_once() {
    let mut config = base();
    config["linux"]["devices"] =
        json!([{"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 0o600}]);
    let devices = plan(config).devices;
    assert_eq!(devices.len(), 6);
    assert_eq!(devices[0].mode, 0o020_600);
    // In a user namespace nodes cannot be made: the host's are bound.
    assert!(devices.iter().all(|device| device.bind));
}

#[test]
fn what_is_wrong_is_refused_in_one_line() {
    for (pointer, value, word) in [
        ("/linux/sysctl", json!({"kernel.panic": "1"}), "whole machine"),
        ("/linux/sysctl", json!({"kernel.shmmax": "1"}), "needs a ipc namespace"),
        ("/linux/sysctl", json!({"net/../kernel/panic": "1"}), "not a parameter"),
        ("/linux/rootfsPropagation", json!("odd"), "unknown"),
        ("/linux/maskedPaths", json!(["relative"]), "not absolute"),
        ("/linux/timeOffsets", json!({"realtime": {"secs": 1}}), "unknown"),
        ("/process/rlimits", json!([{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}]), "soft is above hard"),
        ("/process/oomScoreAdj", json!(1001), "not between"),
        ("/process/ioPriority", json!({"class": "IOPRIO_CLASS_BE", "priority": 9}), "not between 0 and 7"),
        ("/mounts", json!([{"destination": "/x/.."}]), "root itself"),
        ("/mounts", json!([{"destination": "/x", "type": "bind"}]), "needs a source"),
        ("/hostname", json!("h"), "needs a uts"),
        ("/linux/devices", json!([{"path": "dev/x", "type": "c", "major": 1, "minor": 1}]), "not absolute"),
    ] {
        let line = refusal(pointer, value);
        assert!(line.contains(word) && line.lines().count() == 1, "{pointer}: {line}");
    }
}
