//! `commit`: a container's changes become a layer on top of its image.

use crate::import::{Composed, apply, compose};
use crate::{Digest, ImageRecord, Lock, Reference, Result, Store};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What to make an image of.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Commit {
    /// The folder with the container's changes: overlayfs' upper folder.
    pub upper: PathBuf,
    /// The id of the image below; none for a container without one.
    pub base: Option<String>,
    /// The new image's name; none leaves it without one.
    pub name: Option<String>,
    /// The `config` object of the container, where it differs from the image's.
    pub config: Option<Value>,
    /// Instructions as in a Dockerfile: `CMD ["sh"]`, `ENV A=b`.
    pub changes: Vec<String>,
    /// Who made it.
    pub author: String,
    /// A comment for the image's history.
    pub message: String,
    /// What made the layer, for the history: the container's command.
    pub created_by: String,
}

impl Store {
    /// Makes an image of a container's changes. The container should not write meanwhile.
    pub fn commit_image(&self, commit: &Commit) -> Result<ImageRecord> {
        let name = commit.name.as_deref().map(Reference::parse_tagged).transpose()?;
        let base = commit.base.as_deref().map(|id| self.image(id)).transpose()?;
        let mut config = match (&commit.config, &base) {
            (Some(config), _) => config.clone(),
            (None, Some(base)) => self.image_config_json(&base.id)?["config"].clone(),
            (None, None) => json!({}),
        };
        apply(&mut config, &commit.changes)?;
        let _content = Lock::content(self.paths())?;
        let parent = match &base {
            Some(base) => {
                self.image_layers(&base.id)?.last().map(|chain| Digest::parse(chain)).transpose()?
            }
            None => None,
        };
        let layer = self.layer_of(&commit.upper, parent.as_ref())?;
        let composed = Composed {
            config,
            platform: "",
            base: base.as_ref(),
            layer: Some(layer),
            created_by: commit.created_by.clone(),
            comment: commit.message.clone(),
            author: commit.author.clone(),
            created_at: None,
        };
        // Docker tells of a commit as something that happens to the container; the image only gets a name.
        compose(self, &composed, name.into_iter().collect(), "tag")
    }
}
