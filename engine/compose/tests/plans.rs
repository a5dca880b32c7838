//! From a project and what there is to the steps between.

mod support;

use std::collections::BTreeMap;
use support::load;
use teu_compose::plan::{
    Action, DownOptions, Life, Observed, ObservedContainer, ObservedNetwork, ObservedVolume, Phase, Plan,
    Recreate, UpOptions, down, life, up,
};
use teu_compose::{
    Project, config_hash, container_request, hook_request, labels, network_request, resource_hash,
};

/// Each step as one word, with what it waits for.
fn words(plan: &Plan) -> Vec<String> {
    let word = |action: &Action| match action {
        Action::EnsureImage { service } => format!("image {service}"),
        Action::ExpectNetwork { name } => format!("expect network {name}"),
        Action::ExpectVolume { name } => format!("expect volume {name}"),
        Action::CreateNetwork { name, .. } => format!("+network {name}"),
        Action::RemoveNetwork { name } => format!("-network {name}"),
        Action::CreateVolume { name, .. } => format!("+volume {name}"),
        Action::RemoveVolume { name } => format!("-volume {name}"),
        Action::RenameContainer { name, .. } => format!("rename {name}"),
        Action::CreateContainer { name, .. } => format!("+{name}"),
        Action::RunHook { name, .. } => format!("hook {name}"),
        Action::StartContainer { name, .. } => format!("start {name}"),
        Action::StopContainer { name, .. } => format!("stop {name}"),
        Action::RestartContainer { name, .. } => format!("restart {name}"),
        Action::KillContainer { name, .. } => format!("kill {name}"),
        Action::PauseContainer { name, .. } => format!("pause {name}"),
        Action::UnpauseContainer { name, .. } => format!("unpause {name}"),
        Action::RemoveContainer { name, .. } => format!("-{name}"),
        Action::WaitFor { service, condition, .. } => format!("wait {service} {condition:?}"),
        Action::RemoveImage { image } => format!("-image {image}"),
        Action::PullImage { image, .. } => format!("pull {image}"),
        Action::PushImage { image } => format!("push {image}"),
    };
    for (index, step) in plan.steps.iter().enumerate() {
        assert!(step.after.iter().all(|before| *before < index), "step {index} waits for a later one");
    }
    plan.steps.iter().map(|step| word(&step.action)).collect()
}

/// Whether one step must have succeeded before another, directly or by way of others.
fn precedes(plan: &Plan, before: &str, after: &str) -> bool {
    let all = words(plan);
    let index = |word: &str| {
        all.iter().position(|other| other == word).unwrap_or_else(|| panic!("no step `{word}` in {all:?}"))
    };
    let (before, mut rest) = (index(before), vec![index(after)]);
    while let Some(step) = rest.pop() {
        if plan.steps[step].after.contains(&before) {
            return true;
        }
        rest.extend(&plan.steps[step].after);
    }
    false
}

fn container(project: &Project, service: &str, number: u32, phase: Phase) -> ObservedContainer {
    ObservedContainer {
        id: format!("{service}{number}id"),
        name: format!("p-{service}-{number}"),
        service: service.into(),
        number,
        config_hash: config_hash(&project.services[service]),
        depends_on: project.services[service].depends_on.keys().cloned().collect(),
        restarts_with: project.services[service]
            .depends_on
            .iter()
            .filter(|(_, bond)| bond.restart)
            .map(|(name, _)| name.clone())
            .collect(),
        phase,
        ..ObservedContainer::default()
    }
}

/// Everything of a project as it is after `up`.
fn standing(project: &Project) -> Observed {
    let containers = project.services.iter().flat_map(|(name, service)| {
        (1..=service.replicas()).map(|number| container(project, name, number, Phase::Running))
    });
    Observed {
        containers: containers.collect(),
        networks: project
            .networks
            .iter()
            .map(|(key, network)| ObservedNetwork {
                name: network.name.clone(),
                key: key.clone(),
                config_hash: resource_hash(network),
            })
            .collect(),
        volumes: project
            .volumes
            .iter()
            .map(|(key, volume)| ObservedVolume {
                name: volume.name.clone(),
                key: key.clone(),
                config_hash: resource_hash(volume),
            })
            .collect(),
        image_ids: BTreeMap::new(),
    }
}

