//! `teu compose config --resolve-image-digests` and `--lock-image-digests`.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use teu_api::Failure;
use teu_core::Reference;
use teu_core::images::artifact;
use teu_core::stacks::Project;

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

/// The images of a project: of its services, of their hooks before the start, and those that are mounted.
pub fn of_project(project: &mut Project) -> impl Iterator<Item = &mut String> {
    let names: BTreeSet<String> = project.services.keys().cloned().collect();
    project.services.values_mut().flat_map(move |service| {
        let hooks = service.pre_start.iter_mut().map(|hook| &mut hook.container.image);
        // What another service is built from is in no registry.
        let mounts = service.volumes.iter_mut().filter(|mount| mount.kind == "image");
        let mounted: Vec<&mut String> =
            mounts.map(|mount| &mut mount.source).filter(|source| !names.contains(*source)).collect();
        std::iter::once(&mut service.image).chain(hooks).chain(mounted)
    })
}

/// The same in merged files.
pub fn of_model(model: &mut Value) -> Vec<&mut String> {
    let Some(services) = model.get_mut("services").and_then(Value::as_object_mut) else { return Vec::new() };
    let names: BTreeSet<String> = services.keys().cloned().collect();
    let mut images = Vec::new();
    for service in services.values_mut().filter_map(Value::as_object_mut) {
        for (key, value) in service {
            match (key.as_str(), value) {
                ("image", Value::String(image)) => images.push(image),
                ("pre_start", Value::Array(hooks)) => {
                    images.extend(hooks.iter_mut().filter_map(|hook| text(hook.get_mut("image"))));
                }
                ("volumes", Value::Array(mounts)) => {
                    let mounts = mounts.iter_mut().filter(|mount| mount["type"] == "image");
                    let sources = mounts.filter_map(|mount| text(mount.get_mut("source")));
                    images.extend(sources.filter(|source| !names.contains(*source)));
                }
                _ => {}
            }
        }
    }
    images
}

fn text(value: Option<&mut Value>) -> Option<&mut String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A file with nothing but the services' images, to be laid over the project's own.
pub fn lock<'a>(images: impl Iterator<Item = (&'a String, &'a str)>) -> Value {
    let images = images.filter(|(_, image)| !image.is_empty());
    let services: BTreeMap<&String, Value> =
        images.map(|(name, image)| (name, json!({"image": image}))).collect();
    json!({"services": services})
}
