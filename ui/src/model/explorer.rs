//! An image's layers and the files in them, to be looked through.

mod files;

pub use files::{Files, Kinds, Line, Mark};

use crate::text::Filter;
use std::collections::HashMap;
use teu_api::details::{ImagePath, LayerChangeKind, LayerSummary};

/// Which half has the keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Part {
    /// The layers.
    #[default]
    Layers,
    /// The files.
    Files,
}

/// A path that is in the image more often than it is of use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waste {
    /// The path.
    pub path: String,
    /// How many layers hold it.
    pub times: usize,
    /// Bytes that nobody can see.
    pub bytes: u64,
}

/// What is looked at.
#[derive(Debug, Default)]
pub struct Explorer {
    image: String,
    layers: Vec<LayerSummary>,
    /// The selected layer, from 0 for the lowest.
    pub layer: usize,
    /// The first layer in view.
    pub layer_offset: usize,
    /// Which half has the keys.
    pub part: Part,
    /// Whether marks tell what all layers up to the selected one did, rather than that one alone.
    pub together: bool,
    /// Whether permissions and owners are shown.
    pub owners: bool,
    /// What the files of the selected layer are, folded and filtered.
    pub files: Files,
    waste: Vec<Waste>,
}

impl Explorer {
    /// Takes an image's layers; where it is the same image, selection and folding stay.
    pub fn take(&mut self, image: &str, layers: Vec<LayerSummary>) {
        if self.image != image {
            image.clone_into(&mut self.image);
            self.layer = layers.len().saturating_sub(1);
            self.layer_offset = 0;
            self.part = Part::Layers;
            self.files.rewind();
            self.files.set_filter("");
        }
        self.layer = self.layer.min(layers.len().saturating_sub(1));
        self.waste = waste(&layers);
        self.layers = layers;
        self.refresh();
    }

    /// Puts the files of the selected layer together again.
    pub fn refresh(&mut self) {
        self.files.build(&self.layers, self.layer, self.together);
    }

    /// The layers, the lowest first.
    pub fn layers(&self) -> &[LayerSummary] {
        &self.layers
    }

    /// Paths that waste room, the greediest first.
    pub fn waste(&self) -> &[Waste] {
        &self.waste
    }

    /// Selects a layer, or the last one.
    pub fn select_layer(&mut self, at: usize) {
        let at = at.min(self.layers.len().saturating_sub(1));
        if at != self.layer {
            self.layer = at;
            self.refresh();
        }
    }

    /// Brings the selected layer into a view of so many lines.
    pub fn scroll_layers(&mut self, height: usize) {
        let height = height.max(1);
        let last = self.layers.len().saturating_sub(height);
        self.layer_offset =
            self.layer_offset.clamp(self.layer.saturating_sub(height - 1), self.layer).min(last);
    }

    /// The selected path, as the engine knows it; none for one that is gone.
    pub fn selected(&self) -> Option<(ImagePath, &Line)> {
        let line = self.files.selected()?;
        let path = ImagePath { image: self.image.clone(), layer: line.layer, path: line.path.clone() };
        Some((path, line))
    }
}

fn waste(layers: &[LayerSummary]) -> Vec<Waste> {
    // For each path: how many layers hold it, bytes of all of them, bytes of the one that is seen.
    let mut paths: HashMap<&str, (usize, u64, u64)> = HashMap::new();
    for change in layers.iter().flat_map(|layer| &layer.changes).filter(|change| !change.folder) {
        let entry = paths.entry(&change.path).or_default();
        if change.kind == LayerChangeKind::Removed {
            entry.2 = 0;
        } else {
            *entry = (entry.0 + 1, entry.1 + change.size, change.size);
        }
    }
    let wasteful = paths.into_iter().filter(|(_, (_, all, seen))| all > seen);
    let mut waste: Vec<Waste> = wasteful
        .map(|(path, (times, all, seen))| Waste { path: path.to_owned(), times, bytes: all - seen })
        .collect();
    waste.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    waste
}

impl Explorer {
    /// Shows only paths that pass a filter.
    pub fn set_filter(&mut self, text: &str) {
        self.files.set_filter(text);
    }

