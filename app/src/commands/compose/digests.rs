//! `teu compose config --resolve-image-digests` and `--lock-image-digests`.

use std::collections::BTreeMap;
use teu_api::Failure;
use teu_core::Reference;
use teu_core::images::artifact;
use teu_core::stacks::Project;

/// Pins the images of services to the digests that their registries know them by now.
pub fn pin(project: &mut Project) -> Result<(), Failure> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for service in project.services.values_mut().filter(|service| !service.image.is_empty()) {
        let reference = Reference::parse_tagged(&service.image)?;
        if reference.digest().is_some() {
            service.image = reference.to_string();
            continue;
        }
        let name = reference.to_string();
        let digest = match known.get(&name) {
            Some(digest) => digest.clone(),
            None => artifact::manifest(&name)?.1,
        };
        service.image = format!("{name}@{digest}");
        known.insert(name, digest);
    }
    Ok(())
}

/// A file with nothing but the services' images, to be laid over the project's own.
pub fn lock(project: &Project) -> serde_json::Value {
    let images = project.services.iter().filter(|(_, service)| !service.image.is_empty());
    let services: BTreeMap<&String, serde_json::Value> =
        images.map(|(name, service)| (name, serde_json::json!({"image": service.image}))).collect();
    serde_json::json!({"services": services})
}
