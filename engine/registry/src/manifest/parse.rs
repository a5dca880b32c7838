//! Reading a manifest. Image specification: manifest.md, image-index.md, descriptor.md; Docker: image v2 schema 2.

use super::{
    Compression, DOCKER_CONFIG, DOCKER_INDEX, DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, Platform,
};
use crate::error::{RegistryError, Result};
use crate::text::printable;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use teu_store::Digest;

/// The most entries of an index or layers of an image: overlayfs itself takes no more than 500 layers.
const MOST_ENTRIES: usize = 2000;

/// Where content is, how long it is and what it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is.
    #[serde(default)]
    pub media_type: String,
    /// What it must hash to.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// What it runs on, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What kind of artifact it is, in an index of referrers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Notes about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// A manifest.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Manifest {
    /// Of one image or artifact.
    Image(ImageManifest),
    /// Of one image for several platforms.
    Index(Index),
}

/// A manifest of one image or artifact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageManifest {
    /// Its media type.
    pub media_type: String,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, lowest first; an artifact's files.
    pub layers: Vec<Descriptor>,
    /// What kind of artifact it is; none for an image that can be run.
    pub artifact_type: Option<String>,
    /// What it refers to.
    pub subject: Option<Descriptor>,
}

/// A manifest that lists others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Index {
    /// Its media type.
    pub media_type: String,
    /// The manifests.
    pub manifests: Vec<Descriptor>,
}

/// All fields that any kind of manifest has, to see which kind it really is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: Option<u32>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    fs_layers: Option<serde_json::Value>,
}

impl Manifest {
    /// Reads a manifest whose sender says that it has this media type; `what` names it in errors.
    pub fn parse(what: &str, content_type: Option<&str>, bytes: &[u8]) -> Result<Self> {
        let invalid = |detail: String| RegistryError::InvalidManifest { what: what.to_owned(), detail };
        let raw: Raw = serde_json::from_slice(bytes).map_err(|e| invalid(printable(&e.to_string(), 200)))?;
        if raw.fs_layers.is_some() || raw.schema_version == Some(1) {
            return Err(RegistryError::UnsupportedMediaType {
                what: what.to_owned(),
                media_type: "application/vnd.docker.distribution.manifest.v1+json".to_owned(),
            });
        }
        if raw.schema_version != Some(2) {
            return Err(invalid("schemaVersion is not 2".to_owned()));
        }
        // The specification's answer to manifests that are an image to one reader and an index to another.
        if raw.manifests.is_some() && (raw.config.is_some() || raw.layers.is_some()) {
            return Err(invalid("it is both an image and an index".to_owned()));
        }
        let media_type = media_type_of(&raw, content_type).map_err(invalid)?;
        match (media_type.as_str(), raw.manifests, raw.config) {
            (OCI_INDEX | DOCKER_INDEX, Some(manifests), None) => {
                bounded(manifests.len()).map_err(invalid)?;
                Ok(Self::Index(Index { media_type, manifests }))
            }
            (OCI_MANIFEST | DOCKER_MANIFEST, None, Some(config)) => {
                let layers = raw.layers.unwrap_or_default();
                bounded(layers.len()).map_err(invalid)?;
                let artifact_type = artifact_type_of(raw.artifact_type.as_deref(), &config.media_type);
                Ok(Self::Image(ImageManifest {
                    media_type,
                    config,
                    layers,
                    artifact_type,
                    subject: raw.subject,
                }))
            }
            (OCI_INDEX | DOCKER_INDEX | OCI_MANIFEST | DOCKER_MANIFEST, ..) => {
                Err(invalid(format!("its content is not what its media type {media_type} says")))
            }
            _ => Err(RegistryError::UnsupportedMediaType {
                what: what.to_owned(),
                media_type: printable(&media_type, 100),
            }),
        }
    }
}

/// The one media type that manifest and sender agree on.
fn media_type_of(raw: &Raw, content_type: Option<&str>) -> std::result::Result<String, String> {
    let sent = content_type.map(|t| t.split(';').next().unwrap_or(t).trim()).filter(|t| !is_generic(t));
    match (raw.media_type.as_deref().filter(|t| !t.is_empty()), sent) {
        (Some(own), Some(sent)) if own != sent => Err(format!(
            "it says that it is {}, the registry says {}",
            printable(own, 100),
            printable(sent, 100)
        )),
        (Some(own), _) => Ok(own.to_owned()),
        (None, Some(sent)) => Ok(sent.to_owned()),
        // OCI manifests need not name their type; a registry that serves plain files cannot either.
        (None, None) if raw.manifests.is_some() => Ok(OCI_INDEX.to_owned()),
        (None, None) => Ok(OCI_MANIFEST.to_owned()),
    }
}

