//! `history`.

use crate::{Result, Store};

/// One step of an image's making.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// The image's id for the last step, nothing for the others: they exist as images no more.
    pub id: Option<String>,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: Option<i64>,
    /// What made it.
    pub created_by: String,
    /// What was said about it.
    pub comment: String,
    /// Bytes of its layer's files; 0 for a step that made none.
    pub size: u64,
    /// The chain id of its layer; none for a step that made none.
    pub layer: Option<String>,
    /// The names of the image for the last step.
    pub tags: Vec<String>,
}

impl Store {
    /// How an image was made, the last step first. What an image says of itself may not fit its layers: layers without
    /// a step get one, and steps without a layer stay.
    pub fn image_history(&self, id: &str) -> Result<Vec<HistoryEntry>> {
        let config = self.image_config_json(id)?;
        let mut layers = self.image_layer_records(id)?.into_iter();
        let mut history = Vec::new();
        for step in config["history"].as_array().into_iter().flatten() {
            let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
            let layer = if step["empty_layer"].as_bool() == Some(true) { None } else { layers.next() };
            history.push(HistoryEntry {
                id: None,
                created_at: step["created"]
                    .as_str()
                    .and_then(|text| text.parse::<jiff::Timestamp>().ok())
                    .map(|at| at.as_nanosecond() as i64),
                created_by: text("created_by"),
                comment: text("comment"),
                size: layer.as_ref().map_or(0, |layer| layer.size),
                layer: layer.map(|layer| layer.chain_id),
                tags: Vec::new(),
            });
        }
        history.extend(layers.map(|layer| HistoryEntry {
            id: None,
            created_at: None,
            created_by: String::new(),
            comment: String::new(),
            size: layer.size,
            layer: Some(layer.chain_id),
            tags: Vec::new(),
        }));
        history.reverse();
        if let Some(last) = history.first_mut() {
            last.id = Some(id.to_owned());
            last.tags = self.image_tags(id)?.iter().map(crate::Reference::familiar).collect();
        }
        Ok(history)
    }
}
