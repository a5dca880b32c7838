//! Artifacts: what a registry keeps beside images, and what of it refers to an image. Needs nothing of this machine.

use std::path::Path;
use teu_api::Failure;
use teu_registry::{Manifest, Progress, Settings};
use teu_store::Reference;

pub use teu_registry::{Descriptor, FetchedArtifact};

/// One tag of a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagEntry {
    /// The tag.
    pub tag: String,
    /// `image`, `index` (an image for several platforms), or the type of an artifact.
    pub kind: String,
    /// The digest of the tag's manifest, `sha256:…`.
    pub digest: String,
    /// Bytes of what the manifest lists, as they are transferred; of an index, of the manifests in it only.
    pub size: u64,
}

/// Every tag of a repository on its registry, and what it is.
pub fn tags(name: &str) -> Result<Vec<TagEntry>, Failure> {
    let reference = Reference::parse(name)?;
    let repository = teu_registry::Repository::new(reference.domain(), reference.path())?;
    let settings = Settings::from_env()?;
    let tags = match reference.tag() {
        Some(tag) => vec![tag.to_owned()],
        None => teu_registry::tags(&settings, &repository)?,
    };
    let mut entries = Vec::with_capacity(tags.len());
    for tag in tags {
        let found = teu_registry::inspect(&settings, &repository.with_tag(&tag)?)?;
        let (kind, size) = match &found.manifest {
            Manifest::Index(index) => ("index".to_owned(), sum(&index.manifests)),
            Manifest::Image(image) => (
                image.artifact_type.clone().unwrap_or_else(|| "image".to_owned()),
                sum(&image.layers).saturating_add(image.config.size),
            ),
        };
        entries.push(TagEntry { tag, kind, digest: found.digest.to_string(), size });
    }
    Ok(entries)
}

fn sum(descriptors: &[Descriptor]) -> u64 {
    descriptors.iter().fold(0, |sum, descriptor| sum.saturating_add(descriptor.size))
}

/// A manifest as its registry has it: the text, which is JSON, and its digest.
pub fn manifest(name: &str) -> Result<(String, String), Failure> {
    let found = teu_registry::inspect(&Settings::from_env()?, &remote(name)?)?;
    let text = String::from_utf8_lossy(&found.bytes).into_owned();
    Ok((text, found.digest.to_string()))
}

/// What refers to an image or an artifact on its registry: signatures, lists of parts, attestations. Of one type only
/// where one is given.
pub fn referrers(name: &str, kind: Option<&str>) -> Result<Vec<Descriptor>, Failure> {
    let (settings, reference) = (Settings::from_env()?, remote(name)?);
    let subject = match &reference.target {
        teu_registry::Target::Digest(digest) => digest.clone(),
        teu_registry::Target::Tag(_) => teu_registry::inspect(&settings, &reference)?.digest,
    };
    Ok(teu_registry::referrers(&settings, &reference.repository, &subject, kind)?)
}

/// Fetches an artifact's files into a folder, which is made where it is missing.
pub fn fetch(name: &str, folder: &Path, progress: &dyn Progress) -> Result<FetchedArtifact, Failure> {
    Ok(teu_registry::pull_artifact(&Settings::from_env()?, &remote(name)?, folder, progress)?)
}

fn remote(name: &str) -> Result<teu_registry::Reference, Failure> {
    Ok(teu_registry::Reference::try_from(&Reference::parse_tagged(name)?)?)
}
