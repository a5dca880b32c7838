//! `teu compose config` and its like, which need no container: the reference cases, and what is refused.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use teu_tests::{Output, Teu, skip};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/compose")
}

fn in_folder(teu: &Teu, folder: &Path, words: &[&str]) -> Output {
    let mut command = teu.command(["compose"].iter().chain(words));
    let output = command.current_dir(folder).output().expect("the program starts");
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    }
}

fn project(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("compose.yaml"), text).expect("a file");
    folder
}

#[test]
fn every_reference_case_is_met() {
    let Ok(entries) = std::fs::read_dir(corpus()) else {
        return skip("compose_config", &format!("no reference cases at {}", corpus().display()));
    };
    let teu = Teu::new();
    let (mut failures, mut count) = (Vec::new(), 0);
    for folder in entries.map(|entry| entry.expect("an entry").path()) {
        let names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
        let Some(file) = names.into_iter().find(|name| folder.join(name).exists()) else { continue };
        let words = ["-p", "golden", "-f", file, "--profile", "*", "config", "--format", "json"];
        let words: Vec<&str> = words.into_iter().chain(["--no-path-resolution"]).collect();
        let output = in_folder(&teu, &folder, &words);
        let refused = folder.join("expected.err").exists();
        let expected = std::fs::read_to_string(folder.join("expected.json"));
        if refused || expected.is_ok() {
            count += 1;
        }
        if refused && (output.code != 1 || output.stderr.lines().count() != 1) {
            failures.push(format!("{}: must be refused in one line: {output:?}", folder.display()));
        }
        if let Ok(expected) = expected {
            let expected: Value = serde_json::from_str(&expected).expect("JSON");
            if serde_json::from_str::<Value>(&output.stdout).ok() != Some(expected) {
                failures.push(format!("{}: differs: {}", folder.display(), output.stderr));
            }
        }
    }
    assert!(count > 0, "the corpus holds no case");
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

const STACK: &str = "
services:
  web: {image: 'busybox:${TAG:-1}', depends_on: [db], profiles: [front]}
  db: {image: busybox, volumes: ['data:/data'], networks: [back], environment: {PRICE: '5$$'}}
volumes: {data: }
networks: {back: }
";

#[test]
fn one_aspect_is_printed_a_line_each() {
    let teu = Teu::new();
    let folder = project(STACK);
    let run = |words: &[&str]| {
        in_folder(&teu, folder.path(), &[&["-p", "x", "--profile", "front", "config"], words].concat()).ok()
    };
    assert_eq!(run(&["--services"]), "db\nweb");
    assert_eq!(run(&["--images"]), "busybox\nbusybox:1");
    assert_eq!(run(&["--volumes"]), "data");
    assert_eq!(run(&["--networks"]).lines().collect::<Vec<_>>(), ["back", "default"]);
    assert_eq!(run(&["--profiles"]), "front");
    let hashes = run(&["--hash", "*"]);
    assert_eq!(
        hashes.lines().map(|line| line.split(' ').next()).collect::<Vec<_>>(),
        [Some("db"), Some("web")]
    );
    assert_eq!(run(&["--hash", "db"]), hashes.lines().next().expect("two lines"));
    assert!(run(&["--variables"]).lines().any(|line| line.starts_with("TAG ") && line.contains("false")));
    assert_eq!(run(&["-q"]), "");
    assert_eq!(run(&["--services", "db"]), "db");
    assert!(run(&["--no-interpolate"]).contains("${TAG:-1}"));
    let written = folder.path().join("out.yaml");
    assert_eq!(run(&["-o", &written.display().to_string()]), "");
    // What is printed can be read again, dollar signs and all.
    let again = ["-p", "x", "--profile", "front", "-f", "out.yaml", "config", "--format", "json"];
    assert_eq!(in_folder(&teu, folder.path(), &again).ok(), run(&["--format", "json"]));
}

#[test]
fn variables_and_services_are_told_as_asked() {
    let teu = Teu::new();
    let folder = project(
        "services:
  core: {image: 'x:${TAG:-1}', labels: {tier: back}}
  worker: {image: x, profiles: [w], labels: {tier: back}}
  monitor: {image: x, profiles: [m, w], labels: {tier: ops}}
",
    );
    let run = |words: &[&str]| in_folder(&teu, folder.path(), &[&["config"], words].concat());
    let json: Value = serde_json::from_str(&run(&["--variables", "--format", "json"]).ok()).expect("JSON");
    let tag = serde_json::json!({"Name": "TAG", "DefaultValue": "1", "PresenceValue": "", "Required": false});
    assert_eq!(json, serde_json::json!({"TAG": tag}));
    assert!(run(&["--variables", "--format", "yaml"]).ok().starts_with("TAG:\n  name: TAG\n"));
    for flag in ["--variables", "--no-interpolate"] {
        let told = run(&[flag, "core"]);
        assert!(
            told.code == 0 && told.stderr.contains(&format!("not applied when {flag} is set")),
            "{told:?}"
        );
    }
    let listed = |filters: &[&str]| {
        let words: Vec<&str> = filters.iter().flat_map(|filter| ["--filter", filter]).collect();
        run(&[&["--services"], &words[..]].concat()).ok()
    };
    assert_eq!(listed(&["profile=w"]), "monitor\nworker");
    assert_eq!(listed(&["label=tier=back"]), "core");
    assert_eq!(listed(&["profile=w", "label=tier=back"]), "worker");
    assert_eq!(listed(&["profile=none"]), "");
    assert!(run(&["--services", "--filter", "profile=*"]).fails_with(1).contains("explicitly"));
    assert!(
        run(&["--services", "--filter", "state=up"]).fails_with(1).contains("unknown criteria \"state\"")
    );
    assert!(run(&["--filter", "profile=w"]).fails_with(1).contains("requires --services"));
}

#[test]
fn what_is_wrong_is_told_in_one_line_with_its_place() {
    let teu = Teu::new();
    let refused = |text: &str| {
        let folder = project(text);
        let line = in_folder(&teu, folder.path(), &["config"]).fails_with(1);
        assert_eq!(line.lines().count(), 1, "{line}");
        line
    };
    let line = refused("services:\n  web:\n    imgae: x\n");
    assert!(line.contains("compose.yaml:3:5") && line.contains("image"), "{line}");
    let line = refused("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n");
    assert!(line.contains("cycle") || line.contains("circle"), "{line}");
    let line = refused("services:\n  a: {image: '${NEEDED_BY_TEST:?say it}'}\n");
    assert!(line.contains("NEEDED_BY_TEST") && line.contains("say it"), "{line}");
    let folder = project("services: {a: {image: x}}\n");
    assert!(in_folder(&teu, folder.path(), &["config", "nope"]).fails_with(1).contains("nope"));
    let empty = tempfile::tempdir().expect("a folder");
    in_folder(&teu, empty.path(), &["config"]).fails_with(1);
}

#[test]
fn version_and_an_empty_list() {
    let teu = Teu::new();
    assert!(teu.run(["compose", "version"]).ok().contains(env!("CARGO_PKG_VERSION")));
    assert_eq!(teu.run(["compose", "version", "--short"]).ok(), env!("CARGO_PKG_VERSION"));
    assert_eq!(teu.run(["compose", "ls", "-a"]).ok().lines().count(), 1);
    assert_eq!(teu.run(["compose", "ls", "-q"]).ok(), "");
}
