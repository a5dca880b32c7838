//! The file tree at a layer: every path there is then, and what became of it.

use crate::text::Filter;
use std::collections::{BTreeMap, BTreeSet};
use teu_api::details::{LayerChange, LayerChangeKind, LayerSummary};

/// What became of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mark {
    /// It is new.
    Added,
    /// It is another.
    Modified,
    /// It is gone.
    Removed,
    /// It is as it was.
    #[default]
    Same,
}

/// Which paths are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kinds {
    /// New ones.
    pub added: bool,
    /// Changed ones.
    pub modified: bool,
    /// Those that are gone.
    pub removed: bool,
    /// Those of the layers below.
    pub same: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { added: true, modified: true, removed: true, same: false }
    }
}

impl Kinds {
    fn has(self, mark: Mark) -> bool {
        match mark {
            Mark::Added => self.added,
            Mark::Modified => self.modified,
            Mark::Removed => self.removed,
            Mark::Same => self.same,
        }
    }
}

/// One path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line {
    /// How deep it lies.
    pub depth: u16,
    /// Its last part.
    pub name: String,
    /// The whole path without a leading slash.
    pub path: String,
    /// What became of it.
    pub mark: Mark,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes; of a folder those of what is in it.
    pub size: u64,
    /// Its type and permissions.
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// The layer that its state is from.
    pub layer: usize,
    below: Vec<usize>,
}

/// The tree, folded and filtered.
#[derive(Debug, Default)]
pub struct Files {
    lines: Vec<Line>,
    roots: Vec<usize>,
    shown: Vec<usize>,
    turned: BTreeSet<String>,
    folded: bool,
    filter: Filter,
    /// Which paths are shown.
    pub kinds: Kinds,
    /// Whether the largest come first.
    pub by_size: bool,
    at: usize,
    /// The first line in view.
    pub offset: usize,
}

/// Folders less deep than this are open unless the user folded them.
const OPEN: u16 = 2;

impl Files {
    /// Puts the tree at a layer together: all below it merged, and marks for what it, or all of them, did.
    pub fn build(&mut self, layers: &[LayerSummary], at: usize, together: bool) {
        // A separator below all other characters: what is in a folder comes right after it.
        let key = |path: &str| path.replace('/', "\0");
        let mut merged: BTreeMap<String, (&LayerChange, usize, Mark)> = BTreeMap::new();
        for (number, layer) in layers.iter().enumerate().take(at + 1) {
            for change in &layer.changes {
                let here = key(&change.path);
                let counts = together || number == at;
                if change.kind == LayerChangeKind::Removed {
                    remove(&mut merged, &here, change, number, number == at);
                    continue;
                }
                let before = merged.get(&here).map(|(.., mark)| *mark);
                let mark = match (counts, before) {
                    (false, _) => Mark::Same,
                    (true, _) if together => Mark::Added,
                    (true, None | Some(Mark::Removed)) => Mark::Added,
                    (true, Some(_)) => Mark::Modified,
                };
                merged.insert(here, (change, number, mark));
            }
        }
        let selected = self.selected().map(|line| line.path.clone());
        self.arrange(merged);
        self.show();
        let place = selected.and_then(|path| self.shown.iter().position(|at| self.lines[*at].path == path));
        self.at = place.unwrap_or(0);
    }

    fn arrange(&mut self, merged: BTreeMap<String, (&LayerChange, usize, Mark)>) {
        self.lines.clear();
        self.roots.clear();
        // Folders that what comes next may lie in.
        let mut above: Vec<usize> = Vec::new();
        for (change, layer, mark) in merged.into_values() {
            let inside =
                |folder: &str| change.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
            while above.last().is_some_and(|at| !inside(&self.lines[*at].path)) {
                above.pop();
            }
            let here = self.lines.len();
            let name = match above.last() {
                Some(folder) => change.path[self.lines[*folder].path.len() + 1..].to_owned(),
                None => change.path.clone(),
            };
            match above.last() {
                Some(folder) => self.lines[*folder].below.push(here),
                None => self.roots.push(here),
            }
            if mark != Mark::Removed {
                for folder in &above {
                    self.lines[*folder].size += change.size;
                }
            }
            // A folder that a layer only passes through is changed by what is in it.
            if mark != Mark::Same {
                for folder in &above {
                    if self.lines[*folder].mark == Mark::Same {
                        self.lines[*folder].mark = Mark::Modified;
                    }
                }
            }
            self.lines.push(Line {
                depth: above.len() as u16,
                name,
                path: change.path.clone(),
                mark,
                folder: change.folder,
                size: if change.folder && mark != Mark::Removed { 0 } else { change.size },
                mode: change.mode,
                uid: change.uid,
                gid: change.gid,
                layer,
                below: Vec::new(),
            });
            above.push(here);
        }
    }

