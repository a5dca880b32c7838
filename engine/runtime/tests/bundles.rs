//! Bundles that somebody else wrote: whatever is changed in a configuration, the runtime refuses it in one line or runs
//! it, and in either case nothing is left of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{bundle, shell, unique_id};
use oci_spec::runtime::Spec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use teu_runtime::cgroup::Hierarchy;
use teu_runtime::plan::{Plan, validate};

/// A configuration with something of everything.
fn rich() -> Value {
    let mut config = serde_json::to_value(shell("true")).unwrap();
    config["annotations"] = json!({"a": "b"});
    config["domainname"] = json!("domain");
    config["process"]["rlimits"] = json!([{"type": "RLIMIT_NOFILE", "hard": 64, "soft": 64}]);
    config["process"]["oomScoreAdj"] = json!(100);
    config["process"]["scheduler"] = json!({"policy": "SCHED_BATCH", "nice": 5});
    config["process"]["ioPriority"] = json!({"class": "IOPRIO_CLASS_BE", "priority": 4});
    config["process"]["consoleSize"] = json!({"height": 10, "width": 10});
    config["process"]["user"] = json!({"uid": 0, "gid": 0, "umask": 18, "additionalGids": [5]});
    config["process"]["execCPUAffinity"] = json!({"initial": "0", "final": "0"});
    config["mounts"].as_array_mut().unwrap().extend([
        json!({"destination": "/bound", "type": "bind", "source": "/etc/hostname", "options": ["rbind", "ro", "rprivate"]}),
        json!({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "tmpcopyup"]}),
    ]);
    let linux = &mut config["linux"];
    linux["sysctl"] = json!({"net.ipv4.ip_forward": "1"});
    linux["devices"] = json!([{"path": "/dev/probe", "type": "c", "major": 1, "minor": 5, "fileMode": 438, "uid": 0, "gid": 0}]);
    linux["personality"] = json!({"domain": "LINUX"});
    linux["resources"] = json!({
        "memory": {"limit": 67_108_864, "reservation": 33_554_432},
        "cpu": {"shares": 512, "quota": 50_000, "period": 100_000},
        "pids": {"limit": 64},
        "devices": [{"allow": true, "type": "c", "major": 1, "minor": 5, "access": "rwm"}],
        "blockIO": {"weight": 100}, "hugepageLimits": [], "unified": {},
    });
    linux["seccomp"] = json!({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
            "args": [{"index": 1, "value": 7, "valueTwo": 0, "op": "SCMP_CMP_EQ"}]}]});
    config
}

/// Values that configurations have where others are meant.
fn wrong_values() -> Vec<Value> {
    let mut deep = json!(1);
    for _ in 0..64 {
        deep = json!([deep]);
    }
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("/"),
        json!("."),
        json!("a\u{0}b"),
        json!("../../../../etc"),
        json!("\n\u{1b}[31m\r"),
        json!("ä".repeat(40_000)),
        json!([]),
        json!({}),
        json!(["x", 1, null]),
        json!({"": ""}),
        deep,
    ]
}

