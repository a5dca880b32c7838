//! How files come together: overrides, extends, include, variables, profiles, environment files.

mod support;

use serde_json::{Value, json};
use support::{load, load_with, options};
use teu_compose::{LoadOptions, Project, to_json, to_yaml};

fn shown(project: &Project, pointer: &str) -> Value {
    let json = to_json(project, false).unwrap_or_else(|error| panic!("{error}"));
    json.pointer(pointer).cloned().unwrap_or(Value::Null)
}

fn with_files(names: &[&str]) -> LoadOptions {
    LoadOptions { files: names.iter().map(Into::into).collect(), ..options() }
}

#[test]
fn an_override_file_is_found_and_laid_over() {
    let list = [
        (
            "compose.yaml",
            "services:\n  a:\n    image: x\n    ports: ['80:80']\n    environment: {A: 1, B: 2}\n",
        ),
        ("compose.override.yaml", "services:\n  a:\n    ports: ['81:81', '80:80']\n    environment: [B=3]\n"),
    ];
    let project = load_with(&list, &options()).unwrap();
    assert_eq!(shown(&project, "/services/a/environment"), json!({"A": "1", "B": "3"}));
    assert_eq!(project.services["a"].ports.iter().map(|port| port.target).collect::<Vec<_>>(), [80, 81]);
    assert_eq!(project.files.len(), 2);
}

#[test]
fn an_empty_file_may_be_laid_over_another_but_is_nothing_alone() {
    let list = [("a.yaml", "services: {a: {image: x}}\n"), ("b.yaml", "# nothing yet\n")];
    let project = load_with(&list, &with_files(&["a.yaml", "b.yaml"])).unwrap();
    assert_eq!(project.services["a"].image, "x");
    let error = load_with(&list, &with_files(&["b.yaml"])).unwrap_err();
    assert!(error.message.contains("b.yaml is empty"), "{error}");
}

#[test]
fn sizes_of_zero_are_none() {
    let project = load(
        "services:\n  a:\n    image: x\n    shm_size: 0\n    mem_limit: 0m\n    memswap_limit: -1\n    blkio_config: {device_read_bps: [{path: /dev/a, rate: 0}]}\n",
    )
    .unwrap();
    assert_eq!(shown(&project, "/services/a/shm_size"), Value::Null);
    assert_eq!(shown(&project, "/services/a/mem_limit"), Value::Null);
    assert_eq!(shown(&project, "/services/a/memswap_limit"), json!("-1"));
    assert_eq!(shown(&project, "/services/a/blkio_config/device_read_bps/0/Rate"), json!("0"));
}

#[test]
fn reset_and_override_tags_win() {
    let list = [
        (
            "a.yaml",
            "services:\n  a:\n    image: x\n    ports: ['80:80']\n    environment: {A: 1}\n    dns: [1.1.1.1]\n",
        ),
        (
            "b.yaml",
            "services:\n  a:\n    ports: !reset []\n    environment: !override {B: 1}\n    dns: !reset null\n",
        ),
    ];
    let project = load_with(&list, &with_files(&["a.yaml", "b.yaml"])).unwrap();
    let service = &project.services["a"];
    assert!(service.ports.is_empty() && service.dns.is_empty());
    assert_eq!(shown(&project, "/services/a/environment"), json!({"B": "1"}));
}

#[test]
fn what_is_said_twice_is_said_once_and_names_are_names() {
    let base =
        "services:\n  a: {image: x, security_opt: [s:1], group_add: [g], depends_on: [b]}\n  b: {image: x}\n";
    let list = [
        ("a.yaml", base),
        ("b.yaml", "services:\n  a: {security_opt: [s:2, s:1], group_add: [g]}\n"),
        ("c.yaml", "services:\n  a: {depends_on: [{b: x}]}\n"),
    ];
    let project = load_with(&list, &with_files(&["a.yaml", "b.yaml"])).unwrap();
    assert_eq!(project.services["a"].security_opt, ["s:1", "s:2"]);
    assert_eq!(project.services["a"].group_add, ["g"]);
    let error = load_with(&list, &with_files(&["a.yaml", "c.yaml"])).unwrap_err().to_string();
    assert_eq!(error, "c.yaml:2:20: services.a.depends_on: must be a name, not a mapping");
}

