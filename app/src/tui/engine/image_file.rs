//! Files of images: read for the screen, and copied out.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use teu_api::details::{FileContent, ImagePath};
use teu_api::{Command, Event, Failure, FailureKind};
use teu_core::images::ImageFiles;
use teu_core::{CopyOptions, Engine, Paths};

/// Most bytes of a file that are read: more than anybody reads on a screen, and a bound on memory.
const MOST: u64 = 4 << 20;

/// Reads a file as it is in a layer.
pub fn read(paths: &Paths, from: ImagePath) -> Event {
    let content = Engine::open(paths.clone()).and_then(|engine| content(&engine, &from));
    Event::ImageFile { from, content }
}

fn content(engine: &Engine, from: &ImagePath) -> Result<FileContent, Failure> {
    let layer = (from.layer + 1).to_string();
    let files = |layer| ImageFiles { image: &from.image, layer, path: from.path.as_bytes() };
    let file = match engine.open_image_file(files(Some(&layer))) {
        // A link may lead to a file of another layer.
        Err(failure) if failure.kind == FailureKind::NotFound => engine.open_image_file(files(None))?,
        file => file?,
    };
    let failed = |error: std::io::Error| Failure::internal(format!("cannot read {}: {error}", from.path));
    let known = file.metadata().map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(FileContent { bytes, size: known.len(), mode: known.mode() })
}

/// Copies a file or a folder out of a layer; what is there already is replaced only where that was asked for.
pub fn extract(paths: &Paths, from: ImagePath, to: String, overwrite: bool) -> Event {
    let target = Path::new(&to);
    if !overwrite && fs::symlink_metadata(target).is_ok() {
        let what = format!("{to} is there already");
        return Event::Occupied {
            what,
            replacing: Box::new(Command::ExtractImagePath { from, to, overwrite: true }),
        };
    }
    match carry_out(paths, &from, target) {
        Ok(bytes) => Event::Done { text: format!("copied {} to {to}", teu_ui::text::bytes(bytes)) },
        Err(failure) => Event::Failed { ticket: None, failure },
    }
}

fn carry_out(paths: &Paths, from: &ImagePath, target: &Path) -> Result<u64, Failure> {
    let engine = Engine::open(paths.clone())?;
    let layer = (from.layer + 1).to_string();
    let files = ImageFiles { image: &from.image, layer: Some(&layer), path: from.path.as_bytes() };
    engine.extract_from_image(files, target, CopyOptions::default())
}
