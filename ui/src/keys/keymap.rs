//! The keymap in force: the default table with the user's changes.

use super::table::{Layer, TABLE};
use super::{KeyCode, KeyEvent, KeySequence};
use crate::action::Action;
use std::collections::BTreeMap;

/// One action's keys in one layer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Binding {
    /// Where.
    pub layer: Layer,
    /// Its keys, each one key or several in a row; the first is shown in hints.
    pub keys: Vec<KeySequence>,
    /// What they do.
    pub action: Action,
}

/// The keymap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
    index: BTreeMap<(Layer, KeySequence), Action>,
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

/// What keys mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// They ask for this.
    Action(Action),
    /// They begin something longer.
    Prefix,
    /// Nothing.
    Nothing,
}

/// A key that can follow those typed so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Continuation {
    /// The key.
    pub key: KeyEvent,
    /// What it asks for; `None` where more keys follow.
    pub action: Option<Action>,
}

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
    /// What a single key does in a layer, `Global` included (not for `Shell`, whose keys stand alone).
    pub fn lookup(&self, layer: Layer, key: KeyEvent) -> Option<Action> {
        let keys = KeySequence::from(key);
        let own = self.index.get(&(layer, keys.clone()));
        let global = || self.index.get(&(Layer::Global, keys)).filter(|_| layer != Layer::Shell);
        own.or_else(global).copied()
    }

    /// What keys mean where several layers are in force: the first that knows them decides.
    pub fn resolve(&self, layers: &[Layer], keys: &KeySequence) -> Lookup {
        for layer in layers {
            if let Some(action) = self.index.get(&(*layer, keys.clone())) {
                return Lookup::Action(*action);
            }
            if self.longer(*layer, keys).next().is_some() {
                return Lookup::Prefix;
            }
        }
        Lookup::Nothing
    }

    /// The bindings of a layer that begin with these keys and go on.
    fn longer<'a>(
        &'a self,
        layer: Layer,
        keys: &'a KeySequence,
    ) -> impl Iterator<Item = (&'a KeySequence, Action)> {
        let from = (layer, keys.clone());
        let after = self
            .index
            .range(from..)
            .take_while(move |((at, longer), _)| *at == layer && longer.0.starts_with(&keys.0));
        after
            .filter(|((_, longer), _)| longer.0.len() > keys.0.len())
            .map(|((_, longer), action)| (longer, *action))
    }

    /// What can follow keys typed so far, in the layer that knows them.
    pub fn continuations(&self, layers: &[Layer], keys: &KeySequence) -> Vec<Continuation> {
        let mut found: Vec<Continuation> = Vec::new();
        for layer in layers {
            for (longer, action) in self.longer(*layer, keys) {
                let Some(key) = longer.0.get(keys.0.len()).copied() else { continue };
                let action = Some(action).filter(|_| longer.0.len() == keys.0.len() + 1);
                if !found.iter().any(|one| one.key == key) {
                    found.push(Continuation { key, action });
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    /// The bindings of a layer, in the table's order.
    pub fn bindings(&self, layer: Layer) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |b| b.layer == layer && !b.keys.is_empty())
    }

    /// The keys to show for an action where these layers are in force.
    pub fn shown(&self, layers: &[Layer], action: Action) -> Option<String> {
        let find =
            |layer: &Layer| self.bindings(*layer).find(|b| b.action == action).map(|b| b.keys[0].to_string());
        layers.iter().find_map(find)
    }

    /// The default keymap with a user's changes, and what is wrong with them. What is right is used.
    ///
    /// The file has one table per layer (`[list]`, `[containers]`, `[log]`, `[detail]`, `[shell]`, `[global]`, …), each
    /// line an action and its keys: `shell = "e"`, `stop = ["S", "ctrl-s"]`, `show-logs = "t l"` (one key after the
    /// other), `kill = []`; and `prefix = "ctrl-]"`.
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
        let mut own = Vec::new();
        for (name, value) in &table {
            let line = find_line(text, "", name);
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
                match keymap.rebind(*layer, action, keys) {
                    Ok(action) => own.push((*layer, action)),
                    Err(message) => {
                        problems.push(KeymapProblem { line: find_line(text, name, action), message });
                    }
                }
            }
        }
        keymap.conflicts(text, &own, &mut problems);
        keymap.rebuild();
        (keymap, problems)
    }

    fn rebind(&mut self, layer: Layer, name: &str, keys: &toml::Value) -> Result<Action, String> {
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
            .map(|key| key.parse::<KeySequence>().map_err(|e| e.to_string()))
            .collect::<Result<Vec<_>, _>>()?;
        match self.bindings.iter_mut().find(|b| b.layer == layer && b.action == action) {
            Some(binding) => binding.keys = keys,
            None => self.bindings.push(Binding { layer, keys, action }),
        }
        Ok(action)
    }

    /// Keys that mean two things, or begin a longer one: both places are told, and the user's own binding wins.
    fn conflicts(&mut self, text: &str, own: &[(Layer, Action)], problems: &mut Vec<KeymapProblem>) {
        let mut seen: BTreeMap<(Layer, KeySequence), Action> = BTreeMap::new();
        let place = |layer: Layer, action: Action| {
            if own.contains(&(layer, action)) { find_line(text, layer.name(), action.name()) } else { 0 }
        };
        // The user's own come last, in the file's order, so that the last one wins in the index.
        self.bindings.sort_by_key(|binding| place(binding.layer, binding.action));
        let told =
            |line: usize| if line > 0 { format!(" (line {line})") } else { " (by default)".to_owned() };
        for binding in &self.bindings {
            let layer = binding.layer;
            for keys in &binding.keys {
                let clash = seen.iter().find(|((at, other), _)| {
                    *at == layer && (other.0.starts_with(&keys.0) || keys.0.starts_with(&other.0))
                });
                if let Some(((_, other), first)) = clash {
                    let (before, line) = (place(layer, *first), place(layer, binding.action));
                    let (first, second) = (first.name(), binding.action.name());
                    let (from, to) = (told(before), told(line));
                    let layer = layer.name();
                    let message = if other == keys {
                        format!(
                            "{keys} in [{layer}] means both {first}{from} and {second}{to}; {second} wins"
                        )
                    } else {
                        format!(
                            "{keys} for {second}{to} and {other} for {first}{from} in [{layer}]: one begins the other"
                        )
                    };
                    problems.push(KeymapProblem { line: line.max(before), message });
                }
                seen.insert((layer, keys.clone()), binding.action);
            }
        }
    }

    fn rebuild(&mut self) {
        self.index.clear();
        for binding in &self.bindings {
            for keys in &binding.keys {
                self.index.insert((binding.layer, keys.clone()), binding.action);
            }
        }
    }
}