    /// The filter in force.
    pub fn filter(&self) -> &Filter {
        self.files.filter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_api::details::LayerChange;

    fn change(path: &str, kind: LayerChangeKind, size: u64) -> LayerChange {
        let folder = path.ends_with('/');
        let mode = if folder { 0o40755 } else { 0o100_644 };
        LayerChange { path: path.trim_end_matches('/').into(), kind, folder, size, mode, uid: 0, gid: 0 }
    }

    fn explorer() -> Explorer {
        use LayerChangeKind::{Added, Modified, Removed};
        let layer = |changes| LayerSummary { changes, ..LayerSummary::default() };
        let mut explorer = Explorer::default();
        explorer.take(
            "sha256:1",
            vec![
                layer(vec![
                    change("bin/", Added, 0),
                    change("bin/sh", Added, 100),
                    change("etc/", Added, 0),
                    change("etc/motd", Added, 5),
                    change("tmp/", Added, 0),
                    change("tmp/cache", Added, 900),
                ]),
                layer(vec![
                    change("bin/", Modified, 0),
                    change("bin/sh", Modified, 120),
                    change("tmp/cache", Removed, 900),
                ]),
                layer(vec![change("srv/", Added, 0), change("srv/app", Added, 7)]),
            ],
        );
        explorer
    }

    fn shown(explorer: &Explorer) -> Vec<String> {
        let mark = |mark| match mark {
            Mark::Added => '+',
            Mark::Modified => '~',
            Mark::Removed => '-',
            Mark::Same => '=',
        };
        explorer.files.rows().map(|line| format!("{}{} {}", mark(line.mark), line.path, line.size)).collect()
    }

    #[test]
    fn a_layer_alone_and_all_together() {
        let mut explorer = explorer();
        assert_eq!(shown(&explorer), ["+srv 7", "+srv/app 7"]);
        explorer.select_layer(1);
        assert_eq!(shown(&explorer), ["~bin 120", "~bin/sh 120", "~tmp 0", "-tmp/cache 900"]);
        explorer.together = true;
        explorer.select_layer(2);
        explorer.refresh();
        assert_eq!(
            shown(&explorer),
            ["+bin 120", "+bin/sh 120", "+etc 5", "+etc/motd 5", "+srv 7", "+srv/app 7", "+tmp 0"]
        );
        explorer.together = false;
        explorer.files.kinds.same = true;
        explorer.refresh();
        assert_eq!(
            shown(&explorer),
            ["=bin 120", "=bin/sh 120", "=etc 5", "=etc/motd 5", "+srv 7", "+srv/app 7", "=tmp 0"]
        );
    }

    #[test]
    fn waste_counts_what_nobody_sees() {
        let explorer = explorer();
        let waste = explorer.waste();
        assert_eq!(waste[0], Waste { path: "tmp/cache".into(), times: 1, bytes: 900 });
        assert_eq!(waste[1], Waste { path: "bin/sh".into(), times: 2, bytes: 100 });
        assert_eq!(waste.len(), 2);
    }

    #[test]
    fn kinds_filters_and_folds_hide_paths() {
        let mut explorer = explorer();
        explorer.select_layer(0);
        explorer.set_filter("motd");
        assert_eq!(shown(&explorer), ["+etc 5", "+etc/motd 5"]);
        explorer.set_filter("");
        explorer.files.fold_all();
        assert_eq!(shown(&explorer), ["+bin 100", "+etc 5", "+tmp 900"]);
        explorer.files.turn();
        assert_eq!(shown(&explorer), ["+bin 100", "+bin/sh 100", "+etc 5", "+tmp 900"]);
        explorer.files.by_size = true;
        explorer.refresh();
        assert_eq!(shown(&explorer)[0], "+tmp 900");
        explorer.select_layer(1);
        explorer.files.kinds.removed = false;
        explorer.refresh();
        assert!(!shown(&explorer).iter().any(|line| line.contains("cache")));
        let (path, _) = explorer.selected().unwrap();
        assert_eq!((path.layer, path.path.as_str()), (1, "bin"));
    }
}
