//! A tree whose branches fold: documents.

use crate::theme::Role;
use serde_json::Value;
use std::collections::BTreeSet;

/// Things in a folded value that are shown, and the most cells of each.
const SHOWN: usize = 6;
const LONGEST: usize = 28;

/// One line of a tree.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// How deep it lies.
    pub depth: u16,
    /// How many nodes are below it.
    pub below: usize,
    /// What names it for good, so that folding outlives another reading.
    pub path: String,
    /// What it says, piece by piece.
    pub pieces: Vec<(String, Role)>,
    /// What it says in addition while it is folded: what is in it, as far as it is short.
    pub folded: Vec<(String, Role)>,
    /// Whether it is unfolded unless the user folded it.
    pub open: bool,
}

/// A tree with a selected line.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    turned: BTreeSet<String>,
    visible: Vec<usize>,
    at: usize,
    /// The first line in view.
    pub offset: usize,
}

impl Tree {
    /// Puts other nodes in the place of the old ones; what was folded stays folded.
    pub fn replace(&mut self, nodes: Vec<Node>) {
        self.nodes = nodes;
        self.show();
    }

    fn show(&mut self) {
        self.visible.clear();
        let mut next = 0;
        while next < self.nodes.len() {
            self.visible.push(next);
            next += 1 + if self.is_open(&self.nodes[next]) { 0 } else { self.nodes[next].below };
        }
        self.at = self.at.min(self.visible.len().saturating_sub(1));
    }

    /// Whether what is below a node is shown.
    pub fn is_open(&self, node: &Node) -> bool {
        node.open != self.turned.contains(&node.path)
    }

    /// The lines that are shown.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Node> {
        self.visible.iter().map(|at| &self.nodes[*at])
    }

    /// How many lines are shown.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether no line is shown.
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// The selected line's place.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The selected line.
    pub fn selected(&self) -> Option<&Node> {
        self.visible.get(self.at).map(|at| &self.nodes[*at])
    }

    /// Selects a line, or the last one.
    pub fn select(&mut self, at: usize) {
        self.at = at.min(self.visible.len().saturating_sub(1));
    }

    /// Moves the selection by so many lines.
    pub fn move_by(&mut self, rows: isize) {
        self.select(self.at.saturating_add_signed(rows));
    }

    /// Brings the selected line into a view of so many lines.
    pub fn scroll_into(&mut self, height: usize) {
        let height = height.max(1);
        let last = self.visible.len().saturating_sub(height);
        self.offset = self.offset.clamp(self.at.saturating_sub(height - 1), self.at).min(last);
    }

    /// Folds or unfolds the selected line.
    pub fn turn(&mut self) {
        let Some(node) = self.selected().filter(|node| node.below > 0) else { return };
        let path = node.path.clone();
        if !self.turned.remove(&path) {
            self.turned.insert(path);
        }
        self.show();
    }

    /// Folds the selected line, or goes to the one above it; false where there is none.
    pub fn fold(&mut self) -> bool {
        let Some(node) = self.selected() else { return false };
        if node.below > 0 && self.is_open(node) {
            self.turn();
            return true;
        }
        let depth = node.depth;
        let above = self.visible[..self.at].iter().rposition(|at| self.nodes[*at].depth < depth);
        above.is_some_and(|above| {
            self.select(above);
            true
        })
    }

    /// Back to the first line, for another thing than before.
    pub fn rewind(&mut self) {
        self.at = 0;
        self.offset = 0;
    }
}

/// A document's nodes. The first two levels are unfolded.
pub fn document(value: &Value) -> Vec<Node> {
    let mut nodes = Vec::new();
    below(value, 0, "", &mut nodes);
    nodes
}

fn below(value: &Value, depth: u16, path: &str, nodes: &mut Vec<Node>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                one(name, Role::Info, value, depth, path, nodes);
            }
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                one(&at.to_string(), Role::Faint, value, depth, path, nodes);
            }
        }
        _ => {}
    }
}

fn one(name: &str, role: Role, value: &Value, depth: u16, path: &str, nodes: &mut Vec<Node>) {
    let path = format!("{path}/{name}");
    let (text, value_role) = scalar(value).unwrap_or((String::new(), Role::Muted));
    let folded = if text.is_empty() { preview(value) } else { Vec::new() };
    let here = nodes.len();
    let pieces = vec![(format!("{name}  "), role), (text, value_role)];
    nodes.push(Node { depth, below: 0, path: path.clone(), pieces, folded, open: depth < 2 });
    below(value, depth.saturating_add(1), &path, nodes);
    nodes[here].below = nodes.len() - here - 1;
}

/// The text and the colour of a value that nothing is below; `None` for one that has more in it.
pub fn scalar(value: &Value) -> Option<(String, Role)> {
    Some(match value {
        Value::Null => ("null".into(), Role::Faint),
        Value::Bool(value) => (value.to_string(), Role::Warning),
        Value::Number(number) => (number.to_string(), Role::Accent),
        Value::String(text) => (format!("\"{text}\""), Role::Good),
        Value::Array(values) if values.is_empty() => ("[]".into(), Role::Faint),
        Value::Object(fields) if fields.is_empty() => ("{}".into(), Role::Faint),
        _ => return None,
    })
}

/// The first few things in a value, in one line.
fn preview(value: &Value) -> Vec<(String, Role)> {
    let (signs, inside): ([&str; 2], Vec<(Option<&String>, &Value)>) = match value {
        Value::Object(fields) => {
            (["{", "}"], fields.iter().map(|(name, value)| (Some(name), value)).collect())
        }
        Value::Array(values) => (["[", "]"], values.iter().map(|value| (None, value)).collect()),
        _ => return Vec::new(),
    };
    let mut pieces = vec![(signs[0].to_owned(), Role::Muted)];
    for (at, (name, value)) in inside.iter().take(SHOWN).enumerate() {
        if at > 0 {
            pieces.push((", ".into(), Role::Muted));
        }
        if let Some(name) = name {
            pieces.push((format!("{name}: "), Role::Info));
        }
        pieces.push(match scalar(value) {
            Some((text, role)) => (crate::text::fit(&text, LONGEST).into_owned(), role),
            None if value.is_array() => ("[…]".into(), Role::Muted),
            None => ("{…}".into(), Role::Muted),
        });
    }
    let more = inside.len().saturating_sub(SHOWN);
    if more > 0 {
        pieces.push((format!(", … {more} more"), Role::Muted));
    }
    pieces.push((signs[1].to_owned(), Role::Muted));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(tree: &Tree) -> Vec<String> {
        tree.rows().map(|node| format!("{}{}", " ".repeat(node.depth.into()), node.path)).collect()
    }

    #[test]
    fn folding_hides_what_is_below_and_outlives_another_reading() {
        let value = json!({"a": {"b": [1, 2], "c": "x"}, "d": {}});
        let mut tree = Tree::default();
        tree.replace(document(&value));
        assert_eq!(names(&tree), ["/a", " /a/b", "  /a/b/0", "  /a/b/1", " /a/c", "/d"]);
        tree.turn();
        assert_eq!(names(&tree), ["/a", "/d"]);
        tree.replace(document(&value));
        assert_eq!(tree.len(), 2);
        tree.turn();
        tree.select(3);
        assert!(tree.fold());
        assert_eq!(tree.selected().unwrap().path, "/a/b");
        assert!(tree.fold());
        assert_eq!(names(&tree), ["/a", " /a/b", " /a/c", "/d"]);
        tree.move_by(99);
        assert!(!tree.fold());
        tree.replace(vec![]);
        assert!(!tree.fold() && tree.selected().is_none());
    }
}
