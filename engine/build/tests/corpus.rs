//! The reference cases: the trees that BuildKit's parser makes of Dockerfiles.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use teu_build::Dockerfile;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/dockerfile")
}

#[test]
fn every_reference_case_is_met() {
    let Ok(entries) = std::fs::read_dir(corpus()) else {
        let why = format!("there is no corpus at {}", corpus().display());
        teu_tests::skip("every_reference_case_is_met", &why);
        return;
    };
    let (mut failures, mut count) = (Vec::new(), 0);
    for folder in entries.map(|entry| entry.unwrap().path()) {
        let Ok(expected) = std::fs::read_to_string(folder.join("result")) else { continue };
        count += 1;
        let found = match Dockerfile::parse(&std::fs::read(folder.join("Dockerfile")).unwrap()) {
            Ok(file) => file.dump(),
            Err(error) => error.to_string(),
        };
        if found.trim() != expected.trim() {
            failures.push(format!("{}:\n  expected {expected}\n  got      {found}", folder.display()));
        }
    }
    assert!(count > 0, "the corpus holds no case");
    assert!(failures.is_empty(), "{} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
}
