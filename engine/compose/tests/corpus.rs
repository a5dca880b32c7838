//! The reference cases: what Docker Compose prints for real projects, and what it refuses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;
use teu_compose::{LoadOptions, load, to_json};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/compose")
}

fn options(folder: &Path) -> LoadOptions {
    let file = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
        .map(|name| folder.join(name));
    LoadOptions {
        files: file.into_iter().filter(|path| path.exists()).take(1).collect(),
        project_name: Some("golden".into()),
        profiles: vec!["*".into()],
        environment: BTreeMap::from([("HOME".into(), "/root".into())]),
        current_directory: folder.to_owned(),
        resolve_paths: false,
        ..LoadOptions::default()
    }
}

#[test]
fn every_reference_case_is_met() {
    let Ok(entries) = std::fs::read_dir(corpus()) else {
        teu_tests::skip(
            "every_reference_case_is_met",
            &format!("there is no corpus at {}", corpus().display()),
        );
        return;
    };
    let (mut failures, mut count) = (Vec::new(), 0);
    for folder in entries.map(|entry| entry.unwrap().path()) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let shown = |result: Result<serde_json::Value, teu_compose::ComposeError>| match result {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        };
        let begun = Instant::now();
        let result = load(&options(&folder)).and_then(|project| to_json(&project, true));
        println!("{name}: {:?}", begun.elapsed());
        if folder.join("expected.err").exists() {
            count += 1;
            match result {
                Ok(_) => failures.push(format!("{name}: accepted, but must be refused")),
                Err(error) => println!("{name}: refused: {error}"),
            }
        } else if let Ok(text) = std::fs::read_to_string(folder.join("expected.json")) {
            count += 1;
            let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
            if result.as_ref().ok() != Some(&expected) {
                failures.push(format!("{name}:\n  expected {expected}\n  got      {}", shown(result)));
            }
        }
    }
    assert!(count > 0, "the corpus holds no case");
    assert!(failures.is_empty(), "{} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
}
