//! `teu images --tree`: each image once, with its names above and its platform below.

use crate::commands::{Outcome, print};
use crate::filter::ListedImage;
use crate::output::{decimal_digits, safe, short_id, table};
use teu_api::image::ImageSnapshot;
use teu_core::Engine;

/// Draws the images of these lines.
pub fn run(engine: &Engine, lines: &[ListedImage<'_>], whole: bool) -> Outcome {
    let mut rows = vec![["IMAGE", "ID", "DISK USAGE", "CONTENT SIZE", "USED BY"].map(str::to_owned).to_vec()];
    let mut images: Vec<&ImageSnapshot> = Vec::new();
    for line in lines {
        if !images.iter().any(|image| image.id == line.image.id) {
            images.push(line.image);
        }
    }
    for image in images {
        let record = engine.store().image(&image.id)?;
        let content: u64 =
            engine.store().image_layer_records(&image.id)?.iter().map(|layer| layer.blob_size).sum();
        let id = |text: &str| if whole { text.to_owned() } else { short_id(text).to_owned() };
        let (size, content) = (decimal_digits(image.size, 3), decimal_digits(content, 3));
        let users = image.containers.to_string();
        let names = if image.tags.is_empty() { &["<untagged>".to_owned()][..] } else { &image.tags };
        for name in names {
            let cells = [&safe(name), id(&image.id).as_str(), &size, &content, &users].map(str::to_owned);
            rows.push(cells.to_vec());
        }
        let variant = if record.variant.is_empty() { String::new() } else { format!("/{}", record.variant) };
        let platform = format!("└─ {}/{}{variant}", record.os, record.architecture);
        let manifest = id(&image.manifest_digest);
        rows.push([&*safe(&platform), manifest.as_str(), &size, &content, ""].map(str::to_owned).to_vec());
    }
    print(&table(&rows))?;
    Ok(0)
}
