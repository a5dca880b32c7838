//! The inputs in `corpus/` under an ordinary test: seeds, and everything that once went wrong.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        check(&std::fs::read(&path).expect("an input"));
        inputs += 1;
    }
    assert!(inputs >= 3, "the corpus of {target} is missing");
}

#[test]
fn tar_inputs_hold() {
    replay("tar", teu_fuzz::tar::check);
    replay("layer", teu_fuzz::tar::check);
}

#[test]
fn layer_inputs_hold() {
    replay("layer", teu_fuzz::layer::check);
    replay("tar", teu_fuzz::layer::check);
}

#[test]
fn manifest_inputs_hold() {
    replay("manifest", teu_fuzz::manifest::check);
}

#[test]
fn reference_inputs_hold() {
    replay("reference", teu_fuzz::reference::check);
}

#[test]
fn terminal_inputs_hold() {
    replay("terminal", teu_fuzz::terminal::check);
}

#[test]
fn log_line_inputs_hold() {
    replay("log-line", teu_fuzz::log_line::check);
}
