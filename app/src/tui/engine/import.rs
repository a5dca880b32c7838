//! Images of archives, as long work that can be taken back.

use super::cancel::{Cancel, Reader};
use std::fs::File;
use teu_api::Failure;
use teu_core::{Engine, Import};

/// Makes an image of a root file system's archive.
pub fn import(engine: &Engine, path: &str, name: &str, cancel: &Cancel) -> Result<String, Failure> {
    cancel.heed();
    let file = File::open(path).map_err(|error| {
        Failure::usage(format!("cannot open {path}: {error}")).hint("name a tar archive, plain or compressed")
    })?;
    let import = Import { name: Some(name.to_owned()).filter(|name| !name.is_empty()), ..Import::default() };
    let image = engine.store().import_image(Reader(file, cancel.clone()), &import).map_err(|error| {
        // The archive seemed to break off.
        if cancel.is_asked() { Failure::cancelled("cancelled") } else { error.into() }
    })?;
    Ok(format!("imported {}", if name.is_empty() { &image.id } else { name }))
}