#[test]
fn single_names_are_reset_whatever_form_they_were_in() {
    let list = [
        (
            "a.yaml",
            "services:\n  a:\n    image: x\n    environment: {FOO: BAR, KEEP: ME}\n    labels: {own: 1}\n    extra_hosts: ['h:1.1.1.1', 'k:2.2.2.2']\n",
        ),
        ("b.yaml", "services:\n  a:\n    environment: [MORE=1, PASS]\n    labels: {more: 1}\n"),
        (
            "c.yaml",
            "services:\n  a:\n    environment: {FOO: !reset , MORE: !reset null, PASS: !reset }\n    labels: {own: !reset }\n    extra_hosts: {h: !reset }\n",
        ),
    ];
    for files in [&["a.yaml", "b.yaml", "c.yaml"][..], &["a.yaml", "c.yaml"]] {
        let project = load_with(&list, &with_files(files)).unwrap();
        assert_eq!(shown(&project, "/services/a/environment"), json!({"KEEP": "ME"}), "{files:?}");
        assert!(!project.services["a"].labels.contains_key("own"));
        assert_eq!(project.services["a"].extra_hosts, ["k=2.2.2.2"]);
    }
    let project = load(
        "services:\n  a: {extends: b, environment: {FOO: !reset }}\n  b: {image: x, environment: {FOO: 1, KEEP: 2}}\n",
    )
    .unwrap();
    assert_eq!(shown(&project, "/services/a/environment"), json!({"KEEP": "2"}));
}

#[test]
fn extends_takes_over_from_here_and_from_other_files() {
    let list = [
        (
            "compose.yaml",
            "services:\n  a:\n    extends: b\n    command: own\n  b:\n    extends: {file: dir/base.yaml, service: base}\n    environment: [X=2]\n",
        ),
        (
            "dir/base.yaml",
            "services:\n  base:\n    extends: {file: deep/core.yaml, service: core}\n    build: .\n    volumes: ['./v:/v']\n    environment: [X=1, Y=1]\n    env_file: e.env\n",
        ),
        ("dir/deep/core.yaml", "services:\n  core:\n    image: core\n    command: core\n    label_file: l\n"),
        ("dir/e.env", "Z=${OUT}\nX=9\n"),
        ("dir/deep/l", "L=1\n"),
    ];
    let project = load_with(&list, &options()).unwrap();
    let service = &project.services["a"];
    assert_eq!(service.image, "core");
    assert_eq!(service.command.as_deref(), Some(&["own".to_owned()][..]));
    assert_eq!(service.build.as_ref().unwrap().context, "dir");
    assert_eq!(service.volumes[0].source, "dir/v");
    assert_eq!(service.labels["L"], "1");
    assert_eq!(shown(&project, "/services/a/environment"), json!({"X": "2", "Y": "1", "Z": "side"}));
}

#[test]
fn reset_works_against_an_extended_service() {
    let project = load(
        "services:\n  a:\n    extends: b\n    ports: !reset []\n  b:\n    image: x\n    ports: ['80:80']\n",
    )
    .unwrap();
    assert!(project.services["a"].ports.is_empty());
    assert_eq!(project.services["b"].ports.len(), 1);
}