/// The line, from 1, that holds a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
}

/// The line, from 1, on which a key of a table stands; without a table that of the table's heading or of a key before
/// any.
fn find_line(text: &str, table: &str, word: &str) -> usize {
    let is = |line: &str, word: &str| {
        let rest = line.trim_start().trim_start_matches(['[', '"']).strip_prefix(word);
        rest.is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with(['=', ']']))
    };
    let mut lines = text.lines().enumerate();
    if !table.is_empty()
        && !lines.by_ref().any(|(_, line)| line.trim_start().starts_with('[') && is(line, table))
    {
        return 0;
    }
    lines.find(|(_, line)| is(line, word)).map_or(0, |(at, _)| at + 1)
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
                assert!(written.parse::<KeySequence>().is_ok(), "{written} for {action:?} in {layer:?}");
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
        assert_eq!(keymap.lookup(Layer::Containers, key("e")), Some(Action::Shell));
        let said: Vec<_> = problems.iter().map(|p| (p.line, p.message.as_str())).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said.iter().any(|(line, text)| *line == 5 && text.contains("no action")), "{said:?}");
        assert!(said.iter().any(|(line, text)| *line == 6 && text.contains("no key")), "{said:?}");
        assert!(
            said.iter()
                .any(|(line, text)| { *line == 4 && text.contains("both stop (line 3) and kill (line 4)") }),
            "{said:?}"
        );
    }

    #[test]
    fn a_users_key_wins_over_a_default_and_both_places_are_told() {
        let (keymap, problems) = Keymap::with_user_keys("[list]\ncopy-id = \"s\"\nshow-logs = \"/ l\"\n");
        assert_eq!(keymap.lookup(Layer::List, key("s")), Some(Action::CopyId));
        let said: Vec<_> = problems.iter().map(|p| (p.line, p.message.as_str())).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].0 == 2 && said[0].1.contains("both sort (by default) and copy-id (line 2)"),
            "{said:?}"
        );
        assert!(said[1].0 == 3 && said[1].1.contains("one begins the other"), "{said:?}");
    }

    #[test]
    fn keys_in_a_row_are_found_step_by_step() {
        let (keymap, problems) =
            Keymap::with_user_keys("[list]\nshow-logs = \"x l\"\nshow-inspect = \"x x i\"\n");
        assert_eq!(problems, vec![]);
        let layers = [Layer::List, Layer::Global];
        let resolve = |keys: &str| keymap.resolve(&layers, &keys.parse().unwrap());
        assert_eq!(resolve("x"), Lookup::Prefix);
        assert_eq!(resolve("x l"), Lookup::Action(Action::ShowLogs));
        assert_eq!(resolve("x x"), Lookup::Prefix);
        assert_eq!(resolve("x y"), Lookup::Nothing);
        let next = keymap.continuations(&layers, &"x".parse().unwrap());
        let next: Vec<_> = next.iter().map(|one| (one.key.to_string(), one.action)).collect();
        assert_eq!(next, [("l".to_owned(), Some(Action::ShowLogs)), ("x".to_owned(), None)]);
        assert_eq!(keymap.shown(&layers, Action::ShowLogs).as_deref(), Some("x l"));
    }
}
