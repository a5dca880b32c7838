//! Docker's rules for `create` and `run`, from words to specification.

use super::{ImageDefaults, Surroundings, to_spec_in};
use crate::arguments::{Cli, Command, RunArguments, UsageError, parse};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{ContainerSpec, HealthCheck, NamespaceMode, NetworkMode, RestartPolicy};

fn words(line: &str) -> Result<Cli, UsageError> {
    parse(line.split_whitespace().map(Into::into))
}

fn run(line: &str) -> RunArguments {
    match words(&format!("teu run {line}")).unwrap().command {
        Some(Command::Run(run)) => *run,
        other => panic!("{other:?}"),
    }
}

fn image() -> ImageDefaults {
    ImageDefaults {
        id: "sha256:1".into(),
        entrypoint: vec!["/entry".into()],
        command: vec!["serve".into()],
        env: vec!["PATH=/bin".into(), "MODE=image".into()],
        working_dir: "/srv".into(),
        user: "www".into(),
        labels: [("a".to_owned(), "image".to_owned()), ("b".to_owned(), "image".to_owned())].into(),
        exposed_ports: vec!["80/tcp".into()],
        volumes: vec!["/data".into(), "/cache".into()],
        health_check: Some(HealthCheck {
            test: vec!["CMD".into(), "ok".into()],
            interval: 5_000_000_000,
            ..HealthCheck::default()
        }),
        stop_signal: "SIGQUIT".into(),
    }
}

fn spec(line: &str) -> Result<ContainerSpec, Failure> {
    let env = |name: &str| match name {
        "HOME" => Some("/home/joe".to_owned()),
        "TOKEN" => Some("secret".to_owned()),
        _ => None,
    };
    let read = |path: &Path| match path.to_str() {
        Some("/work/vars") => Ok("MODE=file\nTOKEN\n".to_owned()),
        Some("/work/labels") => Ok("b=file\nc=file\n".to_owned()),
        Some("/work/profile.json") => Ok("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}".to_owned()),
        _ => Err(std::io::ErrorKind::NotFound.into()),
    };
    let around = Surroundings { env: &env, read: &read, cwd: PathBuf::from("/work") };
    to_spec_in(&run(line).create, &around, &image()).map(|(spec, _)| spec)
}

#[test]
fn options_end_at_the_image() {
    let run = run("-it --rm alpine ls -l --all -- -e");
    assert!(run.create.process.interactive && run.create.process.tty && run.create.rm);
    assert_eq!(run.create.image(), "alpine");
    assert_eq!(run.create.command(), ["ls", "-l", "--all", "--", "-e"]);
    let run = self::run("alpine -e x --rm");
    assert_eq!(run.create.command(), ["-e", "x", "--rm"]);
    assert!(!run.create.rm);
    assert_eq!(self::run("-- alpine sh").create.command(), ["sh"]);
}

#[test]
fn flags_may_be_joined_repeated_and_given_values() {
    let run =
        run("-d -d -p80:80 -eA=1 --rm=false --init=true --sig-proxy=false -h host --name one --name two img");
    assert!(run.detach && run.create.process.init && !run.create.rm && !run.sig_proxy);
    assert_eq!(run.create.network.publish, ["80:80"]);
    assert_eq!(run.create.process.env, ["A=1"]);
    assert_eq!(run.create.network.hostname.as_deref(), Some("host"));
    assert_eq!(run.create.name.as_deref(), Some("two"));
    assert!(self::run("-it=true img").create.process.tty);
}

#[test]
fn wrong_words_are_one_line_with_dockers_exit_code() {
    for (line, code, part) in [
        ("teu run --bogus img", 125, "unknown flag: --bogus"),
        ("teu run", 1, "\"teu run\" requires"),
        ("teu run --name", 125, "flag needs an argument"),
        ("teu run --pull sometimes img", 125, "invalid argument \"sometimes\""),
        ("teu run --stop-timeout x img", 125, "invalid argument \"x\""),
        ("teu run --rm=maybe img", 125, "invalid argument \"maybe\""),
        ("teu exec web", 1, "\"teu exec\" requires"),
        ("teu rm", 1, "\"teu rm\" requires"),
        ("teu frobnicate", 1, "unknown command: teu frobnicate"),
        ("teu container frobnicate", 1, "unknown command: teu container frobnicate"),
        ("teu logs a b", 1, "takes no further argument"),
    ] {
        let error = words(line).unwrap_err();
        assert_eq!((error.exit_code, error.text.lines().count()), (code, 1), "{line}: {}", error.text);
        assert!(error.text.contains(part), "{line}: {}", error.text);
        assert!(error.text.contains("--help"), "{line}: {}", error.text);
    }
    let help = words("teu run --help").unwrap_err();
    assert_eq!(help.exit_code, 0);
    assert!(help.text.contains("--cap-add"));
}