    /// Finds out which lines are shown.
    pub fn show(&mut self) {
        let mut matches = self.filter.matcher();
        let everything = self.filter.is_empty();
        // From the end: what is in a folder is known before the folder.
        let mut kept = vec![false; self.lines.len()];
        for at in (0..self.lines.len()).rev() {
            let line = &self.lines[at];
            let itself = self.kinds.has(line.mark) && (everything || matches(&line.path));
            kept[at] = itself || line.below.iter().any(|below| kept[*below]);
        }
        drop(matches);
        self.shown.clear();
        let mut waiting = self.ordered(&self.roots, &kept);
        while let Some(at) = waiting.pop() {
            self.shown.push(at);
            if self.is_open(&self.lines[at]) {
                waiting.extend(self.ordered(&self.lines[at].below, &kept));
            }
        }
        self.at = self.at.min(self.shown.len().saturating_sub(1));
    }

    /// Those that are shown, the last first.
    fn ordered(&self, lines: &[usize], kept: &[bool]) -> Vec<usize> {
        let mut lines: Vec<usize> = lines.iter().copied().filter(|at| kept[*at]).collect();
        if self.by_size {
            lines.sort_by_key(|at| std::cmp::Reverse(self.lines[*at].size));
        }
        lines.reverse();
        lines
    }

    /// Whether what is in a folder is shown.
    pub fn is_open(&self, line: &Line) -> bool {
        // What was looked for is shown wherever it lies.
        let open = !self.filter.is_empty() || (!self.folded && line.depth < OPEN);
        !line.below.is_empty() && open != self.turned.contains(&line.path)
    }

    /// Whether there is something in a folder.
    pub fn has_below(&self, line: &Line) -> bool {
        !line.below.is_empty()
    }

    /// The lines that are shown.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Line> {
        self.shown.iter().map(|at| &self.lines[*at])
    }

    /// How many lines are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The selected line's place.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The selected line.
    pub fn selected(&self) -> Option<&Line> {
        self.shown.get(self.at).map(|at| &self.lines[*at])
    }

    /// Selects a line, or the last one.
    pub fn select(&mut self, at: usize) {
        self.at = at.min(self.shown.len().saturating_sub(1));
    }

    /// Brings the selected line into a view of so many lines.
    pub fn scroll_into(&mut self, height: usize) {
        let height = height.max(1);
        let last = self.shown.len().saturating_sub(height);
        self.offset = self.offset.clamp(self.at.saturating_sub(height - 1), self.at).min(last);
    }

    /// Folds or unfolds the selected folder.
    pub fn turn(&mut self) {
        let Some(line) = self.selected().filter(|line| !line.below.is_empty()) else { return };
        let path = line.path.clone();
        if !self.turned.remove(&path) {
            self.turned.insert(path);
        }
        self.show();
    }

    /// Folds the selected folder, or goes to the one it lies in; false where there is none.
    pub fn fold(&mut self) -> bool {
        let Some(line) = self.selected() else { return false };
        if self.is_open(line) {
            self.turn();
            return true;
        }
        let depth = line.depth;
        let above = self.shown[..self.at].iter().rposition(|at| self.lines[*at].depth < depth);
        above.is_some_and(|above| {
            self.select(above);
            true
        })
    }

    /// Folds everything, or opens it all again.
    pub fn fold_all(&mut self) {
        self.folded = !self.folded;
        self.turned.clear();
        self.show();
    }

    /// Back to the first line, for another image than before.
    pub fn rewind(&mut self) {
        self.at = 0;
        self.offset = 0;
        self.turned.clear();
    }

    /// Shows only paths that pass a filter.
    pub fn set_filter(&mut self, text: &str) {
        self.filter = Filter::parse(text);
        self.show();
    }

    /// The filter in force.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }
}

/// Takes a path and all that is in it out; where it counts, the path stays as one that is gone.
fn remove<'a>(
    merged: &mut BTreeMap<String, (&'a LayerChange, usize, Mark)>,
    here: &str,
    change: &'a LayerChange,
    layer: usize,
    counts: bool,
) {
    let inside = format!("{here}\0");
    let below: Vec<String> = merged
        .range(inside.clone()..)
        .map(|(path, _)| path)
        .take_while(|path| path.starts_with(&inside))
        .cloned()
        .collect();
    for path in below {
        merged.remove(&path);
    }
    let was = merged.remove(here);
    if counts {
        // The layer below still has what is gone in this one.
        let from = was.map_or(layer.saturating_sub(1), |(_, from, _)| from);
        merged.insert(here.to_owned(), (change, from, Mark::Removed));
    }
}
