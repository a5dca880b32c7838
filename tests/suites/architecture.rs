//! The house's own rules: which crate may depend on which, where `unsafe` may stand, how large a file may be.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates each of our crates may depend on.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("teu-api", &[]),
    ("teu-sys", &[]),
    ("teu-store", &["teu-api", "teu-sys"]),
    ("teu-registry", &["teu-api", "teu-store"]),
    ("teu-runtime", &["teu-api", "teu-sys"]),
    ("teu-network", &["teu-api", "teu-sys", "teu-store"]),
    ("teu-supervisor", &["teu-api", "teu-sys", "teu-store", "teu-runtime", "teu-network"]),
    ("teu-build", &["teu-api", "teu-store"]),
    ("teu-compose", &["teu-api"]),
    (
        "teu-core",
        &[
            "teu-api",
            "teu-sys",
            "teu-store",
            "teu-registry",
            "teu-runtime",
            "teu-supervisor",
            "teu-network",
            "teu-build",
            "teu-compose",
        ],
    ),
    ("teu-ui", &["teu-api"]),
    ("teu-fuzz", &["teu-api", "teu-store", "teu-registry", "teu-ui"]),
    ("teu", &["teu-api", "teu-core", "teu-ui"]),
];

/// Crates that must not be reached, not even through others.
const FORBIDDEN_OUTSIDE: [(&str, &[&str]); 2] = [
    ("teu-api", &["tokio", "nix", "ratatui", "rustix"]),
    ("teu-ui", &["tokio", "reqwest", "rusqlite", "nix"]),
];

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace").to_owned()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(workspace_root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Every package's normal dependencies, by package id; development dependencies do not count.
fn normal_edges(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("a resolved graph");
    nodes
        .iter()
        .map(|node| {
            let dependencies = node["deps"].as_array().into_iter().flatten();
            let normal = dependencies
                .filter(|dependency| {
                    dependency["dep_kinds"]
                        .as_array()
                        .is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
                })
                .filter_map(|dependency| dependency["pkg"].as_str().map(str::to_owned))
                .collect();
            (node["id"].as_str().unwrap_or_default().to_owned(), normal)
        })
        .collect()
}

fn names(metadata: &Value) -> BTreeMap<String, String> {
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            (
                package["id"].as_str().unwrap_or_default().to_owned(),
                package["name"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

#[test]
fn crates_depend_only_downwards() {
    let metadata = metadata();
    let (edges, names) = (normal_edges(&metadata), names(&metadata));
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let mut seen = BTreeSet::new();
    for (id, dependencies) in &edges {
        let name = names[id].as_str();
        let Some(allowed) = allowed.get(name) else {
            assert!(
                !name.starts_with("teu-") || name == "teu-tests",
                "{name} is a new crate: give it its place in ALLOWED"
            );
            continue;
        };
        seen.insert(name);
        for dependency in
            dependencies.iter().map(|id| names[id].as_str()).filter(|name| name.starts_with("teu"))
        {
            assert!(allowed.contains(&dependency), "forbidden dependency: {name} -> {dependency}");
        }
    }
    assert!(seen.contains("teu") && seen.contains("teu-api"), "the graph was read: {seen:?}");
}

#[test]
fn plain_crates_reach_no_runtime_kernel_or_terminal() {
    let metadata = metadata();
    let (edges, names) = (normal_edges(&metadata), names(&metadata));
    for (name, forbidden) in FORBIDDEN_OUTSIDE {
        let start = names
            .iter()
            .find(|(_, other)| *other == name)
            .map(|(id, _)| id.clone())
            .expect("the crate exists");
        let (mut reached, mut queue) = (BTreeSet::new(), vec![start]);
        while let Some(id) = queue.pop() {
            if reached.insert(id.clone()) {
                queue.extend(edges[&id].iter().cloned());
            }
        }
        let reached: BTreeSet<&str> = reached.iter().map(|id| names[id].as_str()).collect();
        for other in forbidden {
            assert!(!reached.contains(other), "{name} reaches {other}");
        }
    }
}

/// Every Rust file of ours.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut queue: Vec<PathBuf> =
        ["app", "engine", "ui", "tests"].iter().map(|name| workspace_root().join(name)).collect();
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target" && name != "corpus") {
                    queue.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 20, "the sources were found");
    found
}

#[test]
fn unsafe_code_stands_in_sys_alone() {
    // Put together from two halves so that this file does not accuse itself.
    let keyword = concat!("un", "safe");
    for path in sources() {
        let relative = path.strip_prefix(workspace_root()).expect("below the root").to_owned();
        if relative.starts_with("engine/sys") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file is readable");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let found =
                ["{", "fn", "impl", "extern"].iter().any(|next| code.contains(&format!("{keyword} {next}")));
            assert!(!found, "{}:{}: {keyword} outside engine/sys", relative.display(), number + 1);
        }
    }
}

#[test]
fn no_file_is_a_god_file() {
    for path in sources() {
        let lines = std::fs::read_to_string(&path).expect("a source file is readable").lines().count();
        assert!(lines <= 800, "{} has {lines} lines: split it by meaning", path.display());
    }
}

#[test]
fn the_top_level_holds_what_was_agreed() {
    const AGREED: [&str; 10] = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "README.md",
        "app",
        "engine",
        "screenshots",
        "tests",
        "themes",
        "ui",
    ];
    for entry in std::fs::read_dir(workspace_root()).expect("the root is readable").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || name == "target" || AGREED.contains(&name.as_str()),
            "{name} beside the agreed top level"
        );
    }
}
