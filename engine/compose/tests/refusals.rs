//! What is refused, and how clearly.

mod support;

use support::load;

#[test]
fn what_is_long_is_told_in_short() {
    let link = |from: usize, to: usize| format!("  s{from}: {{image: x, depends_on: [s{to}]}}\n");
    let text: String = (0..100).map(|from| link(from, (from + 1) % 100)).collect();
    let error = load(&format!("services:\n{text}")).unwrap_err();
    assert!(error.message.contains("s0 -> s1 -> ") && error.message.ends_with("-> s99 -> s0"), "{error}");
    assert!(error.message.contains("(89 more)") && error.message.len() < 200, "{error}");
    let error = load(&format!("services: {{a: {{image: '{}'}}}}\n", "${A:-".repeat(1000))).unwrap_err();
    assert!(error.message.contains("invalid interpolation") && error.message.len() < 150, "{error}");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    for (text, expected) in [
        (
            "services:\n  a:\n    imgae: x\n",
            "compose.yaml:3:5: services.a.imgae: there is no such key (did you mean `image`?)",
        ),
        (
            "services:\n  a:\n    image: x\n    pre_start: [{ ports: [80] }]\n",
            "compose.yaml:4:19: services.a.pre_start.0.ports: there is no such key",
        ),
        ("jobs: {}\nservices: {}\n", "compose.yaml:1:1: jobs: jobs are not supported yet"),
        ("servces: {}\n", "compose.yaml:1:1: servces: there is no such key (did you mean `services`?)"),
        (
            "services:\n  a:\n    image: 5\n",
            "compose.yaml:3:12: services.a.image: must be a string, not an integer (quote it)",
        ),
        (
            "services:\n  a:\n    image: x\n    ports: 80\n",
            "compose.yaml:4:12: services.a.ports: must be a list, not an integer",
        ),
        (
            "services:\n  a:\n    image: x\n    image: y\n",
            "compose.yaml:4:5: the key `image` is already there, on line 3 (a key may stand only once in a mapping)",
        ),
        (
            "services:\n  a:\n    image: x\n    ports: ['x:80']\n",
            "compose.yaml:4:13: services.a.ports: `x:80` is not a port: `x` is not a port or a range of ports",
        ),
        (
            "services:\n  a:\n    image: x\n    mem_limit: 5q\n",
            "compose.yaml:4:16: services.a.mem_limit: `5q` is not a size such as 512m or 2g",
        ),
        (
            "services:\n  a:\n    image: x\n    healthcheck: {interval: soon}\n",
            "compose.yaml:4:29: services.a.healthcheck.interval: `soon` is not a duration such as 10s or 1m30s",
        ),
        (
            "services:\n  a:\n    image: x\n    environment: ['A = b']\n",
            "compose.yaml:4:18: services.a.environment: the variable `A ` must not end with a space",
        ),
        (
            "services:\n  a:\n    image: ${NO:?name it}\n",
            "compose.yaml:3:12: services.a.image: required variable NO is missing a value: name it (set NO in the environment or in .env)",
        ),
        (
            "services:\n  a:\n    image: $5\n",
            "compose.yaml:3:12: services.a.image: invalid interpolation in `$5` (write `$$` for a dollar sign)",
        ),
        (
            "services:\n  a:\n    image: x\n    networks: [frnt]\nnetworks: {front: }\n",
            "compose.yaml:4:16: services.a.networks.frnt: there is no network `frnt` (did you mean `front`?)",
        ),
        (
            "services:\n  a:\n    image: x\n    volumes: ['dat:/d']\n",
            "compose.yaml:4:15: services.a.volumes.dat: there is no volume `dat` (declare it under the top-level `volumes`)",
        ),
        (
            "services:\n  a:\n    image: x\n    depends_on: [b]\n",
            "compose.yaml:4:18: services.a.depends_on.b: there is no service `b` (declare it under the top-level `services`)",
        ),
        (
            "services:\n  a: {}\n",
            "compose.yaml:2:3: services.a: the service has neither an image nor a build (set `image` or `build`)",
        ),
        (
            "services:\n  a:\n    extends: b\n",
            "compose.yaml:3:5: services.a.extends: there is no service `b` in compose.yaml",
        ),
        (
            "services:\n  a:\n    image: x\n    extends: {file: no.yaml, service: b}\n",
            "compose.yaml:4:5: services.a.extends.file: cannot read no.yaml: entity not found",
        ),
        (
            "services:\n  a:\n    image: x\n    restart: [a]\n",
            "compose.yaml:4:5: services.a.restart: must be a string, not a list",
        ),
        (
            "services:\n  a:\n    image: x\n    depends_on: {b: {condition: healthy}}\n",
            "compose.yaml:4:33: services.a.depends_on.b.condition: `healthy` is not one of service_started, service_healthy, service_completed_successfully",
        ),
        (
            "services:\n  a:\n    image: x\n    command: \"sh -c 'x\"\n",
            "compose.yaml:4:14: services.a.command: `sh -c 'x` is not a command: a quote is never closed",
        ),
        (
            "services:\n  a:\n    image: x\n    network_mode: host\n    networks: [n]\nnetworks: {n: }\n",
            "compose.yaml:4:5: services.a.network_mode: `network_mode` and `networks` exclude each other",
        ),
        (
            "services:\n  a: {image: x}\nsecrets:\n  s: {}\n",
            "compose.yaml:4:3: secrets.s: one of file, environment must be set",
        ),
        (
            "services:\n  a: {image: x}\nvolumes:\n  v: {external: true, driver: d}\n",
            "compose.yaml:4:23: volumes.v: `external` and `driver` contradict each other",
        ),
        (
            "services:\n  a b: {image: x}\n",
            "compose.yaml:2:3: services.a b: `a b` is not a name: only letters, digits, `.`, `_` and `-` are",
        ),
        ("- a\n", "compose.yaml:1:1: the file must be a mapping at the top, not a list"),
        (
            "services:\n  a: {image: x, container_name: n1, scale: 2}\n",
            "compose.yaml:2:17: services.a.container_name: `container_name` allows one container, and 2 are asked for",
        ),
        (
            "services:\n  a: {image: x, container_name: n1}\n  b: {image: x, container_name: n1}\n",
            "compose.yaml:3:17: services.b.container_name: the service `a` has the container name `n1` already",
        ),
    ] {
        let error = load(text).err().map_or_else(|| panic!("accepted:\n{text}"), |error| error.to_string());
        assert_eq!(error, expected, "for\n{text}");
    }
}

