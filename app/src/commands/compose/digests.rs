//! `teu compose config --resolve-image-digests` and `--lock-image-digests`.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use teu_api::Failure;
use teu_core::Reference;
use teu_core::images::artifact;

/// Pins images to the digests that their registries know them by now.
pub fn pin<'a>(images: impl Iterator<Item = &'a mut String>) -> Result<(), Failure> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for image in images.filter(|image| !image.is_empty()) {
        let reference = Reference::parse_tagged(image)?;
        if reference.digest().is_some() {
            *image = reference.to_string();
            continue;
        }
        let name = reference.to_string();
        let digest = match known.get(&name) {
            Some(digest) => digest.clone(),
            None => artifact::manifest(&name)?.1,
        };
        *image = format!("{name}@{digest}");
        known.insert(name, digest);
    }
    Ok(())
}

/// The images in the services of merged files.
pub fn images(model: &mut Value) -> impl Iterator<Item = &mut String> {
    let services = model.get_mut("services").and_then(Value::as_object_mut).into_iter().flatten();
    services.filter_map(|(_, service)| match service.get_mut("image") {
        Some(Value::String(image)) => Some(image),
        _ => None,
    })
}

/// A file with nothing but the services' images, to be laid over the project's own.
pub fn lock<'a>(images: impl Iterator<Item = (&'a String, &'a str)>) -> Value {
    let images = images.filter(|(_, image)| !image.is_empty());
    let services: BTreeMap<&String, Value> =
        images.map(|(name, image)| (name, json!({"image": image}))).collect();
    json!({"services": services})
}
