//! The help: the keymap in force, written out.

use crate::keys::{Keymap, Layer};

/// One row of the help.
pub(super) enum HelpRow {
    /// A heading.
    Heading(String),
    /// Keys and what they do.
    Keys(String, &'static str),
    /// Nothing.
    Gap,
}

/// The rows of the help; the layer in focus comes first.
pub(super) fn rows(keymap: &Keymap, focused: Layer) -> Vec<HelpRow> {
    let mut layers: Vec<Layer> = Layer::ALL.to_vec();
    layers.sort_by_key(|layer| *layer != focused);
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
