//! `teu artifact ls`.

use super::shown_digest;
use crate::arguments::ArtifactListArguments;
use crate::commands::{Outcome, print};
use crate::output::{Format, Row, decimal_size};
use teu_core::images::artifact;

const USUAL: &str = r"{{.Tag}}\t{{.Type}}\t{{.Digest}}\t{{.Size}}";
const HEADINGS: [(&str, &str); 4] =
    [("Tag", "TAG"), ("Type", "TYPE"), ("Digest", "DIGEST"), ("Size", "SIZE")];

/// Lists what a repository has on its registry.
pub fn run(arguments: &ArtifactListArguments) -> Outcome {
    let format = Format::parse(arguments.format.as_deref(), USUAL, arguments.quiet.then_some("{{.Digest}}"))?;
    let rows: Vec<Row> = artifact::tags(&arguments.name)?
        .into_iter()
        .map(|entry| {
            let digest = shown_digest(&entry.digest, arguments.no_trunc || arguments.quiet);
            Row::new([
                ("Tag", entry.tag),
                ("Type", entry.kind),
                ("Digest", digest),
                ("Size", decimal_size(entry.size)),
            ])
        })
        .collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}
