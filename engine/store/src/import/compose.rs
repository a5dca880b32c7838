//! Putting an image together from a configuration and at most one new layer on top of another image.

use crate::build::{Assembly, HistoryStep, NewLayer, assemble};
use crate::events;
use crate::{ImageRecord, Reference, Result, Store};
use serde_json::Value;

/// What an image is put together from.
pub struct Composed<'a> {
    /// The `config` object of its configuration, whole.
    pub config: Value,
    /// `os/architecture[/variant]`; empty for the base's or this host's.
    pub platform: &'a str,
    /// The image below.
    pub base: Option<&'a ImageRecord>,
    /// The new layer; without one only the configuration changes.
    pub layer: Option<NewLayer>,
    /// What made the layer, for the history.
    pub created_by: String,
    /// A comment for the history.
    pub comment: String,
    /// Who made it.
    pub author: String,
    /// When it was made, in nanoseconds since the Unix epoch; `None` for now.
    pub created_at: Option<i64>,
}

/// Stores configuration and manifest, and makes the image known.
pub fn compose(
    store: &Store,
    image: &Composed<'_>,
    names: Vec<Reference>,
    action: &str,
) -> Result<ImageRecord> {
    let created_at = image.created_at.unwrap_or_else(events::now);
    let step = HistoryStep {
        created_by: image.created_by.clone(),
        comment: image.comment.clone(),
        author: image.author.clone(),
        created_at,
        layer: image.layer.clone(),
    };
    let assembly = Assembly {
        config: image.config.clone(),
        platform: image.platform,
        base: image.base,
        steps: vec![step],
        author: image.author.clone(),
        created_at,
    };
    assemble(store, &assembly, names, action)
}
