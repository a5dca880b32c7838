//! Putting an image together from a configuration and new layers on top of another image.

use crate::images::{Descriptor, Manifest, OCI_CONFIG, OCI_MANIFEST};
use crate::{Digest, ImageRecord, NewImage, Reference, Result, Store, StoreError};
use serde_json::{Value, json};

/// A layer that is stored and unpacked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLayer {
    /// The digest of its uncompressed archive.
    pub diff_id: Digest,
    /// Its blob.
    pub blob: Digest,
    /// The blob's size in bytes.
    pub size: u64,
    /// The blob's media type.
    pub media_type: String,
}

impl From<super::BuildStep> for NewLayer {
    fn from(step: super::BuildStep) -> Self {
        Self { diff_id: step.diff_id, blob: step.blob, size: step.blob_size, media_type: step.media_type }
    }
}

/// One entry of an image's history.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HistoryStep {
    /// What made it.
    pub created_by: String,
    /// A comment.
    pub comment: String,
    /// Who made it.
    pub author: String,
    /// When, in nanoseconds since the Unix epoch.
    pub created_at: i64,
    /// The layer that it made; without one it only changed the configuration.
    pub layer: Option<NewLayer>,
}

/// What an image is put together from.
#[derive(Clone, Debug)]
pub struct Assembly<'a> {
    /// The `config` object of its configuration, whole.
    pub config: Value,
    /// `os/architecture[/variant]`; empty for the base's or this host's.
    pub platform: &'a str,
    /// The image below.
    pub base: Option<&'a ImageRecord>,
    /// What was done on top of it, in order.
    pub steps: Vec<HistoryStep>,
    /// Who made it; empty for the base's author.
    pub author: String,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: i64,
}

impl Store {
    /// Makes an image of a build known, under these names.
    pub fn put_built_image(&self, image: &Assembly<'_>, names: Vec<Reference>) -> Result<ImageRecord> {
        assemble(self, image, names, "build")
    }
}

/// Stores configuration and manifest, and makes the image known.
pub fn assemble(
    store: &Store,
    image: &Assembly<'_>,
    names: Vec<Reference>,
    action: &str,
) -> Result<ImageRecord> {
    let (os, architecture, variant) = platform(image.platform)?;
    let mut config = match image.base {
        Some(base) => store.image_config_json(&base.id)?,
        None => {
            let mut config = json!({
                "architecture": architecture, "os": os, "rootfs": { "type": "layers", "diff_ids": [] }, "history": [],
            });
            if !variant.is_empty() {
                config["variant"] = variant.into();
            }
            config
        }
    };
    let mut layers = match image.base {
        Some(base) => Manifest::parse(&base.manifest()?, &store.blobs().read(&base.manifest()?)?)?.layers,
        None => Vec::new(),
    };
    config["created"] = written(image.created_at)?.into();
    config["config"] = image.config.clone();
    if !image.author.is_empty() {
        config["author"] = image.author.as_str().into();
    }
    for step in &image.steps {
        let mut history = json!({ "created": written(step.created_at)? });
        for (key, value) in
            [("created_by", &step.created_by), ("comment", &step.comment), ("author", &step.author)]
        {
            if !value.is_empty() {
                history[key] = value.as_str().into();
            }
        }
        match &step.layer {
            Some(layer) => {
                push(&mut config["rootfs"]["diff_ids"], layer.diff_id.as_str().into());
                layers.push(Descriptor {
                    media_type: layer.media_type.clone(),
                    digest: layer.blob.clone(),
                    size: layer.size,
                });
            }
            None => history["empty_layer"] = true.into(),
        }
        push(&mut config["history"], history);
    }

    let config = config.to_string().into_bytes();
    let digest = store.blobs().put(&config)?;
    let manifest = Manifest {
        schema_version: 2,
        media_type: OCI_MANIFEST.to_owned(),
        config: Descriptor { media_type: OCI_CONFIG.to_owned(), digest, size: config.len() as u64 },
        layers,
    };
    let manifest =
        serde_json::to_vec(&manifest).map_err(|error| StoreError::hostile("manifest", error.to_string()))?;
    let manifest = store.blobs().put(&manifest)?;
    store.put_image(&NewImage { manifest, names, repo_digests: Vec::new(), action: action.to_owned() })
}

fn written(nanoseconds: i64) -> Result<String> {
    let time = jiff::Timestamp::from_nanosecond(nanoseconds.into()).map_err(|error| {
        StoreError::invalid(
            format!("the image's time cannot be written: {error}"),
            "set another SOURCE_DATE_EPOCH",
        )
    })?;
    Ok(time.to_string())
}

fn push(list: &mut Value, value: Value) {
    match list.as_array_mut() {
        Some(list) => list.push(value),
        None => *list = json!([value]),
    }
}

/// Operating system, architecture and variant in Go's words.
fn platform(text: &str) -> Result<(String, String, String)> {
    if text.is_empty() {
        let (architecture, variant) = match std::env::consts::ARCH {
            "x86_64" => ("amd64", ""),
            "aarch64" => ("arm64", "v8"),
            "x86" => ("386", ""),
            "arm" => ("arm", "v7"),
            "powerpc64" => ("ppc64le", ""),
            other => (other, ""),
        };
        return Ok(("linux".to_owned(), architecture.to_owned(), variant.to_owned()));
    }
    let parts: Vec<&str> = text.split('/').collect();
    let valid = |part: &&str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    if !parts.iter().all(valid) {
        return Err(StoreError::invalid(
            format!("\"{text}\" is an invalid platform"),
            "write os/architecture, such as linux/arm64",
        ));
    }
    match parts.as_slice() {
        [os, architecture] => Ok(((*os).to_owned(), (*architecture).to_owned(), String::new())),
        [os, architecture, variant] => {
            Ok(((*os).to_owned(), (*architecture).to_owned(), (*variant).to_owned()))
        }
        _ => Err(StoreError::invalid(
            format!("\"{text}\" is an invalid platform"),
            "write os/architecture, such as linux/arm64",
        )),
    }
}
