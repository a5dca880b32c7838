//! `teu load`.

use super::{Outcome, say};
use crate::arguments::LoadArguments;
use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use teu_api::Failure;
use teu_core::Engine;

/// Loads images from an archive or an OCI layout folder, and says which.
pub fn run(engine: &Engine, arguments: &LoadArguments) -> Outcome {
    let loaded = match arguments.input.as_deref().filter(|path| *path != "-") {
        Some(path) if Path::new(path).is_dir() => engine.load_layout(Path::new(path))?,
        Some(path) => {
            let file = File::open(path).map_err(|error| {
                Failure::usage(format!("cannot open {path}: {error}"))
                    .hint("name an archive or an OCI layout")
            })?;
            engine.load_images(file)?
        }
        None if io::stdin().is_terminal() => {
            return Err(Failure::usage("requested load from stdin, but stdin is empty")
                .hint("name the archive with -i"));
        }
        None => engine.load_images(io::stdin())?,
    };
    for image in loaded {
        if let Some(platform) =
            arguments.platform.as_deref().filter(|platform| !engine.fits(&image.image, platform))
        {
            return Err(Failure::not_found(format!(
                "image {} is for {}/{}, not for {platform}",
                image.image.short_id(),
                image.image.os,
                image.image.architecture
            )));
        }
        for name in &image.names {
            say(&format!("Loaded image: {}", name.familiar()))?;
        }
        if image.names.is_empty() {
            say(&format!("Loaded image ID: {}", image.image.id))?;
        }
    }
    Ok(0)
}