#[test]
fn include_resolves_paths_and_variables_in_its_own_folder() {
    let list = [
        (
            "compose.yaml",
            "include:\n  - sub/compose.yaml\n  - {path: [other/c.yaml, other/o.yaml], project_directory: base, env_file: other/my.env}\nservices:\n  main:\n    image: x\n    depends_on: [inner]\n  inner:\n    environment: [MORE=1]\n",
        ),
        (
            "sub/compose.yaml",
            "services:\n  inner:\n    build: ./ctx\n    environment: [V=$V]\nsecrets:\n  s: {file: s.txt}\n",
        ),
        ("sub/.env", "V=sub\n"),
        ("other/c.yaml", "services:\n  o:\n    image: i:$V\n    volumes: ['./d:/d']\n"),
        ("other/o.yaml", "services:\n  o:\n    init: true\n"),
        ("other/my.env", "V=my\n"),
    ];
    let project = load_with(&list, &LoadOptions { all_resources: true, ..options() }).unwrap();
    assert_eq!(project.services["inner"].build.as_ref().unwrap().context, "sub/ctx");
    assert_eq!(shown(&project, "/services/inner/environment"), json!({"V": "sub", "MORE": "1"}));
    assert_eq!(project.secrets["s"].file, "sub/s.txt");
    assert_eq!(project.services["o"].image, "i:my");
    assert_eq!(project.services["o"].volumes[0].source, "base/d");
    assert_eq!(project.services["o"].init, Some(true));
}

#[test]
fn circles_of_files_and_services_are_refused() {
    let list = [
        ("compose.yaml", "include: [b.yaml]\nservices: {a: {image: x}}\n"),
        ("b.yaml", "include: [compose.yaml]\n"),
    ];
    assert!(load_with(&list, &options()).unwrap_err().message.contains("circle"));
    let error = load("services:\n  a:\n    extends: b\n  b:\n    extends: a\n").unwrap_err();
    assert!(error.message.contains("circle"), "{error}");
    let error = load("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x, links: [a]}\n").unwrap_err();
    assert!(error.to_string().starts_with("compose.yaml:2:"), "{error}");
    assert!(error.message.contains("a -> b -> c -> a"), "{error}");
}

#[test]
fn variables_come_from_outside_then_from_env_files() {
    let list = [
        (
            "compose.yaml",
            "name: ${N:-none}\nservices:\n  a:\n    image: ${IMG}:${TAG:-latest}\n    init: ${FLAG}\n    scale: ${COUNT}\n    labels: {o: $OUT, p: $COMPOSE_PROJECT_NAME, m: '${MISSING}', d: '$$x'}\n",
        ),
        (".env", "IMG=img\nOUT=file\nFLAG=yes\nCOUNT=2\nN=My.Name\n"),
    ];
    let project = load_with(&list, &LoadOptions { project_name: None, ..options() }).unwrap();
    assert_eq!(project.name, "myname");
    let service = &project.services["a"];
    assert_eq!((service.image.as_str(), service.init, service.scale), ("img:latest", Some(true), Some(2)));
    assert_eq!(
        shown(&project, "/services/a/labels"),
        json!({"o": "side", "p": "myname", "m": "", "d": "$x"})
    );
    assert!(project.warnings.iter().any(|warning| warning.contains("MISSING")), "{:?}", project.warnings);
    assert_eq!(project.variables["TAG"].default, "latest");
    assert_eq!(to_json(&project, true).unwrap().pointer("/services/a/labels/d"), Some(&json!("$$x")));
}

#[test]
fn environment_files_name_the_projects_files() {
    let list = [
        (".env", "COMPOSE_FILE=one.yaml;sub/two.yaml\nCOMPOSE_PATH_SEPARATOR=;\nCOMPOSE_PROFILES=dev\n"),
        ("one.yaml", "services:\n  a: {image: x}\n"),
        ("sub/two.yaml", "services:\n  b: {image: x, profiles: [dev]}\n"),
    ];
    let project = load_with(&list, &options()).unwrap();
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(project.directory, std::path::Path::new("/p"));
    // The nearest folder's variables win over those of the folder where the project's file is found.
    let list = [
        ("compose.yaml", "services:\n  a: {image: '${A}-${B}'}\n"),
        (".env", "A=far\nB=far\n"),
        ("deep/.env", "A=near\n"),
    ];
    let deep = LoadOptions { current_directory: "/p/deep".into(), ..options() };
    assert_eq!(load_with(&list, &deep).unwrap().services["a"].image, "near-far");
    let mut off = deep.clone();
    off.environment.insert("COMPOSE_DISABLE_ENV_FILE".into(), "True".into());
    assert_eq!(load_with(&list, &off).unwrap().services["a"].image, "-");
}

