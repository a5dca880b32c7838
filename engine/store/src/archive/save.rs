//! `save`, in the form that Docker writes from version 25 on.

use crate::error::IoContext as _;
use crate::images::{Descriptor, OCI_MANIFEST};
use crate::tar::{Builder, Entry, Kind, Time};
use crate::{Digest, ImageRecord, Manifest, Reference, Result, Store, StoreError};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};

impl Store {
    /// Writes images as one archive. A name without a tag means all tags of its repository, as Docker has it.
    pub fn save_images(&self, references: &[String], writer: impl Write) -> Result<()> {
        let chosen = self.choose(references)?;
        let failed = || "cannot write the archive".to_owned();
        let mut builder = Builder::new(writer);
        let mut index = Vec::new();
        let mut docker = Vec::new();
        let mut written = BTreeSet::new();
        for folder in ["blobs", "blobs/sha256"] {
            builder
                .append(&Entry::new(folder, Kind::Directory, 0o755), &mut std::io::empty())
                .context(failed)?;
        }
        for (image, tags) in &chosen {
            let digest = image.manifest()?;
            let manifest = Manifest::parse(&digest, &self.blobs().read(&digest)?)?;
            let own = Descriptor {
                media_type: if manifest.media_type.is_empty() {
                    OCI_MANIFEST.to_owned()
                } else {
                    manifest.media_type.clone()
                },
                digest,
                size: image.manifest_size,
            };
            for blob in [&own, &manifest.config].into_iter().chain(&manifest.layers) {
                if written.insert(blob.digest.clone()) {
                    self.save_blob(&mut builder, blob)?;
                }
            }
            let mut entry = json!({ "mediaType": own.media_type, "digest": own.digest, "size": own.size });
            if tags.is_empty() {
                index.push(entry.clone());
            }
            for tag in tags {
                entry["annotations"] = json!({
                    "io.containerd.image.name": tag.to_string(),
                    "org.opencontainers.image.ref.name": tag.tag().unwrap_or_default(),
                });
                index.push(entry.clone());
            }
            docker.push(json!({
                "Config": path(&manifest.config.digest),
                "RepoTags": tags.iter().map(Reference::familiar).collect::<Vec<_>>(),
                "Layers": manifest.layers.iter().map(|layer| path(&layer.digest)).collect::<Vec<_>>(),
            }));
        }
        let index = json!({ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": index });
        for (name, content) in [
            ("index.json", index),
            ("manifest.json", Value::from(docker)),
            ("oci-layout", json!({ "imageLayoutVersion": "1.0.0" })),
        ] {
            let content = content.to_string();
            let mut entry = Entry::new(name, Kind::File, 0o644);
            entry.size = content.len() as u64;
            builder.append(&entry, &mut content.as_bytes()).context(failed)?;
        }
        builder.finish().context(failed)?;
        Ok(())
    }

    /// The images and the names that they are saved with, in the order asked for, each image once.
    fn choose(&self, references: &[String]) -> Result<Vec<(ImageRecord, Vec<Reference>)>> {
        let mut chosen: Vec<(ImageRecord, Vec<Reference>)> = Vec::new();
        let mut add = |image: ImageRecord, tag: Option<Reference>| {
            let at = chosen.iter().position(|(known, _)| known.id == image.id).unwrap_or_else(|| {
                chosen.push((image, Vec::new()));
                chosen.len() - 1
            });
            let tags = &mut chosen[at].1;
            if let Some(tag) = tag.filter(|tag| !tags.contains(tag)) {
                tags.push(tag);
            }
        };
        for text in references {
            let reference = Reference::parse(text).ok();
            let bare = reference
                .as_ref()
                .filter(|reference| reference.tag().is_none() && reference.digest().is_none());
            let all = match bare {
                Some(reference) => self.repository_tags(reference)?,
                None => Vec::new(),
            };
            if all.is_empty() {
                let image = self.find_image(text)?;
                let tag =
                    reference.filter(|reference| reference.tag().is_some() && reference.digest().is_none());
                add(image, tag);
                continue;
            }
            for tag in all {
                add(self.find_image(&tag.to_string())?, Some(tag));
            }
        }
        if chosen.is_empty() {
            return Err(StoreError::invalid("no image named", "name at least one: teu save -o FILE IMAGE"));
        }
        Ok(chosen)
    }

    fn save_blob<W: Write>(&self, builder: &mut Builder<W>, blob: &Descriptor) -> Result<()> {
        let file = self.blobs().open(&blob.digest)?;
        let mut entry = Entry::new(path(&blob.digest), Kind::File, 0o644);
        entry.size = blob.size;
        entry.modified = Time::default();
        builder
            .append(&entry, &mut checked(file))
            .context(|| format!("cannot write the blob {}", blob.digest.short()))
    }
}

fn checked(file: File) -> impl Read {
    std::io::BufReader::with_capacity(256 << 10, file)
}

fn path(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
