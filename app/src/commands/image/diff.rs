//! `teu image diff`.

use super::{letter, path, word};
use crate::arguments::ImageDiffArguments;
use crate::commands::{Outcome, print, say};
use crate::output::{json_pretty, safe};
use serde_json::{Value, json};
use teu_core::Engine;

/// Prints what differs between the files of two images, with the letters of `teu diff`.
pub fn run(engine: &Engine, arguments: &ImageDiffArguments) -> Outcome {
    let changes = engine.diff_images(&arguments.first, &arguments.second)?;
    if arguments.json {
        let list: Vec<Value> = changes
            .iter()
            .map(|change| {
                json!({ "path": path(change), "change": word(change.kind), "folder": change.folder, "size": change.size })
            })
            .collect();
        say(&json_pretty(&list))?;
        return Ok(0);
    }
    let mut text = String::new();
    for change in &changes {
        text.push_str(&format!("{} {}\n", letter(change.kind), safe(&path(change))));
    }
    print(&text)?;
    Ok(0)
}
