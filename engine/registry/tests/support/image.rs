//! Images made on the fly.

use super::folder::Folder;
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write as _;
use teu_registry::Digest;

pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
pub const PLAIN: &str = "application/vnd.oci.image.layer.v1.tar";

/// A layer in the source: its descriptor and its diff id.
pub struct Layer {
    pub descriptor: Value,
    pub diff_id: Digest,
}

impl Layer {
    pub fn digest(&self) -> Digest {
        digest_of(&self.descriptor)
    }
}

pub fn digest_of(descriptor: &Value) -> Digest {
    Digest::parse(descriptor["digest"].as_str().unwrap()).unwrap()
}

pub fn descriptor(source: &Folder, media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": source.put(bytes), "size": bytes.len() })
}

/// Bytes that do not compress, the same for the same seed.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A layer with one file of so many bytes of noise.
pub fn layer(source: &Folder, media_type: &str, name: &str, length: usize) -> Layer {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(length as u64);
    header.set_mode(0o644);
    let seed = name.bytes().fold(1, |sum, b| sum * 31 + u64::from(b));
    builder.append_data(&mut header, name, &noise(seed, length)[..]).unwrap();
    let tar = builder.into_inner().unwrap();
    let packed = match media_type {
        GZIP | "application/vnd.docker.image.rootfs.diff.tar.gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
            encoder.write_all(&tar).unwrap();
            encoder.finish().unwrap()
        }
        ZSTD => zstd::encode_all(&tar[..], 1).unwrap(),
        _ => tar.clone(),
    };
    Layer { descriptor: descriptor(source, media_type, &packed), diff_id: Digest::of(&tar) }
}

/// An image of some layers for linux/amd64 or another processor. Returns its manifest's descriptor.
pub fn image_for(source: &Folder, architecture: &str, layers: &[Layer]) -> Value {
    let diff_ids: Vec<&Digest> = layers.iter().map(|layer| &layer.diff_id).collect();
    let config = json!({
        "architecture": architecture, "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    let config =
        descriptor(source, "application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
    let layers: Vec<&Value> = layers.iter().map(|layer| &layer.descriptor).collect();
    let manifest =
        json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers });
    descriptor(source, OCI_MANIFEST, manifest.to_string().as_bytes())
}

pub fn image(source: &Folder, layers: &[Layer]) -> Value {
    image_for(source, "amd64", layers)
}

/// An index of images, each with its processor.
pub fn index(source: &Folder, images: &[(&str, Value)]) -> Value {
    let entries: Vec<Value> = images
        .iter()
        .map(|(architecture, descriptor)| {
            let mut entry = descriptor.clone();
            entry["platform"] = json!({ "os": "linux", "architecture": architecture });
            entry
        })
        .collect();
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries });
    descriptor(source, OCI_INDEX, index.to_string().as_bytes())
}