#[test]
fn profiles_enable_services_and_what_they_use() {
    let text = "services:\n  a: {image: x}\n  b: {image: x, profiles: [dev], networks: [n], volumes: ['vol:/v']}\nnetworks: {n: }\nvolumes: {vol: , unused: }\n";
    let project = load(text).unwrap();
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["a"]);
    assert!(project.volumes.is_empty() && project.disabled.contains_key("b"));
    let project = support::load_with(
        &[("compose.yaml", text)],
        &LoadOptions { profiles: vec!["dev".into()], ..options() },
    )
    .unwrap();
    assert_eq!(project.networks.keys().collect::<Vec<_>>(), ["default", "n"]);
    assert_eq!(project.volumes.keys().collect::<Vec<_>>(), ["vol"]);
}

#[test]
fn optional_and_raw_environment_files() {
    let list = [
        (
            "compose.yaml",
            "services:\n  a:\n    image: x\n    env_file: [{path: none, required: false}, {path: r, format: raw}]\n    environment: [OUT, NONE]\n",
        ),
        ("r", "Q='$OUT'\n"),
    ];
    let project = load_with(&list, &options()).unwrap();
    assert_eq!(
        shown(&project, "/services/a/environment"),
        json!({"OUT": "side", "NONE": null, "Q": "'$OUT'"})
    );
}

#[test]
fn paths_become_absolute() {
    let text = "services:\n  a:\n    build: {context: ., additional_contexts: {x: ../y, g: 'https://e/x.git', s: 'service:b'}}\n    volumes: ['./d/../e:/d', '~/h:/h', 'vol:/v']\n  b: {image: x}\nvolumes: {vol: {driver: local, driver_opts: {o: bind, device: ./w}}}\n";
    let project =
        support::load_with(&[("compose.yaml", text)], &LoadOptions { resolve_paths: true, ..options() })
            .unwrap();
    let build = project.services["a"].build.as_ref().unwrap();
    assert_eq!(build.context, "/p");
    assert_eq!(build.additional_contexts["x"], "/y");
    assert_eq!(build.additional_contexts["g"], "https://e/x.git");
    assert_eq!(build.additional_contexts["s"], "service:b");
    let sources: Vec<&str> =
        project.services["a"].volumes.iter().map(|mount| mount.source.as_str()).collect();
    assert_eq!(sources, ["/p/e", "/home/me/h", "vol"]);
    assert_eq!(project.volumes["vol"].driver_opts["device"], "/p/w");
}

#[test]
fn yaml_keeps_the_authors_own_keys() {
    let project =
        load("x-top: {a: 1}\nservices:\n  a:\n    image: x\n    x-own: [1]\n    deploy: {x-deep: y}\n")
            .unwrap();
    let yaml = to_yaml(&project, true).unwrap();
    for part in ["x-top", "x-own", "x-deep"] {
        assert!(yaml.contains(part), "{part} is not in\n{yaml}");
    }
    assert!(!yaml.contains("command"));
    assert_eq!(shown(&project, "/x-top"), json!({"a": 1}));
    assert_eq!(shown(&project, "/services/a/x-own"), Value::Null);
}

#[test]
fn yaml_is_indented_and_broken_nowhere() {
    let long = "x".repeat(60) + " " + &"y".repeat(60);
    let text = format!(
        "services:\n  a:\n    image: x\n    ports: ['80:80']\n    labels: {{l: '{long}', m: \"a\\nb\\n\"}}\n"
    );
    let project = load(&text).unwrap();
    let yaml = to_yaml(&project, true).unwrap();
    assert!(yaml.contains("    ports:\n      - mode: ingress\n        target: 80\n"), "{yaml}");
    assert!(yaml.contains(&format!("      l: {long}\n")), "{yaml}");
    assert!(yaml.contains("      m: |\n        a\n        b\n"), "{yaml}");
    // What is printed says the same.
    assert_eq!(to_json(&load(&yaml).unwrap(), true), to_json(&project, true));
}