#[test]
fn broken_yaml_names_its_line() {
    let error = load("services:\n  a: [x\n").unwrap_err();
    assert_eq!(error.position.as_ref().map(|position| position.file.as_str()), Some("compose.yaml"));
    assert!(error.message.starts_with("not valid YAML"), "{error}");
}

#[test]
fn no_file_at_all_is_not_found() {
    let error = support::load_with(&[], &support::options()).unwrap_err();
    assert!(error.missing, "{error}");
    let failure = teu_api::Failure::from(error);
    assert_eq!(failure.kind, teu_api::FailureKind::NotFound);
    assert!(failure.hint.is_some());
}

#[test]
fn empty_files_are_refused() {
    assert!(load("").is_err());
    assert!(load("# nothing\n").is_err());
    assert!(load("name: x\n").is_err());
}

#[test]
fn files_of_other_machines_are_refused() {
    for text in [
        "include: ['https://example.com/compose.yaml']\n",
        "services: {a: {extends: {file: 'git@example.com:x.git', service: a}}}\n",
    ] {
        assert!(load(text).unwrap_err().message.contains("not on this machine"));
    }
}

#[test]
fn files_that_mean_harm_are_refused_quickly() {
    let nested = format!("services:\n  a:\n    image: \"{}x{}\"\n", "${A:-".repeat(5000), "}".repeat(5000));
    assert!(load(&nested).is_err());
    let mut chain = String::from("services:\n");
    let mut crowd = String::from("services:\n");
    for index in 0..3000 {
        chain.push_str(&format!("  s{index}: {{extends: s{}}}\n", index + 1));
        crowd.push_str(&format!("  s{index}: {{image: x, depends_on: [s{}]}}\n", index + 1));
    }
    assert!(load(&chain).unwrap_err().message.contains("in a row"));
    assert!(load(&crowd).unwrap_err().message.contains("more than 2000 services"));
    let anchors: Vec<String> = (0..90).map(|level| format!("{}k: &a{level}\n", " ".repeat(level))).collect();
    let anchors = anchors.concat();
    let leaves = format!("{}k: [{}]\n", " ".repeat(90), "x,".repeat(20_000));
    assert!(load(&format!("{anchors}{leaves}")).unwrap_err().message.contains("unfolds"));
}
