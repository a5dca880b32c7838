//! `push`.

use crate::engine::Engine;
use teu_api::Failure;
use teu_registry::{Platform, Progress, PushRequest, Settings, StoreSource};
use teu_store::{ImageRecord, Reference};

/// An image that was pushed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PushedImage {
    /// Its tag on the registry.
    pub tag: String,
    /// Its manifest's digest.
    pub digest: String,
    /// Its manifest's length in bytes.
    pub size: u64,
}

impl Engine {
    /// Pushes an image under a name that it has here. Blocks; must not be called on a thread of an asynchronous
    /// runtime.
    pub fn push(
        &self,
        name: &str,
        platform: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<PushedImage, Failure> {
        let reference = Reference::parse_tagged(name)?;
        let Some(tag) = reference.tag().filter(|_| reference.digest().is_none()) else {
            return Err(Failure::usage("cannot push a digest reference").hint("name a tag"));
        };
        let image = self.store().find_image(&reference.to_string()).map_err(|error| {
            let repository = reference.familiar_repository();
            let known =
                Failure::not_found(format!("An image does not exist locally with the tag: {repository}"));
            if error.is_not_found() {
                known.hint("teu tag gives an image a further name")
            } else {
                error.into()
            }
        })?;
        if let Some(platform) = platform.map(Platform::parse).transpose()? {
            check_platform(&image, &platform, &reference.familiar())?;
        }
        let request = PushRequest {
            reference: teu_registry::Reference::try_from(&reference)?,
            manifest: image.manifest()?,
        };
        let settings = Settings::from_env()?;
        let pushed = teu_registry::push(&settings, &request, &StoreSource::new(self.store()), progress)?;
        self.store().record_push(&image.id, &reference.with_digest(pushed.digest.clone()))?;
        Ok(PushedImage { tag: tag.to_owned(), digest: pushed.digest.to_string(), size: pushed.size })
    }

    /// Whether an image was made for a platform: `linux/arm64`.
    pub fn fits(&self, image: &ImageRecord, platform: &str) -> bool {
        Platform::parse(platform).is_ok_and(|wanted| is_for(image, &wanted))
    }

    /// Pushes every tag that a repository has here.
    pub fn push_all_tags(
        &self,
        name: &str,
        platform: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<PushedImage>, Failure> {
        let reference = Reference::parse(name)?;
        if reference.tag().is_some() || reference.digest().is_some() {
            return Err(
                Failure::usage("tag can't be used with --all-tags/-a").hint("name the repository alone")
            );
        }
        let repository = reference.repository();
        let mut names: Vec<String> = Vec::new();
        for tag in self.store().images()?.iter().flat_map(|image| &image.tags) {
            let tag = Reference::parse_tagged(tag)?;
            if tag.repository() == repository {
                names.push(tag.to_string());
            }
        }
        if names.is_empty() {
            let repository = reference.familiar_repository();
            return Err(Failure::not_found(format!(
                "An image does not exist locally with the tag: {repository}"
            ))
            .hint("teu tag gives an image a further name"));
        }
        names.sort();
        names.iter().map(|name| self.push(name, platform, progress)).collect()
    }
}

/// Refuses an image of another platform than the one asked for.
fn check_platform(image: &ImageRecord, wanted: &Platform, name: &str) -> Result<(), Failure> {
    if is_for(image, wanted) {
        return Ok(());
    }
    Err(Failure::not_found(format!(
        "image with reference {name} was found but its platform ({}/{}) does not match the specified platform ({wanted})",
        image.os, image.architecture
    )))
}

fn is_for(image: &ImageRecord, wanted: &Platform) -> bool {
    // Most images of a processor with variants do not say which.
    let variant = |wanted: &String| image.variant.is_empty() || *wanted == image.variant;
    image.os == wanted.os
        && image.architecture == wanted.architecture
        && wanted.variant.as_ref().is_none_or(variant)
}
