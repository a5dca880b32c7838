//! `teu images`.

use super::image::tree;
use super::{Outcome, now, print};
use crate::arguments::ImageListArguments;
use crate::filter::{ImageFilter, ListedImage};
use crate::output::{self, Format, Row};
use teu_core::Engine;

const TABLE: &str = r"{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
const TABLE_WITH_DIGESTS: &str =
    r"{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";

const HEADINGS: [(&str, &str); 11] = [
    ("Repository", "REPOSITORY"),
    ("Tag", "TAG"),
    ("Digest", "DIGEST"),
    ("ID", "IMAGE ID"),
    ("CreatedSince", "CREATED"),
    ("CreatedAt", "CREATED AT"),
    ("Size", "SIZE"),
    ("Containers", "CONTAINERS"),
    ("SharedSize", "SHARED SIZE"),
    ("UniqueSize", "UNIQUE SIZE"),
    ("VirtualSize", "SIZE"),
];

/// Lists images, one row a name.
pub fn run(engine: &Engine, arguments: &ImageListArguments) -> Outcome {
    let images = engine.images()?;
    let now = now();
    let filter = ImageFilter::new(&arguments.filter, arguments.reference.as_deref(), &images, now)?;
    let usual = if arguments.digests { TABLE_WITH_DIGESTS } else { TABLE };
    let format = Format::parse(arguments.format.as_deref(), usual, arguments.quiet.then_some("{{.ID}}"))?;
    if arguments.tree {
        return tree::run(engine, &filter.lines(&images), arguments.no_trunc);
    }
    let rows: Vec<Row> =
        filter.lines(&images).iter().map(|line| row(&format, line, arguments.no_trunc, now)).collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

fn row(format: &Format, line: &ListedImage<'_>, whole: bool, now: i64) -> Row {
    let image = line.image;
    let (repository, tag) = line.tag.and_then(|tag| tag.rsplit_once(':')).unwrap_or(("<none>", "<none>"));
    let created = |text: &dyn Fn(i64) -> String| image.created_at.map_or_else(|| "N/A".to_owned(), text);
    Row::shown(
        format,
        &[
            ("Repository", &|| repository.to_owned()),
            ("Tag", &|| tag.to_owned()),
            ("Digest", &|| image.manifest_digest.clone()),
            ("ID", &|| if whole { image.id.clone() } else { output::short_id(&image.id).to_owned() }),
            ("CreatedSince", &|| created(&|at| output::ago(at, now))),
            ("CreatedAt", &|| created(&output::docker_time)),
            ("Size", &|| output::decimal_digits(image.size, 3)),
            ("SharedSize", &|| "N/A".to_owned()),
            ("UniqueSize", &|| "N/A".to_owned()),
            ("VirtualSize", &|| output::decimal_size(image.size)),
            ("Containers", &|| image.containers.to_string()),
        ],
    )
    .labels(&image.labels)
}