const STACK: &str = "services:
  app: {image: app, depends_on: {db: {condition: service_healthy, restart: true}, job: {condition: service_completed_successfully}}}
  db: {image: db, volumes: ['data:/d']}
  job: {image: job}
  free: {image: free}
volumes: {data: }
";

#[test]
fn up_from_nothing_waits_for_dependencies_and_only_for_them() {
    let project = load(STACK).unwrap();
    let plan = up(&project, &Observed::default(), &UpOptions::default()).unwrap();
    for (before, after) in [
        ("+network p_default", "+p-db-1"),
        ("+volume p_data", "+p-db-1"),
        ("image db", "+p-db-1"),
        ("+p-db-1", "start p-db-1"),
        ("start p-db-1", "wait db Healthy"),
        ("wait db Healthy", "start p-app-1"),
        ("wait job Completed", "start p-app-1"),
    ] {
        assert!(precedes(&plan, before, after), "{before} before {after}");
    }
    assert!(!precedes(&plan, "start p-db-1", "start p-free-1"));
    assert!(!precedes(&plan, "wait db Healthy", "+p-app-1"), "making a container need not wait");
}

#[test]
fn up_again_does_nothing() {
    let project = load(STACK).unwrap();
    let plan = up(&project, &standing(&project), &UpOptions::default()).unwrap();
    let doing: Vec<String> = words(&plan).into_iter().filter(|word| !word.starts_with("wait")).collect();
    assert!(doing.is_empty(), "{doing:?}");
}

#[test]
fn only_what_changed_is_made_anew_and_dependents_restart_where_asked() {
    let project = load(STACK).unwrap();
    let mut observed = standing(&project);
    observed
        .containers
        .iter_mut()
        .filter(|container| container.service == "db")
        .for_each(|container| container.config_hash = "old".into());
    let plan = up(&project, &observed, &UpOptions::default()).unwrap();
    let all = words(&plan);
    for word in ["stop p-db-1", "+p-db-1", "-p-db-1", "start p-db-1", "restart p-app-1"] {
        assert!(all.iter().any(|other| other == word), "{word} in {all:?}");
    }
    assert!(!all.iter().any(|word| word.contains("free") || word == "+p-app-1"), "{all:?}");
    assert!(precedes(&plan, "stop p-db-1", "+p-db-1") && precedes(&plan, "-p-db-1", "start p-db-1"));
    assert!(plan.steps.iter().any(
        |step| matches!(&step.action, Action::CreateContainer { inherit_from: Some(id), .. } if id == "db1id")
    ));
}

#[test]
fn force_never_and_images_decide_too() {
    let project = load("services: {a: {image: x}}").unwrap();
    let mut observed = standing(&project);
    let with = |recreate| UpOptions { recreate, ..UpOptions::default() };
    assert!(words(&up(&project, &observed, &with(Recreate::Force)).unwrap()).contains(&"+p-a-1".to_owned()));
    observed.containers[0].config_hash = "old".into();
    assert!(up(&project, &observed, &with(Recreate::Never)).unwrap().is_empty());
    observed = standing(&project);
    observed.containers[0].image_id = "sha256:1".into();
    observed.image_ids.insert("a".into(), "sha256:2".into());
    assert!(words(&up(&project, &observed, &UpOptions::default()).unwrap()).contains(&"+p-a-1".to_owned()));
}

#[test]
fn scale_adds_and_takes_away() {
    let project = load("services: {a: {image: x, scale: 2}}").unwrap();
    let scaled = |count| UpOptions { scale: BTreeMap::from([("a".into(), count)]), ..UpOptions::default() };
    let more = words(&up(&project, &standing(&project), &scaled(4)).unwrap());
    assert_eq!(more, ["image a", "+p-a-3", "+p-a-4", "start p-a-3", "start p-a-4"]);
    let less = words(&up(&project, &standing(&project), &scaled(1)).unwrap());
    assert_eq!(less, ["stop p-a-2", "-p-a-2"]);
    let none = words(&up(&project, &standing(&project), &scaled(0)).unwrap());
    assert_eq!(none.len(), 4);
    assert!(
        up(
            &project,
            &Observed::default(),
            &UpOptions { scale: BTreeMap::from([("no".into(), 1)]), ..UpOptions::default() }
        )
        .is_err()
    );
}

