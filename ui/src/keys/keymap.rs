//! The keymap in force: the default table with the user's changes.

use super::table::{Layer, TABLE};
use super::{KeyCode, KeyEvent};
use crate::action::Action;
use std::collections::BTreeMap;

/// One action's keys in one layer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Binding {
    /// Where.
    pub layer: Layer,
    /// Its keys; the first is shown in hints.
    pub keys: Vec<KeyEvent>,
    /// What they do.
    pub action: Action,
}

/// The keymap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
    index: BTreeMap<(Layer, KeyEvent), Action>,
    /// The key that leads out of a terminal.
    pub prefix: KeyEvent,
}

/// What is wrong with a user's keymap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeymapProblem {
    /// The line in the file, from 1; 0 when it is the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// What a key means.
pub type Lookup = Option<Action>;

impl Default for Keymap {
    fn default() -> Self {
        let bindings = TABLE
            .iter()
            .map(|(layer, keys, action)| Binding {
                layer: *layer,
                keys: keys.iter().filter_map(|key| key.parse().ok()).collect(),
                action: *action,
            })
            .collect();
        let prefix = KeyEvent::new(KeyCode::Char(']'), true, false, false);
        let mut keymap = Self { bindings, index: BTreeMap::new(), prefix };
        keymap.rebuild();
        keymap
    }
}

impl Keymap {
    /// What a key does in a layer, `Global` included (not for `Shell`, whose keys stand alone).
    pub fn lookup(&self, layer: Layer, key: KeyEvent) -> Lookup {
        let own = self.index.get(&(layer, key));
        let global = || self.index.get(&(Layer::Global, key)).filter(|_| layer != Layer::Shell);
        own.or_else(global).copied()
    }

    /// The bindings of a layer, in the table's order.
    pub fn bindings(&self, layer: Layer) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |b| b.layer == layer && !b.keys.is_empty())
    }

    /// The key to show for an action in a layer.
    pub fn shown(&self, layer: Layer, action: Action) -> Option<String> {
        let find = |layer| self.bindings(layer).find(|b| b.action == action).map(|b| b.keys[0].to_string());
        find(layer).or_else(|| find(Layer::Global))
    }

    /// The default keymap with a user's changes, and what is wrong with them. What is right is used.
    ///
    /// The file has one table per layer (`[list]`, `[log]`, `[detail]`, `[shell]`, `[global]`), each line an
    /// action and its keys: `shell = "e"`, `stop = ["S", "ctrl-s"]`, `kill = []`; and `prefix = "ctrl-]"`.
    pub fn with_user_keys(text: &str) -> (Self, Vec<KeymapProblem>) {
        let mut keymap = Self::default();
        let mut problems = Vec::new();
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(text, span.start));
                problems.push(KeymapProblem { line, message: error.message().to_owned() });
                return (keymap, problems);
            }
        };
        for (name, value) in &table {
            let line = find_line(text, name);
            if name == "prefix" {
                match value.as_str().unwrap_or_default().parse() {
                    Ok(key) => keymap.prefix = key,
                    Err(error) => problems.push(KeymapProblem { line, message: error.to_string() }),
                }
                continue;
            }
            let layer = Layer::ALL.iter().find(|layer| layer.name() == name);
            let (Some(layer), Some(entries)) = (layer, value.as_table()) else {
                let known: Vec<_> = Layer::ALL.iter().map(|layer| layer.name()).collect();
                let message = format!("[{name}] is no part of a keymap; there are {}", known.join(", "));
                problems.push(KeymapProblem { line, message });
                continue;
            };
            for (action, keys) in entries {
                if let Err(message) = keymap.rebind(*layer, action, keys) {
                    problems.push(KeymapProblem { line: find_line(text, action), message });
                }
            }
        }
        keymap.conflicts(text, &mut problems);
        keymap.rebuild();
        (keymap, problems)
    }

    fn rebind(&mut self, layer: Layer, name: &str, keys: &toml::Value) -> Result<(), String> {
        let action = Action::from_name(name).ok_or_else(|| format!("{name:?} is no action"))?;
        let written: Vec<&str> = match keys {
            toml::Value::String(key) => vec![key],
            toml::Value::Array(keys) => keys
                .iter()
                .map(|key| key.as_str().ok_or_else(|| format!("a key of {name} is no text")))
                .collect::<Result<_, _>>()?,
            _ => return Err(format!("the keys of {name} are neither a text nor a list of texts")),
        };
        let keys = written
            .iter()
            .map(|key| key.parse::<KeyEvent>().map_err(|e| e.to_string()))
            .collect::<Result<Vec<_>, _>>()?;
        match self.bindings.iter_mut().find(|b| b.layer == layer && b.action == action) {
            Some(binding) => binding.keys = keys,
            None => self.bindings.push(Binding { layer, keys, action }),
        }
        Ok(())
    }

    fn conflicts(&self, text: &str, problems: &mut Vec<KeymapProblem>) {
        let mut seen: BTreeMap<(Layer, KeyEvent), Action> = BTreeMap::new();
        for binding in &self.bindings {
            for key in &binding.keys {
                if let Some(first) = seen.insert((binding.layer, *key), binding.action) {
                    let (layer, second) = (binding.layer.name(), binding.action.name());
                    let message =
                        format!("{key} in [{layer}] means both {} and {second}; {second} wins", first.name());
                    let line = find_line(text, second).max(find_line(text, first.name()));
                    problems.push(KeymapProblem { line, message });
                }
            }
        }
    }

    fn rebuild(&mut self) {
        self.index.clear();
        for binding in &self.bindings {
            for key in &binding.keys {
                self.index.insert((binding.layer, *key), binding.action);
            }
        }
    }
}

