//! `teu image layers`: what each layer adds, changes and removes, and what that wastes.

use super::{letter, path, word};
use crate::arguments::ImageLayersArguments;
use crate::commands::{Outcome, print, say};
use crate::output::{decimal_size, ellipsis, json_pretty, safe, short_id};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use teu_core::Engine;
use teu_core::images::{Change, LayerChanges};

/// The longest step beside a layer, in columns.
const STEP: usize = 60;

/// Prints the file tree of each layer, lowest first.
pub fn run(engine: &Engine, arguments: &ImageLayersArguments) -> Outcome {
    let image = engine.store().find_image(&arguments.image)?;
    let layers = engine.store().image_changes(&image.id)?;
    let steps: HashMap<String, String> = engine
        .store()
        .image_history(&image.id)?
        .into_iter()
        .filter_map(|step| Some((step.layer?, step.created_by)))
        .collect();
    let step = |layer: &LayerChanges| steps.get(&layer.layer.chain_id).map_or("", String::as_str);
    let (size, wasted) = (image.size, layers.iter().map(|layer| layer.wasted).sum::<u64>());
    if arguments.json {
        let layers: Vec<Value> = layers.iter().map(|layer| to_json(layer, step(layer))).collect();
        say(&json_pretty(&json!({ "id": image.id, "size": size, "wasted": wasted, "layers": layers })))?;
        return Ok(0);
    }
    let mut text = String::new();
    for (at, layer) in layers.iter().enumerate() {
        text.push_str(&format!(
            "Layer {}/{}  {}  {}  wasted {}  {}\n",
            at + 1,
            layers.len(),
            short_id(&layer.layer.diff_id),
            decimal_size(layer.layer.size),
            decimal_size(layer.wasted),
            safe(&ellipsis(step(layer), STEP)),
        ));
        tree(&layer.changes, &mut text);
    }
    let share = if size == 0 { 0.0 } else { wasted as f64 * 100.0 / size as f64 };
    text.push_str(&format!(
        "{} in all, {} wasted ({share:.1} %)\n",
        decimal_size(size),
        decimal_size(wasted)
    ));
    print(&text)?;
    Ok(0)
}

fn to_json(layer: &LayerChanges, step: &str) -> Value {
    let change = |change: &Change| json!({ "path": path(change), "change": word(change.kind), "folder": change.folder, "size": change.size });
    json!({
        "diff_id": layer.layer.diff_id,
        "chain_id": layer.layer.chain_id,
        "blob": layer.layer.blob,
        "blob_size": layer.layer.blob_size,
        "media_type": layer.layer.media_type,
        "size": layer.layer.size,
        "wasted": layer.wasted,
        "created_by": step,
        "changes": layer.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

/// Draws paths as a tree: below its folder a file has its own name only, and one step more to the right.
fn tree(changes: &[Change], text: &mut String) {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by(|a, b| a.path.split(|b| *b == b'/').cmp(b.path.split(|b| *b == b'/')));
    let mut drawn: HashSet<&[u8]> = HashSet::new();
    for change in sorted {
        let parent = change.path.iter().rposition(|b| *b == b'/').map_or(&b""[..], |at| &change.path[..at]);
        let below = parent.is_empty() || drawn.contains(parent);
        let depth = if below { change.path.split(|b| *b == b'/').count() - 1 } else { 0 };
        let name = if below && !parent.is_empty() { &change.path[parent.len() + 1..] } else { &change.path };
        let name = String::from_utf8_lossy(name);
        let (slash, size) = if change.folder {
            ("/", String::new())
        } else {
            ("", format!("  {}", decimal_size(change.size)))
        };
        text.push_str(&format!(
            "  {} {}{}{slash}{size}\n",
            letter(change.kind),
            "  ".repeat(depth),
            safe(&name)
        ));
        drawn.insert(&change.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_core::images::ChangeKind;

    #[test]
    fn files_stand_below_their_folders() {
        let change = |path: &str, kind, folder| Change {
            path: path.into(),
            kind,
            folder,
            size: 5,
            mode: 0,
            uid: 0,
            gid: 0,
        };
        let mut text = String::new();
        tree(
            &[
                change("a", ChangeKind::Modified, true),
                change("a-b", ChangeKind::Added, false),
                change("a/e\x1b[2J", ChangeKind::Added, false),
                change("x/y", ChangeKind::Removed, false),
            ],
            &mut text,
        );
        assert_eq!(text, "  C a/\n  A   e\\x1b[2J  5B\n  A a-b  5B\n  D x/y  5B\n");
    }
}
