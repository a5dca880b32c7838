//! Dockerfiles of strangers: whatever is in them, there is an answer, and soon.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use teu_build::{Dockerfile, Stages};

/// Reads, names, parts and expands; only that it ends matters.
fn read(bytes: &[u8]) {
    let Ok(file) = Dockerfile::parse(bytes) else { return };
    let _ = file.dump();
    let none = BTreeMap::new();
    let Ok(stages) = Stages::of(&file, &none, &none) else { return };
    let last = stages.stages.len() - 1;
    assert!(stages.needed(last).contains(&last));
    let variables = |name: &str| name.len().is_multiple_of(2).then(|| "a b*".to_owned());
    for step in stages.stages.iter().flat_map(|stage| &stage.steps) {
        let _ = step.instruction.resolve(stages.escape, &variables);
    }
}

/// Lines made of what Dockerfiles are made of.
fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "(FROM|RUN|COPY|ADD|ENV|ARG|LABEL|CMD|HEALTHCHECK|ONBUILD|EXPOSE|SHELL|USER|WORKDIR|VOLUME) ",
        "--(from|mount|chown|interval|platform)=[a-z0-9,=/$]{0,12} ",
        r#"\$\{?[A-Z]{0,3}(:?[-+?]|#|##|%|%%|/|//)?[a-z*?/'"]{0,4}\}?"#,
        r#"["'\\`$<\[\]{}=# ,]{1,4}"#,
        "<<-?'?EOF'?",
        "[a-zA-Z0-9./]{1,8}",
        "EOF",
        "\\\\\n",
    ];
    prop::collection::vec(word, 0..8).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_bytes_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn any_lines_have_an_answer(lines in prop::collection::vec(line(), 0..12)) {
        read(format!("FROM a AS b\n{}\n", lines.join("\n")).as_bytes());
    }
}

#[test]
fn no_pattern_takes_long() {
    let stars = "*a".repeat(60);
    let text = format!("FROM x\nENV A={}\nENV B=${{A##{stars}b}} C=${{A//{stars}/x}}\n", "a".repeat(2000));
    let file = Dockerfile::parse(text.as_bytes()).unwrap();
    let stages = Stages::of(&file, &BTreeMap::new(), &BTreeMap::new()).unwrap();
    let value = "a".repeat(2000);
    let variables = |_: &str| Some(value.clone());
    // Whoever tries all ways does not come back.
    stages.stages[0].steps[1].instruction.resolve('\\', &variables).unwrap();
}

#[test]
fn nothing_lies_too_deep() {
    let onbuild = "ONBUILD \\\n".repeat(200_000);
    assert!(Dockerfile::parse(format!("FROM x\n{onbuild}RUN y").as_bytes()).is_err());
    let nested = format!("{}x{}", "${A:-\\\n".repeat(200_000), "}".repeat(60_000));
    let file = Dockerfile::parse(format!("FROM x\nENV B={nested}").as_bytes()).unwrap();
    let stages = Stages::of(&file, &BTreeMap::new(), &BTreeMap::new()).unwrap();
    let none = |_: &str| None;
    let error = stages.stages[0].steps[0].instruction.resolve('\\', &none).unwrap_err();
    assert!(error.to_string().contains("too deep"), "{error}");
}