/// The line, from 1, that holds a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
}

fn find_line(text: &str, word: &str) -> usize {
    let starts = |line: &str| line.trim_start().trim_start_matches(['[', '"']).starts_with(word);
    text.lines().position(starts).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> KeyEvent {
        text.parse().unwrap()
    }

    #[test]
    fn the_default_table_is_sound() {
        for (layer, keys, action) in TABLE {
            for written in *keys {
                assert!(written.parse::<KeyEvent>().is_ok(), "{written} for {action:?} in {layer:?}");
            }
        }
        let (_, problems) = Keymap::with_user_keys("");
        assert_eq!(problems, vec![]);
    }

    #[test]
    fn a_layer_comes_before_global() {
        let keymap = Keymap::default();
        assert_eq!(keymap.lookup(Layer::Log, key("/")), Some(Action::Search));
        assert_eq!(keymap.lookup(Layer::List, key("/")), Some(Action::Filter));
        assert_eq!(keymap.lookup(Layer::List, key("?")), Some(Action::Help));
        assert_eq!(keymap.lookup(Layer::Shell, key("?")), None);
    }

    #[test]
    fn users_rebind_and_hear_of_conflicts() {
        let file =
            "prefix = \"ctrl-g\"\n[list]\nstop = \"x\"\nkill = \"x\"\nfly = \"y\"\nshell = \"nokey\"\n";
        let (keymap, problems) = Keymap::with_user_keys(file);
        assert_eq!(keymap.prefix, key("ctrl-g"));
        assert_eq!(keymap.lookup(Layer::List, key("x")), Some(Action::Kill));
        assert_eq!(keymap.lookup(Layer::List, key("S")), None);
        assert_eq!(keymap.lookup(Layer::List, key("e")), Some(Action::Shell));
        let said: Vec<_> = problems.iter().map(|p| (p.line, p.message.as_str())).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said.iter().any(|(line, text)| *line == 5 && text.contains("no action")), "{said:?}");
        assert!(said.iter().any(|(line, text)| *line == 6 && text.contains("no key")), "{said:?}");
        assert!(
            said.iter().any(|(line, text)| *line == 4 && text.contains("both stop and kill")),
            "{said:?}"
        );
    }
}