#[test]
fn half_done_work_is_finished() {
    let project = load(STACK).unwrap();
    let mut observed = standing(&project);
    observed.containers.retain(|container| container.service != "app");
    observed.containers.iter_mut().for_each(|container| container.phase = Phase::Created);
    let all = words(&up(&project, &observed, &UpOptions::default()).unwrap());
    assert!(all.contains(&"start p-db-1".to_owned()) && all.contains(&"+p-app-1".to_owned()), "{all:?}");
    assert!(!all.contains(&"+p-db-1".to_owned()), "{all:?}");
}

#[test]
fn orphans_are_told_of_or_removed() {
    let project = load("services: {a: {image: x}}").unwrap();
    let mut observed = standing(&project);
    observed.containers.push(ObservedContainer {
        id: "o".into(),
        name: "p-old-1".into(),
        service: "old".into(),
        phase: Phase::Running,
        ..ObservedContainer::default()
    });
    let plan = up(&project, &observed, &UpOptions::default()).unwrap();
    assert!(plan.is_empty() && plan.warnings[0].contains("p-old-1"));
    let silent = UpOptions { ignore_orphans: true, ..UpOptions::default() };
    assert!(up(&project, &observed, &silent).unwrap().warnings.is_empty());
    let plan = up(&project, &observed, &UpOptions { remove_orphans: true, ..UpOptions::default() }).unwrap();
    assert_eq!(words(&plan), ["stop p-old-1", "-p-old-1"]);
}

#[test]
fn a_changed_network_is_made_anew_with_its_containers() {
    let project = load("services: {a: {image: x}, b: {image: x, networks: [n]}}\nnetworks: {n: }\n").unwrap();
    let mut observed = standing(&project);
    observed
        .networks
        .iter_mut()
        .filter(|network| network.key == "n")
        .for_each(|network| network.config_hash = "old".into());
    let plan = up(&project, &observed, &UpOptions::default()).unwrap();
    assert!(
        precedes(&plan, "-p-b-1", "-network p_n")
            && precedes(&plan, "-network p_n", "+network p_n")
            && precedes(&plan, "+network p_n", "+p-b-1")
    );
    assert!(!words(&plan).iter().any(|word| word.contains("p-a-1")));
}

#[test]
fn external_things_are_expected() {
    let project = load("services: {a: {image: x, networks: [n], volumes: ['vol:/v']}}\nnetworks: {n: {external: true}}\nvolumes: {vol: {external: {name: vv}}}\n").unwrap();
    let all = words(&up(&project, &Observed::default(), &UpOptions::default()).unwrap());
    assert!(
        all.contains(&"expect network n".to_owned()) && all.contains(&"expect volume vv".to_owned()),
        "{all:?}"
    );
}

#[test]
fn down_removes_dependents_first_and_leaves_volumes_unless_asked() {
    let project = load(STACK).unwrap();
    let observed = standing(&project);
    for file in [Some(&project), None] {
        let plan = down(file, &observed, &DownOptions::default());
        assert!(precedes(&plan, "-p-app-1", "stop p-db-1"));
        assert!(precedes(&plan, "-p-db-1", "-network p_default"));
        assert!(!words(&plan).contains(&"-volume p_data".to_owned()));
    }
    let plan = down(Some(&project), &observed, &DownOptions { volumes: true, ..DownOptions::default() });
    assert!(precedes(&plan, "-p-db-1", "-volume p_data"));
    assert!(down(Some(&project), &Observed::default(), &DownOptions::default()).is_empty());
}

