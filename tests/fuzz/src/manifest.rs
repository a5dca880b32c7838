//! Manifests as registries send them.

use teu_registry::{Digest, Manifest, Platform};

const TYPES: [Option<&str>; 5] = [
    None,
    Some("application/vnd.oci.image.manifest.v1+json"),
    Some("application/vnd.oci.image.index.v1+json"),
    Some("application/vnd.docker.distribution.manifest.v2+json"),
    Some("application/vnd.docker.distribution.manifest.list.v2+json; charset=utf-8"),
];

/// A manifest is read the same way whoever sends it, is never both image and index, and what an error shows of it can
/// be printed.
pub fn check(bytes: &[u8]) {
    let mut images = 0;
    let mut indexes = 0;
    for content_type in TYPES {
        match Manifest::parse("fuzz", content_type, bytes) {
            Ok(Manifest::Image(image)) => {
                images += 1;
                assert!(image.layers.len() <= 2000, "{} layers", image.layers.len());
                if let Some(kind) = &image.artifact_type {
                    assert_printable(kind);
                }
            }
            Ok(Manifest::Index(index)) => {
                indexes += 1;
                assert!(index.manifests.len() <= 2000, "{} manifests", index.manifests.len());
                match index.choose("fuzz", &Platform::host()) {
                    Ok(chosen) => assert!(index.manifests.contains(chosen)),
                    Err(error) => assert_printable(&error.to_string()),
                }
            }
            Err(error) => assert_printable(&error.to_string()),
        }
    }
    assert!(images == 0 || indexes == 0, "an image to one sender and an index to another");
    // The store reads what it keeps once more, by rules of its own.
    if let Err(error) = teu_store::Manifest::parse(&Digest::of(bytes), bytes) {
        assert_printable(&error.to_string());
    }
}

fn assert_printable(text: &str) {
    assert!(!text.chars().any(char::is_control), "control characters in {text:?}");
}
