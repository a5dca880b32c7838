use super::*;
use teu_api::container::{MountKind, MountSpec, NamespaceMode, NetworkMode, Ulimit};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const EVERYTHING: u64 = (1 << 41) - 1;

fn spec() -> ContainerSpec {
    let mut spec =
        ContainerSpec { command: vec!["sh".into()], env: vec!["A=1".into()], ..Default::default() };
    spec.host.network = NetworkMode::None;
    spec
}

fn config(spec: &ContainerSpec, mounts: &[ResolvedMount]) -> Result<Value, Failure> {
    build(&BundleInput {
        id: ID,
        spec,
        directory: Path::new("/state/containers/x"),
        mounts,
        joined: &[],
        held_capabilities: EVERYTHING,
        unified_cgroups: false,
    })
}

fn kinds(config: &Value) -> Vec<&str> {
    config["linux"]["namespaces"].as_array().unwrap().iter().map(|n| n["type"].as_str().unwrap()).collect()
}

fn targets(config: &Value) -> Vec<&str> {
    config["mounts"].as_array().unwrap().iter().map(|m| m["destination"].as_str().unwrap()).collect()
}

#[test]
fn the_default_is_a_valid_bundle_with_every_namespace() {
    let config = config(&spec(), &[]).unwrap();
    let typed: oci_spec::runtime::Spec = serde_json::from_value(config.clone()).unwrap();
    assert_eq!(typed.process().as_ref().unwrap().args().as_ref().unwrap(), &["sh"]);
    assert_eq!(kinds(&config), ["mount", "pid", "ipc", "uts", "network", "cgroup"]);
    assert_eq!(config["hostname"], "0123456789ab");
    assert_eq!(config["process"]["capabilities"]["bounding"].as_array().unwrap().len(), 14);
    assert_eq!(config["linux"]["cgroupsPath"], format!("/teu/{ID}"));
    assert!(config["linux"]["maskedPaths"].as_array().unwrap().iter().any(|p| p == "/proc/kcore"));
    assert_eq!(config["linux"]["resources"]["devices"][0]["allow"], false);
}

#[test]
fn privileged_opens_paths_devices_and_filter() {
    let mut spec = spec();
    spec.host.privileged = true;
    let config = config(&spec, &[]).unwrap();
    assert!(config["linux"]["maskedPaths"].is_null() && config["linux"]["seccomp"].is_null());
    assert_eq!(config["linux"]["resources"]["devices"], json!([{"allow": true, "access": "rwm"}]));
    assert_eq!(config["process"]["capabilities"]["bounding"].as_array().unwrap().len(), 41);
    let sys = config["mounts"].as_array().unwrap().iter().find(|m| m["destination"] == "/sys").unwrap();
    assert!(sys["options"].as_array().unwrap().iter().any(|o| o == "rw"));
}

#[test]
fn shared_namespaces_are_left_out_and_host_names_with_them() {
    let mut spec = spec();
    spec.host.network = NetworkMode::Host;
    spec.host.pid = NamespaceMode::Host;
    spec.host.uts = NamespaceMode::Host;
    let config = config(&spec, &[]).unwrap();
    assert_eq!(kinds(&config), ["mount", "ipc", "cgroup"]);
    assert!(config["hostname"].is_null());
    assert!(config["linux"]["sysctl"].as_object().unwrap().is_empty());
}

#[test]
fn a_namespace_of_a_container_that_is_gone_is_an_error() {
    let mut spec = spec();
    spec.host.network = NetworkMode::Container(ID.into());
    assert!(config(&spec, &[]).unwrap_err().message.contains("not running"));
}

#[test]
fn user_mounts_replace_defaults_and_outer_ones_come_first() {
    let bind = |target: &str| ResolvedMount {
        filesystem: None,
        spec: MountSpec {
            kind: MountKind::Bind,
            target: target.into(),
            read_only: true,
            ..Default::default()
        },
        source: "/src".into(),
    };
    let config =
        config(&spec(), &[bind("/data/inner/deep"), bind("/data"), bind("/etc/hosts"), bind("/dev/shm/")])
            .unwrap();
    let targets = targets(&config);
    let at = |target: &str| targets.iter().position(|t| *t == target).unwrap();
    assert!(at("/data") < at("/data/inner/deep"));
    assert_eq!(targets.iter().filter(|t| **t == "/etc/hosts").count(), 1);
    assert_eq!(targets.iter().filter(|t| t.starts_with("/dev/shm")).count(), 1);
}

#[test]
fn limits_are_translated() {
    let mut spec = spec();
    spec.host.resources.memory = 64 << 20;
    spec.host.resources.nano_cpus = 1_500_000_000;
    spec.host.resources.pids_limit = 10;
    spec.host.resources.ulimits = vec![Ulimit { name: "nofile".into(), soft: 10, hard: -1 }];
    let config = config(&spec, &[]).unwrap();
    let resources = &config["linux"]["resources"];
    assert_eq!(resources["memory"], json!({"limit": 64 << 20, "swap": 128 << 20}));
    assert_eq!(resources["cpu"], json!({"quota": 150_000, "period": 100_000}));
    assert_eq!(resources["pids"]["limit"], 10);
    assert_eq!(
        config["process"]["rlimits"],
        json!([{"type": "RLIMIT_NOFILE", "soft": 10, "hard": u64::MAX}])
    );
}

#[test]
fn the_users_environment_wins() {
    let mut spec = spec();
    spec.tty = true;
    spec.env = vec!["PATH=/opt".into(), "A=1".into(), "TERM=vt100".into(), "A=2".into()];
    let config = config(&spec, &[]).unwrap();
    assert_eq!(config["process"]["env"], json!(["PATH=/opt", "HOSTNAME=0123456789ab", "TERM=vt100", "A=2"]));
}