#[test]
fn the_image_fills_what_flags_leave_open() {
    let spec = spec("img").unwrap();
    assert_eq!(spec.args(), ["/entry", "serve"]);
    assert_eq!(
        (spec.user.as_str(), spec.working_dir.as_str(), spec.stop_signal.as_str()),
        ("www", "/srv", "SIGQUIT")
    );
    assert_eq!(spec.env, ["PATH=/bin", "MODE=image"]);
    assert_eq!(spec.host.mounts.len(), 2);
    assert!(spec.host.mounts.iter().all(|mount| mount.anonymous));
    assert_eq!(spec.attach, ["stdout", "stderr"]);
    assert_eq!(spec.health_check.map(|check| check.interval), Some(5_000_000_000));
}

#[test]
fn commands_and_entry_points_replace_the_images() {
    assert_eq!(spec("img other").unwrap().args(), ["/entry", "other"]);
    assert_eq!(spec("--entrypoint /sh img").unwrap().args(), ["/sh"]);
    assert_eq!(spec("--entrypoint /sh img -c x").unwrap().args(), ["/sh", "-c", "x"]);
    let empty = parse(["teu", "run", "--entrypoint", "", "img", "true"].map(Into::into)).unwrap();
    let Some(Command::Run(run)) = empty.command else { panic!() };
    let around = Surroundings { env: &|_| None, read: &|_| Ok(String::new()), cwd: "/".into() };
    assert_eq!(to_spec_in(&run.create, &around, &image()).unwrap().0.args(), ["true"]);
}

#[test]
fn variables_and_labels_lie_over_each_other_in_order() {
    assert_eq!(spec("--env-file vars img").unwrap().env, ["MODE=file", "TOKEN=secret", "PATH=/bin"]);
    assert_eq!(
        spec("-e MODE=flag --env-file vars img").unwrap().env,
        ["MODE=flag", "TOKEN=secret", "PATH=/bin"]
    );
    assert_eq!(spec("-e MODE img").unwrap().env, ["PATH=/bin"]);
    let labels = spec("--label-file labels -l c=flag img").unwrap().labels;
    assert_eq!(labels.into_values().collect::<Vec<_>>(), ["image", "file", "flag"]);
    assert!(spec("--env-file missing img").unwrap_err().message.contains("missing"));
}

#[test]
fn mounts_take_the_place_of_the_images_volumes() {
    let mounts = spec("-v ~/x:/data/:ro --tmpfs /t:size=1m img").unwrap().host.mounts;
    let shown: Vec<_> = mounts.iter().map(|mount| (mount.source.as_str(), mount.target.as_str())).collect();
    assert_eq!(shown, [("/home/joe/x", "/data"), ("", "/t"), ("", "/cache")]);
    assert!(spec("-v a1:/x -v b1:/x img").unwrap_err().message.contains("Duplicate mount point: /x"));
}

#[test]
fn networks_join_their_flags() {
    let host = spec("--network front --network back --network-alias w --ip 10.0.0.5 img").unwrap().host;
    assert_eq!(host.network, NetworkMode::Named);
    assert_eq!((host.networks[0].aliases[0].as_str(), host.networks[0].ipv4.as_str()), ("w", "10.0.0.5"));
    assert!(host.networks[1].aliases.is_empty());
    let published = spec("-p 8080:90/udp img").unwrap();
    assert_eq!(published.exposed_ports, ["80/tcp", "90/udp"]);
    assert_eq!(published.host.ports[0].host_port, 8080);
}

