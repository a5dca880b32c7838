//! `load`: archives of Docker, old and new, and OCI image layouts.

use super::entries::Entries;
use crate::images::{Descriptor, Manifest, OCI_CONFIG, OCI_MANIFEST, Summary};
use crate::layers::{Compression, Limits, chain_ids};
use crate::{Digest, ImageRecord, Lock, NewImage, Reference, Result, Store, StoreError};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read as _;

/// An image that was loaded, and the names that the archive gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The image.
    pub image: ImageRecord,
    /// Its names in the archive; none for an image without one.
    pub names: Vec<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEntry {
    config: String,
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<IndexEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IndexEntry {
    #[serde(default)]
    media_type: String,
    digest: Digest,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
}

/// How many indexes may stand one within another.
const DEEPEST_INDEX: u32 = 4;

impl Store {
    /// Loads every image of an archive. What a broken archive has put into the store by then is of no harm, and is
    /// removed with other unused content.
    pub fn load_images(&self, archive: impl std::io::Read + Send, limits: &Limits) -> Result<Vec<Loaded>> {
        let _content = Lock::content(self.paths())?;
        let entries = Entries::read(self, archive, limits.bytes)?;
        let found = if let Some(index) =
            entries.documents.get("index.json").filter(|_| entries.documents.contains_key("oci-layout"))
        {
            self.oci(&entries, index)?
        } else if let Some(manifest) = entries.documents.get("manifest.json") {
            self.docker(&entries, manifest)?
        } else {
            return Err(StoreError::invalid(
                "the archive holds no images: neither manifest.json nor an OCI layout is in it",
                "to make an image of a root file system's archive, use teu import",
            ));
        };
        let mut loaded = Vec::new();
        for (digest, names) in found {
            self.unpack_manifest(&digest, limits)?;
            let new = NewImage {
                manifest: digest,
                names: names.clone(),
                repo_digests: Vec::new(),
                action: "load".to_owned(),
            };
            loaded.push(Loaded { image: self.put_image(&new)?, names });
        }
        Ok(loaded)
    }

    /// Unpacks every layer of a manifest whose blobs are stored.
    fn unpack_manifest(&self, digest: &Digest, limits: &Limits) -> Result<()> {
        let blobs = self.blobs();
        let manifest = Manifest::parse(digest, &blobs.read(digest)?)?;
        let summary = Summary::parse(&manifest.config.digest, &blobs.read(&manifest.config.digest)?)?;
        if summary.diff_ids.len() != manifest.layers.len() {
            return Err(StoreError::hostile(
                format!("image {}", manifest.config.digest.short()),
                "its manifest and its configuration list different numbers of layers",
            ));
        }
        let chain = chain_ids(&summary.diff_ids);
        for (at, layer) in manifest.layers.iter().enumerate() {
            let parent = at.checked_sub(1).map(|below| &chain[below]);
            self.layers().unpack(blobs.open(&layer.digest)?, parent, Some(&summary.diff_ids[at]), limits)?;
        }
        Ok(())
    }

    /// Manifests with their names, by an OCI index.
    fn oci(&self, entries: &Entries, index: &[u8]) -> Result<Vec<(Digest, Vec<Reference>)>> {
        let mut found: Vec<(Digest, Vec<Reference>)> = Vec::new();
        for entry in parse::<Index>("index.json", index)?.manifests {
            let name = oci_name(&entry.annotations)?;
            let Some(digest) = self.resolve(entries, &entry, 0)? else { continue };
            match found.iter_mut().find(|(known, _)| *known == digest) {
                Some((_, names)) => names.extend(name),
                None => found.push((digest, name.into_iter().collect())),
            }
        }
        if found.is_empty() {
            return Err(StoreError::invalid(
                "the archive holds no image for this platform",
                "load one made for this host's processor",
            ));
        }
        Ok(found)
    }

    /// The manifest behind an index's entry: itself, or the one for this host in an index of several platforms.
    fn resolve(&self, entries: &Entries, entry: &IndexEntry, depth: u32) -> Result<Option<Digest>> {
        let (digest, _) = entries.blob(&entry.digest)?;
        let bytes = self.blobs().read(digest)?;
        let value: Value = parse("manifest", &bytes)?;
        let is_index = value["manifests"].is_array()
            || entry.media_type.contains("index")
            || entry.media_type.contains("manifest.list");
        if !is_index {
            Manifest::parse(digest, &bytes)?;
            return Ok(Some(digest.clone()));
        }
        if depth >= DEEPEST_INDEX {
            return Err(StoreError::hostile("archive", "its indexes are nested too deeply"));
        }
        let here = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        for inner in parse::<Index>("index", &bytes)?.manifests {
            let fits = inner
                .platform
                .as_ref()
                .is_none_or(|platform| platform.os == "linux" && platform.architecture == here);
            // An archive of several platforms may hold the blobs of one only.
            if fits && entries.blob(&inner.digest).is_ok() {
                return self.resolve(entries, &inner, depth + 1);
            }
        }
        Ok(None)
    }

    /// Manifests made of Docker's own list, with their names.
    fn docker(&self, entries: &Entries, list: &[u8]) -> Result<Vec<(Digest, Vec<Reference>)>> {
        let mut found = Vec::new();
        for entry in parse::<Vec<DockerEntry>>("manifest.json", list)? {
            let (config, size) = entries.file(&entry.config)?.clone();
            Summary::parse(&config, &self.blobs().read(&config)?)?;
            let mut layers = Vec::with_capacity(entry.layers.len());
            for name in &entry.layers {
                let (digest, size) = entries.file(name)?.clone();
                let mut start = Vec::new();
                self.blobs().open(&digest)?.take(8).read_to_end(&mut start).ok();
                let compression = Compression::detect(&start)
                    .map_err(|error| StoreError::hostile("archive", error.to_string()))?;
                layers.push(Descriptor { media_type: compression.media_type().to_owned(), digest, size });
            }
            let manifest = Manifest {
                schema_version: 2,
                media_type: OCI_MANIFEST.to_owned(),
                config: Descriptor { media_type: OCI_CONFIG.to_owned(), digest: config, size },
                layers,
            };
            let manifest = serde_json::to_vec(&manifest)
                .map_err(|error| StoreError::hostile("manifest", error.to_string()))?;
            let names = entry
                .repo_tags
                .unwrap_or_default()
                .iter()
                .map(|name| Reference::parse_tagged(name))
                .collect::<Result<_>>()?;
            found.push((self.blobs().put(&manifest)?, names));
        }
        Ok(found)
    }
}

/// The name that annotations give: containerd's whole one, or the OCI one where it is a whole name and not a tag alone.
fn oci_name(annotations: &BTreeMap<String, String>) -> Result<Option<Reference>> {
    if let Some(name) = annotations.get("io.containerd.image.name") {
        return Reference::parse_tagged(name).map(Some);
    }
    let name = annotations.get("org.opencontainers.image.ref.name").filter(|name| name.contains([':', '/']));
    name.map(|name| Reference::parse_tagged(name)).transpose()
}

fn parse<'a, T: Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| StoreError::hostile(format!("archive: {what}"), error.to_string()))
}