#[test]
fn the_hash_changes_with_what_containers_are_made_of() {
    let hash = |text: &str| teu_compose::config_hash(&load(text).unwrap().services["a"]);
    let base = hash("services: {a: {image: x}}");
    assert_eq!(base, hash("services: {a: {image: x, scale: 3, pull_policy: always}}"));
    assert_eq!(base, hash("services: {a: {image: x, depends_on: [b]}, b: {image: y}}"));
    assert_ne!(base, hash("services: {a: {image: y}}"));
    assert_ne!(base, hash("services: {a: {image: x, environment: [A=1]}}"));
}

#[test]
fn naming_services_activates_their_profiles_and_narrows_the_project() {
    let text = "services:\n  a: {image: x, networks: [n]}\n  b: {image: x, profiles: [dev], depends_on: [a]}\n  c: {image: x, profiles: [other]}\n  d: {image: x}\nnetworks: {n: }\n";
    let named = LoadOptions { services: vec!["b".into()], ..options() };
    let project = load_with(&[("compose.yaml", text)], &named).unwrap();
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["a", "b", "d"]);
    let narrow = project.restricted_to(&["a".into()]).unwrap();
    assert_eq!(narrow.services.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(narrow.networks.keys().collect::<Vec<_>>(), ["n"]);
    assert_eq!(project.restricted_to(&["b".into()]).unwrap().services.len(), 2);
    assert!(project.restricted_to(&["nope".into()]).unwrap_err().missing);
}

#[test]
fn ssh_keys_are_shown_by_name() {
    let project = load("services: {a: {build: {context: ., ssh: [default]}}}").unwrap();
    assert_eq!(shown(&project, "/services/a/build/ssh"), json!(["default"]));
    let project = load("services: {a: {build: {context: ., ssh: {k: ./key}}}}").unwrap();
    assert!(to_json(&project, false).is_err());
    assert!(to_yaml(&project, false).unwrap().contains("k=./key"));
}

#[test]
fn a_text_in_the_making_is_told_all_that_is_wrong_with_it() {
    let saved =
        [("compose.yaml", "services: {a: {image: x}}\n"), ("base.yaml", "services: {b: {image: y}}\n")];
    let check = |text: &str| -> Vec<String> {
        teu_compose::validate(
            text,
            std::path::Path::new("/p/compose.yaml"),
            &options(),
            &support::files(&saved),
        )
        .iter()
        .map(|finding| format!("{:?} {}", finding.severity, finding.error))
        .collect()
    };
    assert_eq!(check("services: {a: {extends: {file: base.yaml, service: b}}}\n"), Vec::<String>::new());
    assert_eq!(
        check("services:\n  a:\n    imgae: x\n    ports: yes\n    init: [1]\n"),
        [
            "Error compose.yaml:3:5: services.a.imgae: there is no such key (did you mean `image`?)",
            "Error compose.yaml:4:12: services.a.ports: must be a list, not a string",
            "Error compose.yaml:5:5: services.a.init: must be a boolean or a string, not a list",
        ]
    );
    assert_eq!(check("services:\n\ta: x\n").len(), 1);
    assert!(check("services: {a: {image: \"x:$TAG\"}}\n")[0].starts_with("Warning the variable `TAG`"));
    assert!(check("services:\n  a: {image: x, depends_on: [z]}\n")[0].contains("compose.yaml:2:"));
}

