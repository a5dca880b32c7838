//! `inspect` of an image, in Docker's shape.

use crate::engine::Engine;
use serde_json::{Value, json};
use teu_api::Failure;

impl Engine {
    /// The image as Docker's `inspect` shows it.
    pub fn inspect_image(&self, reference: &str) -> Result<Value, Failure> {
        let store = self.store();
        let image = store.find_image(reference)?;
        let document = store.image_config_json(&image.id)?;
        let tags: Vec<String> =
            store.image_tags(&image.id)?.iter().map(teu_store::Reference::familiar).collect();
        let digests: Vec<String> =
            store.image_repo_digests(&image.id)?.iter().map(teu_store::Reference::familiar).collect();
        let size: u64 = store.image_layer_records(&image.id)?.iter().map(|layer| layer.size).sum();
        Ok(json!({
            "Id": image.id,
            "RepoTags": tags,
            "RepoDigests": digests,
            "Parent": "",
            "Comment": document["history"].as_array().and_then(|history| history.last()).map_or("", |last| last["comment"].as_str().unwrap_or_default()),
            "Created": document["created"],
            "Author": document["author"].as_str().unwrap_or_default(),
            "Config": document["config"],
            "Architecture": document["architecture"],
            "Os": document["os"],
            "Size": size,
            "RootFS": {"Type": "layers", "Layers": document["rootfs"]["diff_ids"]},
        }))
    }
}