#[test]
fn life_goes_in_order() {
    let project = load(STACK).unwrap();
    let mut observed = standing(&project);
    let stop = life(None, &observed, &[], Life::Stop);
    assert!(precedes(&stop, "stop p-app-1", "stop p-db-1"));
    assert!(life(None, &observed, &[], Life::Start).is_empty());
    observed.containers.iter_mut().for_each(|container| container.phase = Phase::Exited);
    let start = life(None, &observed, &[], Life::Start);
    assert!(precedes(&start, "start p-db-1", "start p-app-1"));
    assert_eq!(
        words(&life(None, &observed, &["db".into()], Life::Remove { stop: false, volumes: true })),
        ["-p-db-1"]
    );
}

#[test]
fn a_restart_takes_those_along_that_want_it() {
    let text = "services:
  app: {image: x, depends_on: {db: {condition: service_started, restart: true}}}
  edge: {image: x, depends_on: {app: {condition: service_started, restart: true}}}
  free: {image: x, depends_on: [db]}
  db: {image: x}
";
    let observed = standing(&load(text).unwrap());
    let restart = |dependents| life(None, &observed, &["db".into()], Life::Restart { dependents });
    assert_eq!(words(&restart(true)), ["restart p-db-1", "restart p-app-1", "restart p-edge-1"]);
    assert!(precedes(&restart(true), "restart p-db-1", "restart p-app-1"));
    assert_eq!(words(&restart(false)), ["restart p-db-1"]);
    assert_eq!(words(&life(None, &observed, &[], Life::Restart { dependents: true })).len(), 4);
}

#[test]
fn the_ground_of_a_service_is_all_but_its_containers() {
    let project = load(STACK).unwrap();
    let options =
        UpOptions { services: vec!["app".into()], ground_of: Some("app".into()), ..UpOptions::default() };
    let plan = up(&project, &Observed::default(), &options).unwrap();
    let all = words(&plan);
    for step in ["+network p_default", "image app", "+p-db-1", "wait db Healthy", "wait job Completed"] {
        assert!(all.contains(&step.to_owned()), "{step} is not in {all:?}");
    }
    assert!(!all.iter().any(|step| step.contains("p-app-")), "{all:?}");
    // What stands on a network that changed goes on standing.
    let mut observed = standing(&project);
    observed.networks.iter_mut().for_each(|network| network.config_hash = "other".into());
    assert_eq!(words(&up(&project, &observed, &options).unwrap())[0], "image app");
}

#[test]
fn labels_lead_back_to_the_project() {
    let project = load(STACK).unwrap();
    let request = container_request(&project, "app", 1, false).unwrap();
    assert_eq!(request.name, "p-app-1");
    assert_eq!(
        request.spec.labels[labels::DEPENDS_ON],
        "db:service_healthy:true,job:service_completed_successfully:false"
    );
    let found =
        ObservedContainer::from_labels("app1id", "p-app-1", Phase::Running, &request.spec.labels).unwrap();
    assert_eq!(found, container(&project, "app", 1, Phase::Running));
    assert_eq!(network_request(&project, "default").unwrap().labels[labels::NETWORK], "default");
}