/// Media types that say nothing about a manifest.
fn is_generic(media_type: &str) -> bool {
    matches!(media_type, "" | "application/json" | "application/octet-stream" | "text/plain")
}

fn bounded(entries: usize) -> std::result::Result<(), String> {
    if entries > MOST_ENTRIES {
        Err(format!("it has {entries} entries, more than {MOST_ENTRIES}"))
    } else {
        Ok(())
    }
}

/// An artifact is what has no image's configuration.
fn artifact_type_of(declared: Option<&str>, config_type: &str) -> Option<String> {
    match config_type {
        DOCKER_CONFIG | OCI_CONFIG => None,
        other => Some(printable(declared.filter(|t| !t.is_empty()).unwrap_or(other), 200)),
    }
}

impl ImageManifest {
    /// How each layer is compressed; an error names the first that is not an image's layer.
    pub(crate) fn compressions(&self, what: &str) -> Result<Vec<Compression>> {
        self.layers
            .iter()
            .map(|layer| {
                Compression::of_media_type(&layer.media_type).ok_or_else(|| {
                    RegistryError::UnsupportedMediaType {
                        what: format!("layer {} of {what}", layer.digest.short()),
                        media_type: printable(&layer.media_type, 100),
                    }
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(media_type: &str) -> String {
        format!(r#"{{"mediaType":"{media_type}","digest":"{}","size":1}}"#, Digest::of(b"x"))
    }

    fn image() -> String {
        let config = descriptor(OCI_CONFIG);
        let layer = descriptor("application/vnd.oci.image.layer.v1.tar+gzip");
        format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{layer}]}}"#)
    }

    fn parse(content_type: Option<&str>, text: &str) -> Result<Manifest> {
        Manifest::parse("x", content_type, text.as_bytes())
    }

    #[test]
    fn an_image_is_read() {
        let Manifest::Image(manifest) = parse(Some(OCI_MANIFEST), &image()).unwrap() else {
            panic!("an index")
        };
        assert_eq!(manifest.artifact_type, None);
        assert_eq!(manifest.compressions("x").unwrap(), [Compression::Gzip]);
        assert_eq!(parse(None, &image()).unwrap(), Manifest::Image(manifest));
    }

    #[test]
    fn an_artifact_is_told_from_an_image() {
        let text = image().replace(OCI_CONFIG, "application/vnd.cncf.helm.config.v1+json");
        let Manifest::Image(manifest) = parse(Some(OCI_MANIFEST), &text).unwrap() else { panic!("an index") };
        assert_eq!(manifest.artifact_type.as_deref(), Some("application/vnd.cncf.helm.config.v1+json"));
    }

    #[test]
    fn lies_and_contradictions_are_refused() {
        let own = image()
            .replace("{\"schemaVersion\"", &format!("{{\"mediaType\":\"{OCI_MANIFEST}\",\"schemaVersion\""));
        assert!(parse(Some(OCI_MANIFEST), &own).is_ok());
        let child = descriptor(OCI_MANIFEST);
        for (content_type, text) in [
            (Some(OCI_INDEX), own.as_str()),
            (Some(OCI_INDEX), &image()),
            (Some("text/html"), &image()),
            (None, &image().replace("\"layers\"", &format!("\"manifests\":[{child}],\"layers\""))),
            (None, &image().replace(":2", ":3")),
            (None, &image().replace("\"size\":1", "\"size\":-1")),
            (None, &image().replace("sha256:", "sha256:../")),
            (None, r#"{"schemaVersion":1,"fsLayers":[]}"#),
            (None, "{}"),
            (None, "[]"),
            (None, "<html>"),
            (None, ""),
        ] {
            assert!(parse(content_type, text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_index_of_too_many_entries_is_refused() {
        let child = descriptor(OCI_MANIFEST);
        let index =
            |n| format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, vec![child.as_str(); n].join(","));
        assert!(
            matches!(parse(Some(OCI_INDEX), &index(3)), Ok(Manifest::Index(i)) if i.manifests.len() == 3)
        );
        assert!(parse(Some(OCI_INDEX), &index(MOST_ENTRIES + 1)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(at in 0_usize..400, byte: u8, cut in 0_usize..400) {
            let mut bytes = image().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(bytes.len() - cut.min(bytes.len()) / 8);
            if let Ok(Manifest::Image(manifest)) = Manifest::parse("x", None, &bytes) {
                proptest::prop_assert_eq!(manifest.layers.len(), 1);
            }
        }
    }
}
