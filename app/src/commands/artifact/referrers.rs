//! `teu image referrers`.

use super::shown_digest;
use crate::arguments::ImageReferrersArguments;
use crate::commands::{Outcome, print};
use crate::output::{Format, Row, decimal_size};
use teu_core::images::artifact;

const USUAL: &str = r"{{.Digest}}\t{{.ArtifactType}}\t{{.Size}}\t{{.Annotations}}";
const HEADINGS: [(&str, &str); 5] = [
    ("Digest", "DIGEST"),
    ("ArtifactType", "ARTIFACT TYPE"),
    ("MediaType", "MEDIA TYPE"),
    ("Size", "SIZE"),
    ("Annotations", "ANNOTATIONS"),
];

/// Lists what refers to an image.
pub fn run(arguments: &ImageReferrersArguments) -> Outcome {
    let format = Format::parse(arguments.format.as_deref(), USUAL, arguments.quiet.then_some("{{.Digest}}"))?;
    let rows: Vec<Row> = artifact::referrers(&arguments.name, arguments.artifact_type.as_deref())?
        .into_iter()
        .map(|entry| {
            let notes: Vec<String> =
                entry.annotations.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let digest = entry.digest.to_string();
            Row::new([
                ("Digest", shown_digest(&digest, arguments.no_trunc || arguments.quiet)),
                ("ArtifactType", entry.artifact_type.unwrap_or_default()),
                ("MediaType", entry.media_type),
                ("Size", decimal_size(entry.size)),
                ("Annotations", notes.join(",")),
            ])
        })
        .collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}