#[test]
fn requests_carry_what_the_file_says() {
    let text = "services:
  a:
    image: x
    ports: ['8000-8002:80', '127.0.0.1:53:53/udp']
    environment: [A=1, B]
    networks: {front: {aliases: [web], priority: 1}, back: }
    mem_limit: 64m
    cpus: 0.5
    restart: on-failure:3
    stop_grace_period: 1500ms
    network_mode: ''
    secrets: [s, f]
    tmpfs: ['/t:size=1m']
    volumes: [/anon, 'vol:/v:ro', './h:/h']
    healthcheck: {test: 'true', interval: 2s, retries: 4}
    entrypoint: []
networks: {front: , back: }
volumes: {vol: {labels: {k: w}}}
secrets: {s: {environment: OUT}, f: {file: f.txt}}
";
    let project = load(text).unwrap();
    let request = container_request(&project, "a", 2, false).unwrap();
    let host = &request.spec.host;
    assert_eq!(
        host.ports.iter().map(|port| (port.host_port, port.container_port)).collect::<Vec<_>>(),
        [(8000, 80), (53, 53)]
    );
    assert_eq!(request.spec.env, ["A=1"]);
    assert_eq!(
        host.networks.iter().map(|network| network.network.as_str()).collect::<Vec<_>>(),
        ["p_front", "p_back"]
    );
    assert_eq!(host.networks[0].aliases, ["p-a-2", "a", "web"]);
    assert_eq!((host.resources.memory, host.resources.nano_cpus), (64 << 20, 500_000_000));
    assert_eq!(host.restart, teu_api::container::RestartPolicy::OnFailure(3));
    assert_eq!(request.spec.stop_timeout, Some(2));
    assert_eq!((request.entrypoint, request.command), (Some(vec![]), None));
    assert_eq!(request.files.len(), 1);
    assert_eq!(
        (request.files[0].target.as_str(), request.files[0].content.as_str()),
        ("/run/secrets/s", "side")
    );
    let mounts: Vec<(&str, &str)> =
        host.mounts.iter().map(|mount| (mount.source.as_str(), mount.target.as_str())).collect();
    assert_eq!(
        mounts,
        [("", "/anon"), ("p_vol", "/v"), ("/p/h", "/h"), ("", "/t"), ("/p/f.txt", "/run/secrets/f")]
    );
    assert!(host.mounts[0].anonymous && host.mounts[1].read_only && host.mounts[2].create_source);
    assert_eq!(
        request.spec.health_check.as_ref().map(|check| (check.interval, check.retries)),
        Some((2_000_000_000, 4))
    );
}

#[test]
fn drift_tells_what_up_would_change() {
    use teu_compose::plan::{Change, drift};
    let project = load(
        "services:\n  a: {image: x, scale: 2, volumes: ['vol:/v']}\n  b: {image: y}\nvolumes: {vol: }\n",
    )
    .unwrap();
    let mut observed = standing(&project);
    assert!(drift(&project, &observed).is_none());
    observed.containers[0].config_hash = "other".into();
    observed.containers[1].phase = Phase::Exited;
    observed.containers.retain(|container| container.service != "b");
    observed.containers.push(ObservedContainer {
        name: "p-old-1".into(),
        service: "old".into(),
        ..ObservedContainer::default()
    });
    observed.volumes.clear();
    let found = drift(&project, &observed);
    let a = &found.services["a"];
    assert_eq!(a.changed, [("p-a-1".to_owned(), Change::Configuration)]);
    assert_eq!((a.wanted, a.running, a.stopped.as_slice()), (2, 1, &["p-a-2".to_owned()][..]));
    assert_eq!(found.services["b"].missing, 1);
    assert_eq!(
        (found.orphans.as_slice(), found.missing_volumes.as_slice()),
        (&["p-old-1".to_owned()][..], &["p_vol".to_owned()][..])
    );
    assert!(found.missing_networks.is_empty() && !found.is_none());
}