/// The pointers of all places in a document.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_string());
    match value {
        Value::Object(map) => {
            map.iter()
                .for_each(|(key, value)| places(value, &format!("{at}/{}", key.replace('/', "~1")), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

#[derive(Clone, Debug)]
enum Change {
    Put(Index, Index),
    Remove(Index),
    Twice(Index),
    /// One place gets what another holds.
    Copy(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), index()).prop_map(|(place, value)| Change::Put(place, value)),
        2 => index().prop_map(Change::Remove),
        1 => index().prop_map(Change::Twice),
        2 => (index(), index()).prop_map(|(to, from)| Change::Copy(to, from)),
    ]
}

fn apply(config: &mut Value, change: &Change) {
    let mut found = Vec::new();
    places(config, "", &mut found);
    let values = wrong_values();
    match change {
        Change::Put(place, value) => {
            *config.pointer_mut(place.get(&found).as_str()).unwrap() = value.get(&values).clone();
        }
        Change::Copy(to, from) => {
            let copy = config.pointer(from.get(&found).as_str()).unwrap().clone();
            *config.pointer_mut(to.get(&found).as_str()).unwrap() = copy;
        }
        Change::Remove(place) | Change::Twice(place) => {
            let Some((parent, key)) = place.get(&found).rsplit_once('/') else { return };
            match (config.pointer_mut(parent).unwrap(), change) {
                (Value::Object(map), Change::Remove(_)) => _ = map.remove(&key.replace("~1", "/")),
                (Value::Array(list), Change::Remove(_)) => _ = list.remove(key.parse().unwrap()),
                (Value::Array(list), _) => list.push(list[key.parse::<usize>().unwrap()].clone()),
                _ => {}
            }
        }
    }
}

fn changed(changes: &[Change]) -> Value {
    let mut config = rich();
    for change in changes {
        apply(&mut config, change);
    }
    config
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_configuration_is_planned_or_refused_in_one_line(changes in prop::collection::vec(change(), 1..4)) {
        let Ok(spec) = serde_json::from_value::<Spec>(changed(&changes)) else { return Ok(()) };
        if let Err(error) = validate(&spec).and_then(|()| Plan::from_spec(&spec).map(drop)) {
            let text = error.to_string();
            prop_assert!(!text.is_empty() && !text.chars().any(char::is_control), "{text:?}");
            prop_assert!(text.chars().count() < 600, "{} characters", text.chars().count());
        }
    }
}

/// What a configuration must keep to be run on somebody's machine: its own namespaces, root and cgroup, and no hooks.
fn contained(mut config: Value, cgroup: &str) -> Value {
    let kept = serde_json::to_value(shell("true")).unwrap();
    let Some(map) = config.as_object_mut() else { return config };
    map.remove("hooks");
    map.insert("root".into(), kept["root"].clone());
    if let Some(linux) = map.get_mut("linux").and_then(Value::as_object_mut) {
        linux.insert("namespaces".into(), kept["linux"]["namespaces"].clone());
        linux.insert("cgroupsPath".into(), cgroup.into());
        for key in ["rootfsPropagation", "uidMappings", "gidMappings"] {
            linux.remove(key);
        }
    } else {
        map.insert("linux".into(), kept["linux"].clone());
        map["linux"]["cgroupsPath"] = cgroup.into();
    }
    if let Some(process) = map.get_mut("process").and_then(Value::as_object_mut) {
        process.insert("terminal".into(), false.into());
    }
    config
}

/// What a run could have left: cgroups, mounts and the state of the container.
fn leftovers(state: &Path, cgroup: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Hierarchy::detect()
        .unwrap()
        .roots
        .iter()
        .map(|root| root.path.join(cgroup.trim_start_matches('/')))
        .filter(|path| path.exists())
        .collect();
    found.extend(std::fs::read_dir(state).into_iter().flatten().flatten().map(|entry| entry.path()));
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    found.extend(
        mounts
            .lines()
            .filter(|line| line.contains(state.parent().unwrap().to_str().unwrap()))
            .map(PathBuf::from),
    );
    found
}

fn run(dir: &Path, state: &Path) -> Output {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    Command::new(program.join("examples/oci"))
        .arg("--root")
        .arg(state)
        .args(["run", "--bundle"])
        .arg(dir)
        .arg("changed")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_bundle_runs_or_is_refused_and_leaves_nothing(changes in prop::collection::vec(change(), 1..3)) {
        let (dir, cgroup) = (bundle(), format!("/teu-{}", unique_id()));
        let config = contained(changed(&changes), &cgroup);
        std::fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
        let state = dir.path().join("state");
        let output = run(dir.path(), &state);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let errors: Vec<&str> = said.lines().filter(|line| !line.contains(": warning: ")).collect();
        prop_assert!(!said.contains("panicked"), "{said}");
        // What the bundle's program says of its own arguments is not the runtime's word.
        let is_the_programs = said.starts_with("/bin/sh: ");
        prop_assert!(
            output.status.success() || is_the_programs || errors.len() == 1,
            "{:?}: {said}",
            output.status
        );
        let left = leftovers(&state, &cgroup);
        prop_assert!(left.is_empty(), "{left:?} after {said}");
    }
}

#[test]
fn texts_that_are_no_configuration_are_refused() {
    let dir = bundle();
    let state = dir.path().join("state");
    let file = dir.path().join("config.json");
    let missing = run(dir.path(), &state);
    assert!(!missing.status.success());
    let rich = rich().to_string();
    let texts: [Vec<u8>; 7] = [
        vec![],
        b"{".to_vec(),
        b"null".to_vec(),
        b"\xff\xfe{}".to_vec(),
        rich.as_bytes()[..rich.len() / 2].to_vec(),
        format!("{rich}x").into_bytes(),
        vec![b'['; 100_000],
    ];
    for text in texts {
        std::fs::write(&file, &text).unwrap();
        let output = run(dir.path(), &state);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let begin = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
        assert_eq!(output.status.code(), Some(1), "{begin}: {said}");
        assert!(said.lines().count() == 1 && said.contains("config.json"), "{begin}: {said}");
        assert!(leftovers(&state, "/teu-none").is_empty(), "{begin}");
    }
    // What is no file, and what never ends.
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(!run(dir.path(), &state).status.success());
    std::fs::remove_dir(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    let output = run(dir.path(), &state);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).lines().count() == 1);
}