#[test]
fn hooks_before_a_start_are_containers_like_their_services() {
    let list = [
        (
            "base.yaml",
            "services:\n  b:\n    image: x\n    pre_start:\n      - {command: sh -c 'a b', image: '${IMG:-y}', user: root, privileged: 'true', per_replica: true}\n",
        ),
        (
            "a.yaml",
            "services:\n  a:\n    extends: {file: base.yaml, service: b}\n    build: .\n    command: serve\n    ports: ['80:80']\n    volumes: ['v:/v']\n    environment: {A: 0, C: 3}\n    cap_add: [SYS_TIME]\n    pre_start: [{command: [c], working_dir: /w, cap_add: [SYS_TIME, NET_ADMIN], volumes: ['./d:/d'], environment: [A=1, B]}]\nvolumes: {v: }\n",
        ),
        ("b.yaml", "services:\n  a:\n    pre_start: [{image: z}]\n"),
    ];
    let project = load_with(&list, &with_files(&["a.yaml", "b.yaml"])).unwrap();
    let environment = json!({"A": "0", "C": "3"});
    let networks = json!({"default": null});
    assert_eq!(
        shown(&project, "/services/a/pre_start"),
        json!([
            {
                "per_replica": true, "cap_add": ["SYS_TIME"], "command": ["sh", "-c", "a b"], "entrypoint": null,
                "environment": environment, "image": "y", "networks": networks, "privileged": true, "user": "root",
            },
            {
                "cap_add": ["SYS_TIME", "NET_ADMIN"], "command": ["c"], "entrypoint": null,
                "environment": {"A": "1", "B": null, "C": "3"}, "image": "x", "networks": networks,
                "volumes": [{"type": "bind", "source": "./d", "target": "/d", "bind": {}}], "working_dir": "/w",
            },
            {
                "cap_add": ["SYS_TIME"], "command": ["serve"], "entrypoint": null, "environment": environment,
                "image": "z", "networks": networks,
            },
        ])
    );
    assert_eq!(project.services["a"].hook_images(), ["y", "z"]);
    let over = [
        ("a.yaml", list[1].1),
        ("base.yaml", list[0].1),
        ("c.yaml", "services:\n  a:\n    pre_start: !override [{command: only}]\n"),
    ];
    let project = load_with(&over, &with_files(&["a.yaml", "c.yaml"])).unwrap();
    assert_eq!(project.services["a"].pre_start.len(), 1);
    // What `config` shows is read again as the same.
    let text = to_yaml(&project, true).unwrap();
    assert!(!text.contains("entrypoint"), "{text}");
    let again = load_with(&[("compose.yaml", &text)], &options()).unwrap();
    assert_eq!(again.services, project.services);
}

#[test]
fn what_hooks_use_counts_as_used_and_must_be_there() {
    let text = "services:\n  a:\n    image: x\n    pre_start: [{networks: [n], volumes: ['vol:/v'], secrets: [s], env_file: e}]\nnetworks: {n: }\nvolumes: {vol: }\nsecrets: {s: {file: f}}\n";
    let project = load_with(&[("compose.yaml", text), ("e", "E=1\n")], &options()).unwrap();
    assert!(project.networks.contains_key("n") && project.volumes.contains_key("vol"));
    let hook = &project.services["a"].pre_start[0].container;
    assert_eq!(hook.environment["E"].as_deref(), Some("1"));
    assert_eq!(hook.secrets[0].target, "/run/secrets/s");
    for (key, value) in [("networks", "[o]"), ("volumes", "['other:/v']"), ("secrets", "[o]")] {
        let text = format!("services: {{a: {{image: x, pre_start: [{{{key}: {value}}}]}}}}\n");
        let error = load(&text).unwrap_err();
        assert!(error.message.contains("`o"), "{error}");
    }
}

