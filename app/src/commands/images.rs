//! `teu images`.

use super::{Outcome, listing, say, words};
use crate::arguments::ImageListArguments;
use jiff::Timestamp;
use serde_json::{Value, json};
use teu_api::image::ImageSnapshot;
use teu_core::Engine;

const COLUMNS: [listing::Column; 5] =
    [("REPOSITORY", "Repository"), ("TAG", "Tag"), ("IMAGE ID", "ID"), ("CREATED", "CreatedSince"), ("SIZE", "Size")];

/// Lists images, one row a tag.
pub fn run(engine: &Engine, arguments: &ImageListArguments) -> Outcome {
    let now = Timestamp::now().as_nanosecond() as i64;
    let mut rows = Vec::new();
    for image in engine.images()? {
        let untagged = ["<none>:<none>".to_owned()];
        let tags = if image.tags.is_empty() { &untagged[..] } else { &image.tags };
        rows.extend(tags.iter().map(|tag| row(&image, tag, arguments.no_trunc, now)));
    }
    if let Some(wanted) = &arguments.reference {
        rows.retain(|row| {
            let (repository, tag) = (row["Repository"].as_str().unwrap_or_default(), row["Tag"].as_str().unwrap_or_default());
            wanted == repository || *wanted == format!("{repository}:{tag}")
        });
    }
    if arguments.quiet {
        for row in &rows {
            say(row["ID"].as_str().unwrap_or_default())?;
        }
        return Ok(0);
    }
    listing::print(&rows, &COLUMNS, arguments.format.as_deref())?;
    Ok(0)
}

fn row(image: &ImageSnapshot, tag: &str, whole: bool, now: i64) -> Value {
    let (repository, tag) = tag.rsplit_once(':').unwrap_or((tag, "<none>"));
    let hex = image.id.strip_prefix("sha256:").unwrap_or(&image.id);
    json!({
        "ID": if whole { image.id.as_str() } else { hex.get(..12).unwrap_or(hex) },
        "Repository": repository,
        "Tag": tag,
        "Digest": image.manifest_digest,
        "CreatedSince": image.created_at.map_or_else(|| "N/A".to_owned(), |created| words::ago(created, now)),
        "CreatedAt": image.created_at.and_then(|at| Timestamp::from_nanosecond(i128::from(at)).ok()).map_or_else(String::new, |at| at.to_string()),
        "Size": words::size(image.size),
        "Containers": image.containers.to_string(),
    })
}