#[test]
fn everything_else_lands_in_its_place() {
    let spec = spec(
        "--restart on-failure:3 -m 64m --memory-swap -1 --cpus 1.5 --ulimit nofile=5:6 --device /dev/null:/dev/x:r \
         --pid host --ipc shareable --cap-add NET_ADMIN --sysctl a.b=1 --log-opt max-size=1m --shm-size 1m \
         --oom-score-adj -500 --security-opt seccomp=profile.json --health-interval 9s --stop-timeout 3 --annotation k=v img",
    )
    .unwrap();
    let host = &spec.host;
    assert_eq!(host.restart, RestartPolicy::OnFailure(3));
    assert_eq!(
        (host.resources.memory, host.resources.memory_swap, host.resources.nano_cpus),
        (64 << 20, -1, 1_500_000_000)
    );
    assert_eq!((host.pid.clone(), host.ipc.clone()), (NamespaceMode::Host, NamespaceMode::Shareable));
    assert_eq!((host.shm_size, host.log.max_size, host.oom_score_adj), (1 << 20, 1 << 20, Some(-500)));
    assert_eq!(host.security_opt, ["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"]);
    let check = spec.health_check.unwrap();
    assert_eq!((check.test.len(), check.interval), (2, 9_000_000_000));
    assert_eq!((spec.stop_timeout, spec.annotations["k"].as_str()), (Some(3), "v"));
}

#[test]
fn health_checks_can_be_switched_off_and_replaced() {
    assert_eq!(spec("--no-healthcheck img").unwrap().health_check.unwrap().test, ["NONE"]);
    assert_eq!(spec("--health-cmd true img").unwrap().health_check.unwrap().test, ["CMD-SHELL", "true"]);
}

#[test]
fn what_cannot_be_is_refused() {
    for (line, part) in [
        ("--rm --restart always img", "cannot specify both --restart and --rm"),
        ("--no-healthcheck --health-cmd x img", "--no-healthcheck conflicts"),
        ("--health-interval -1s img", "cannot be negative"),
        ("--health-interval 5 img", "missing unit"),
        ("--gpus all img", "--gpus is not supported"),
        ("--network host --link ab:b img", "can't be used with links"),
        ("-w rel img", "needs to be an absolute path"),
        ("-a STDFOO img", "valid streams"),
        ("-m 1m img", "Minimum memory limit"),
        ("--memory-swap 1g img", "You should always set the Memory limit"),
        ("-m 1g --memory-swap 512m img", "Minimum memoryswap"),
        ("-m lots img", "invalid size"),
        ("--cpus 1 --cpu-quota 5000 img", "Conflicting options"),
        ("--memory-swappiness 101 img", "0-100"),
        ("--oom-score-adj 2000 img", "range for oom score adj"),
        ("--blkio-weight 5 img", "blkio weight"),
        ("--blkio-weight-device /dev/vda:5 img", "blkio weight"),
        ("--stop-signal NOPE img", "invalid signal: NOPE"),
        ("--network container:x -p 80 img", "port publishing and the container type"),
        ("--network container:x --hostname h img", "hostname and the network mode"),
        ("--network host --ip 10.0.0.1 img", "network of the container's own"),
        ("--ip 10.0.0.1 img", "user defined networks only"),
        ("--uts host -h x img", "hostname and the UTS mode"),
        ("--security-opt seccomp=nowhere img", "cannot read"),
        ("--cpuset-cpus a img", "invalid value"),
        ("--cap-add a-b img", "unknown capability"),
        ("--sysctl a img", "no value"),
        ("--mac-address x img", "not a valid mac"),
    ] {
        let failure = spec(line).expect_err(line);
        assert!(failure.message.contains(part), "{line}: {failure}");
        assert_eq!(failure.message.lines().count(), 1, "{line}");
        assert!(failure.hint.is_some(), "{line}: {failure}");
    }
}

#[test]
fn a_detached_container_is_attached_to_nothing() {
    let spec = |line: &str| crate::arguments::run::to_spec(&run(line), &|_| None, &image());
    let (detached, _) = spec("-d -i img").unwrap();
    assert!(detached.attach.is_empty() && detached.open_stdin && !detached.stdin_once);
    let (attached, name) = spec("-i --name web img").unwrap();
    assert!(attached.stdin_once && attached.attach.len() == 3);
    assert_eq!(name.as_deref(), Some("web"));
    assert!(spec("-d -a stdout img").unwrap_err().message.contains("--attach and --detach"));
}
