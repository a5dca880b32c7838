//! Artifacts: content that is no image, kept in a registry. Their files go to a folder of the user's choice.

mod folder;
mod title;

use crate::error::{RegistryError, Result};
use crate::manifest::{Descriptor, Manifest};
use crate::name::Reference;
use crate::progress::Progress;
use crate::pull::{PullRequest, pull};
use crate::remote::inspect;
use crate::settings::Settings;
use folder::FolderSink;
use std::path::Path;
use teu_store::Digest;

/// An artifact whose files were fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchedArtifact {
    /// What kind of artifact it is.
    pub kind: String,
    /// Its manifest's digest.
    pub digest: Digest,
    /// Its files: what the folder has them as, and what the registry says of each.
    pub files: Vec<(String, Descriptor)>,
}

/// Fetches an artifact's files into a folder, which is made where it is missing. Files of the same names are replaced, each at once and only
/// when all of the artifact is here. Blocks.
pub fn pull_artifact(
    settings: &Settings,
    reference: &Reference,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<FetchedArtifact> {
    // Asked for what it is first: an image is not to be fetched layer by layer into somebody's folder.
    let found = inspect(settings, reference)?;
    let kind = match &found.manifest {
        Manifest::Image(manifest) => manifest.artifact_type.clone(),
        Manifest::Index(_) => None,
    };
    let kind = kind.ok_or_else(|| RegistryError::NoArtifact { what: reference.to_string() })?;
    let request =
        PullRequest { reference: reference.repository.with_digest(found.digest.clone()), platform: None };
    let sink = FolderSink::new(folder)?;
    pull(settings, &request, &sink, progress)?;
    Ok(FetchedArtifact { kind, digest: found.digest, files: sink.into_files() })
}