#[test]
fn keys_that_were_extensions_once_count_as_what_they_became() {
    let watch = |text: &str| format!("services:\n  a:\n    image: x\n{text}");
    let old = "    x-develop:\n      watch: [{path: src, action: sync, target: /s, x-initialSync: true}]\n";
    let shown_of = |text: &str| shown(&load(text).unwrap(), "/services/a/develop/watch");
    let sync = json!({"path": "src", "action": "sync", "target": "/s", "initial_sync": true, "exec": {"command": null}});
    assert_eq!(shown_of(&watch(old)), json!([sync.clone()]));
    assert_eq!(shown_of(&watch(&format!("    develop:\n{old}"))), json!([sync.clone()]));
    let both = format!(
        "    develop:\n      watch: [{{path: b, action: rebuild, initial_sync: false, x-initialSync: true}}]\n{old}"
    );
    let found = shown_of(&watch(&both));
    assert_eq!(found[0], sync);
    assert_eq!((&found[1]["path"], found[1].get("initial_sync")), (&json!("b"), None));
    // Each file on its own, and extended services, too.
    let list = [
        ("a.yaml", "services:\n  a: {extends: {file: b.yaml, service: b}}\n"),
        ("b.yaml", "services:\n  b: {image: x, x-develop: {watch: [{path: src, action: restart}]}}\n"),
        ("c.yaml", "services:\n  a: {x-develop: {watch: [{path: more, action: rebuild}]}}\n"),
    ];
    let project = load_with(&list, &with_files(&["a.yaml", "c.yaml"])).unwrap();
    let paths: Vec<&str> = project.services["a"]
        .develop
        .iter()
        .flat_map(|all| &all.watch)
        .map(|one| one.path.as_str())
        .collect();
    assert_eq!(paths, ["src", "more"]);
    let error = load(&watch("    x-develop: no\n")).unwrap_err();
    assert!(error.to_string().contains("services.a.develop"), "{error}");
}

#[test]
fn dates_without_quotes_are_moments_as_go_reads_them() {
    let project = load(
        "x-made: 2024-01-15\nservices:\n  a:\n    image: x\n    environment: {A: 2024-01-15, B: '2024-01-15', C: 2024-01-15T10:00:00Z}\n    labels: [D=2024-01-15]\n    annotations: {E: 2024-1-5}\n",
    )
    .unwrap();
    assert_eq!(
        shown(&project, "/services/a/environment"),
        json!({"A": "2024-01-15 00:00:00 +0000 UTC", "B": "2024-01-15", "C": "2024-01-15 10:00:00 +0000 UTC"})
    );
    assert_eq!(shown(&project, "/services/a/labels"), json!({"D": "2024-01-15"}));
    assert_eq!(shown(&project, "/services/a/annotations"), json!({"E": "2024-01-05 00:00:00 +0000 UTC"}));
    assert_eq!(shown(&project, "/x-made"), json!("2024-01-15T00:00:00Z"));
    for key in
        ["hostname", "user", "working_dir", "restart", "container_name", "pull_policy", "scale", "init"]
    {
        let error = load(&format!("services:\n  a:\n    image: x\n    {key}: 2024-01-15\n")).unwrap_err();
        assert!(error.message.contains("date") || error.message.contains("2024"), "{error}");
        assert_eq!(error.position.map(|place| place.line), Some(4), "{key}");
    }
    // What is laid over it is asked, and not what was there before.
    let list = [
        ("a.yaml", "services: {a: {image: x, hostname: 2024-01-15}}\n"),
        ("b.yaml", "services: {a: {hostname: h}}\n"),
    ];
    assert_eq!(load_with(&list, &with_files(&["a.yaml", "b.yaml"])).unwrap().services["a"].hostname, "h");
}

#[test]
fn numbers_in_quotes_keep_their_bounds() {
    for (value, fits) in [
        ("oom_score_adj: '500'", true),
        ("oom_score_adj: '2000'", false),
        ("oom_score_adj: 2000", false),
        ("cpu_count: '-1'", false),
        ("cpu_percent: '7e0'", true),
        ("cpu_percent: '150'", false),
        ("shm_size: 1.5", true),
        ("mem_limit: 1.5", true),
        ("group_add: [1]", true),
        ("group_add: [1.5]", false),
        ("storage_opt: {size: 1}", true),
        ("storage_opt: {size: true}", false),
        ("pull_refresh_after: soon", true),
        ("volumes: [{type: tmpfs, target: /t, tmpfs: {size: 64m}}]", true),
        ("volumes: [{type: tmpfs, target: /t, tmpfs: {size: '-1'}}]", false),
    ] {
        let loaded = load(&format!("services:\n  a:\n    image: x\n    {value}\n"));
        assert_eq!(loaded.is_ok(), fits, "{value}: {:?}", loaded.err());
    }
}
