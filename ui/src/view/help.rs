//! The help: the keymap in force, written out.

use crate::keys::Layer;
use crate::model::Model;

/// One row of the help.
pub(super) enum HelpRow {
    /// A heading.
    Heading(String),
    /// Keys and what they do.
    Keys(String, &'static str),
    /// Nothing.
    Gap,
}

/// The rows of the help: first the keys in force where the focus is, in the order in which they are looked up, then those
/// of other places.
pub(super) fn rows(model: &Model) -> Vec<HelpRow> {
    let keymap = &model.settings.keymap;
    let here = model.layers();
    let rank = |layer: Layer| here.iter().position(|one| *one == layer).unwrap_or(here.len());
    let mut layers: Vec<Layer> = Layer::ALL.to_vec();
    layers.sort_by_key(|layer| rank(*layer));
    layers.retain(|layer| keymap.bindings(*layer).next().is_some());
    let mut rows = Vec::new();
    for layer in layers {
        if !rows.is_empty() {
            rows.push(HelpRow::Gap);
        }
        let heading = match layer {
            Layer::Shell => format!("In a shell, after {}", keymap.prefix),
            _ => layer.heading().to_owned(),
        };
        rows.push(HelpRow::Heading(heading));
        for binding in keymap.bindings(layer) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            rows.push(HelpRow::Keys(keys.join("  "), binding.action.words()));
        }
    }
    rows
}