#[test]
fn hooks_before_a_start_run_once_for_a_service_or_for_each_container() {
    let project = load(
        "services:\n  a:\n    image: x\n    scale: 2\n    pre_start: [{command: one}, {command: each, per_replica: true}, {command: last, image: y}]\n",
    )
    .unwrap();
    let plan = up(&project, &Observed::default(), &UpOptions::default()).unwrap();
    assert_eq!(
        words(&plan),
        [
            "+network p_default",
            "image a",
            "+p-a-1",
            "+p-a-2",
            "hook p-a-pre_start-0",
            "hook p-a-pre_start-1-1",
            "hook p-a-pre_start-1-2",
            "hook p-a-pre_start-2",
            "start p-a-1",
            "start p-a-2",
        ]
    );
    for before in ["+p-a-1", "+p-a-2"] {
        assert!(precedes(&plan, before, "hook p-a-pre_start-0"));
    }
    for (before, after) in [("0", "1-1"), ("0", "1-2"), ("1-1", "2"), ("1-2", "2")] {
        assert!(precedes(
            &plan,
            &format!("hook p-a-pre_start-{before}"),
            &format!("hook p-a-pre_start-{after}")
        ));
    }
    assert!(precedes(&plan, "hook p-a-pre_start-2", "start p-a-1"));
    assert!(!precedes(&plan, "hook p-a-pre_start-1-1", "hook p-a-pre_start-1-2"));

    // One more container needs what is for each, and not what is for all.
    let running =
        Observed { containers: vec![container(&project, "a", 1, Phase::Running)], ..standing(&project) };
    let plan = up(&project, &running, &UpOptions::default()).unwrap();
    assert_eq!(words(&plan), ["image a", "+p-a-2", "hook p-a-pre_start-1-2", "start p-a-2"]);
    // What is only made is not prepared, and what runs is left alone.
    let created = UpOptions { start: false, ..UpOptions::default() };
    assert!(!words(&up(&project, &running, &created).unwrap()).iter().any(|word| word.starts_with("hook")));

    // A container that a killed hook left goes before the next.
    let mut left =
        ObservedContainer { hook: true, one_off: true, ..container(&project, "a", 1, Phase::Running) };
    left.name = "p-a-pre_start-0".into();
    let stopped =
        Observed { containers: vec![container(&project, "a", 1, Phase::Exited), left], ..standing(&project) };
    let one = UpOptions { scale: BTreeMap::from([("a".into(), 1)]), ..UpOptions::default() };
    let plan = up(&project, &stopped, &one).unwrap();
    assert!(precedes(&plan, "-p-a-pre_start-0", "hook p-a-pre_start-0"), "{:?}", words(&plan));
    assert_eq!(
        words(&life(Some(&project), &stopped, &[], Life::Start)),
        ["hook p-a-pre_start-0", "hook p-a-pre_start-1-1", "hook p-a-pre_start-2", "start p-a-1"]
    );
    let all = Observed {
        containers: vec![
            container(&project, "a", 1, Phase::Running),
            container(&project, "a", 2, Phase::Exited),
        ],
        ..Observed::default()
    };
    assert_eq!(
        words(&life(Some(&project), &all, &[], Life::Start)),
        ["hook p-a-pre_start-1-2", "start p-a-2"]
    );
}

#[test]
fn a_hooks_container_is_as_its_services_but_for_what_that_has_alone() {
    let project = load(
        "services:\n  a:\n    image: x\n    user: me\n    working_dir: /w\n    entrypoint: [e]\n    environment: {A: 1, B: 2}\n    ports: ['80:80']\n    restart: always\n    volumes: ['v:/v']\n    networks: {default: {ipv4_address: 10.1.1.1}}\n    pre_start: [{command: one two, environment: [B=3]}, {command: [c], image: y, user: root, privileged: true, working_dir: /}]\nvolumes: {v: }\n",
    )
    .unwrap();
    let first = hook_request(&project, "a", 0, 1).unwrap();
    assert_eq!(first.name, "p-a-pre_start-0");
    let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
    assert_eq!((first.entrypoint, first.command), (words("e"), words("one two")));
    let spec = first.spec;
    assert_eq!((spec.image.as_str(), spec.user.as_str(), spec.working_dir.as_str()), ("x", "me", "/w"));
    assert_eq!(spec.env, ["A=1", "B=3"]);
    assert_eq!(spec.host.volumes_from, ["p-a-1"]);
    assert!(spec.host.ports.is_empty() && spec.host.mounts.is_empty() && !spec.host.privileged);
    assert_eq!(spec.host.restart, teu_api::container::RestartPolicy::No);
    assert_eq!(spec.host.networks[0].ipv4, "");
    assert_eq!(spec.host.networks[0].aliases, ["p-a-pre_start-0", "a"]);
    assert_eq!(spec.labels[labels::HOOK], "pre_start");
    assert_eq!(spec.labels[labels::ONE_OFF], "True");
    assert!(!spec.labels.contains_key(labels::CONFIG_HASH));
    let second = hook_request(&project, "a", 1, 1).unwrap().spec;
    assert_eq!(
        (second.image.as_str(), second.user.as_str(), second.working_dir.as_str()),
        ("y", "root", "/")
    );
    assert!(second.host.privileged);
    assert!(hook_request(&project, "a", 2, 1).is_err());
}
