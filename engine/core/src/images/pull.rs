//! `pull`.

use crate::engine::Engine;
use teu_api::Failure;
use teu_api::progress::TransferEvent;
use teu_registry::{Platform, Progress, PullRequest, Pulled, Settings, StoreSink};
use teu_store::layers::Limits;
use teu_store::{Lock, Reference};

/// An image that was pulled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PulledImage {
    /// Its name in full: `docker.io/library/alpine:latest`.
    pub name: String,
    /// Its name as users write it: `alpine:latest`.
    pub familiar: String,
    /// Its id.
    pub id: String,
    /// The digest that the registry knows it by.
    pub digest: String,
    /// Whether the name meant something else before, or nothing.
    pub changed: bool,
}

impl Engine {
    /// Pulls an image. Blocks; must not be called on a thread of an asynchronous runtime.
    pub fn pull(
        &self,
        name: &str,
        platform: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<PulledImage, Failure> {
        let reference = Reference::parse(name)?;
        if reference.tag().is_none() && reference.digest().is_none() {
            progress.report(TransferEvent::Message("Using default tag: latest".to_owned()));
        }
        let request = PullRequest {
            reference: teu_registry::Reference::try_from(&reference)?,
            platform: platform.map(Platform::parse).transpose()?,
        };
        let before = self.image_named(&request.reference.to_string());
        let settings = Settings::from_env()?;
        let _content = Lock::content(self.store().paths())?;
        let pulled = teu_registry::pull(&settings, &request, &self.sink(&settings), progress)?;
        self.pulled(&pulled, before.as_deref())
    }

    /// Pulls every tag of a repository.
    pub fn pull_all_tags(
        &self,
        name: &str,
        platform: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<PulledImage>, Failure> {
        let reference = Reference::parse(name)?;
        if reference.tag().is_some() || reference.digest().is_some() {
            return Err(
                Failure::usage("tag can't be used with --all-tags/-a").hint("name the repository alone")
            );
        }
        let repository = teu_registry::Repository::new(reference.domain(), reference.path())?;
        let platform = platform.map(Platform::parse).transpose()?;
        let settings = Settings::from_env()?;
        let _content = Lock::content(self.store().paths())?;
        let sink = self.sink(&settings);
        let mut all = Vec::new();
        let tags = teu_registry::tags(&settings, &repository)?;
        if tags.is_empty() {
            return Err(Failure::not_found(format!("{repository} has no tags")));
        }
        for tag in tags {
            let request = PullRequest { reference: repository.with_tag(&tag)?, platform: platform.clone() };
            let before = self.image_named(&request.reference.to_string());
            let pulled = teu_registry::pull(&settings, &request, &sink, progress)?;
            all.push(self.pulled(&pulled, before.as_deref())?);
        }
        Ok(all)
    }

    /// The store, with layers no larger than the settings allow.
    fn sink(&self, settings: &Settings) -> StoreSink {
        let usual = Limits::default();
        let bytes = settings.largest_layer.unwrap_or(usual.bytes);
        StoreSink::with_limits(self.store(), Limits { bytes, ..usual })
    }

    /// The id of the image that a full name means here, if it means one.
    fn image_named(&self, name: &str) -> Option<String> {
        self.store().find_image(name).ok().map(|image| image.id)
    }

    fn pulled(&self, pulled: &Pulled, before: Option<&str>) -> Result<PulledImage, Failure> {
        let name = pulled.image.reference.to_string();
        let id = self.store().find_image(&name)?.id;
        Ok(PulledImage {
            familiar: Reference::parse(&name)?.familiar(),
            digest: pulled.image.digest.to_string(),
            changed: before != Some(id.as_str()),
            name,
            id,
        })
    }
}
