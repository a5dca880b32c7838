//! `--filter KEY=VALUE`: what it says, and which snapshots it lets through.
//!
//! Docker's rule: values of one key are alternatives, keys must all hold; of labels every one must hold.

mod containers;
mod events;
mod glob;
mod images;
mod networks;
mod prune;
mod volumes;

pub use containers::ContainerFilter;
pub use events::{EventFilter, EventView};
pub use images::{ImageFilter, ListedImage};
pub use networks::{driver_of, network_filter};
pub use prune::PruneFilter;
pub use volumes::volume_filter;

use crate::arguments::values::wrong;
use regex::Regex;
use std::collections::BTreeMap;
use teu_api::Failure;

/// What was asked for, by key, in the order given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads the flags, and refuses keys that this list does not have.
    pub fn parse(texts: &[String], known: &[&str]) -> Result<Self, Failure> {
        let mut filters = Self::default();
        for text in texts.iter().filter(|text| !text.is_empty()) {
            let (key, value) = text.split_once('=').ok_or_else(|| {
                wrong(
                    format!("invalid filter '{text}'"),
                    format!("write it as KEY=VALUE; keys are {}", known.join(", ")),
                )
            })?;
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().to_owned());
            if !known.contains(&key.as_str()) {
                return Err(wrong(
                    format!("invalid filter '{key}'"),
                    format!("keys are {}", known.join(", ")),
                ));
            }
            match filters.0.iter_mut().find(|(other, _)| *other == key) {
                Some((_, values)) => values.push(value),
                None => filters.0.push((key, vec![value])),
            }
        }
        Ok(filters)
    }

    /// The values of a key; empty when it was not given.
    pub fn values(&self, key: &str) -> &[String] {
        self.0.iter().find(|(other, _)| other == key).map_or(&[], |(_, values)| values)
    }

    /// Whether a key was given.
    pub fn has(&self, key: &str) -> bool {
        !self.values(key).is_empty()
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A key's truth value, if given; Docker takes `1`, `true`, `t` and so on.
    pub fn truth(&self, key: &str) -> Result<Option<bool>, Failure> {
        let mut truth = None;
        for value in self.values(key) {
            let value = crate::arguments::values::boolean(value).map_err(|_| {
                wrong(format!("invalid filter '{key}={value}'"), format!("write {key}=true or {key}=false"))
            })?;
            if truth.is_some_and(|other| other != value) {
                return Err(wrong(
                    format!("invalid filter '{key}': both true and false"),
                    "give one of them",
                ));
            }
            truth = Some(value);
        }
        Ok(truth)
    }

    /// Whether a key was not given, or one of its values holds.
    fn any(&self, key: &str, holds: impl Fn(&str) -> bool) -> bool {
        let values = self.values(key);
        values.is_empty() || values.iter().any(|value| holds(value))
    }

    /// A key's values as regular expressions.
    fn patterns(&self, key: &str) -> Result<Vec<Regex>, Failure> {
        self.values(key)
            .iter()
            .map(|value| {
                Regex::new(value).map_err(|_| {
                    wrong(
                        format!("invalid filter '{key}={value}': not a regular expression"),
                        "write it like name=^web",
                    )
                })
            })
            .collect()
    }

    /// Whether every `label` holds.
    fn labels(&self, labels: &BTreeMap<String, String>) -> bool {
        self.values("label").iter().all(|value| has_label(labels, value))
    }
}

/// Whether there is a label of this key, and, with `KEY=VALUE`, of this value.
fn has_label(labels: &BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => labels.get(key).is_some_and(|found| found == value),
        None => labels.contains_key(wanted),
    }
}

/// Whether no pattern was given, or one of them is found in the text.
fn one_matches(patterns: &[Regex], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn flags(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn filters_are_read_by_key() {
        let filters =
            Filters::parse(&flags(&["label=a=b", "label=c", " Name = web "]), &["label", "name"]).unwrap();
        assert_eq!(filters.values("label"), ["a=b", "c"]);
        assert_eq!(filters.values("name"), ["web"]);
        for bad in ["x", "colour=red"] {
            let failure = Filters::parse(&flags(&[bad]), &["label"]).unwrap_err();
            assert!(failure.message.starts_with("invalid filter") && failure.hint.is_some(), "{failure}");
        }
    }

    #[test]
    fn truths_must_agree() {
        let read = |texts: &[&str]| Filters::parse(&flags(texts), &["dangling"]).unwrap().truth("dangling");
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&["dangling=1"]).unwrap(), Some(true));
        assert!(read(&["dangling=maybe"]).is_err() && read(&["dangling=true", "dangling=false"]).is_err());
    }

    #[test]
    fn every_label_must_hold() {
        let labels = [("a".to_owned(), "1".to_owned())].into();
        let holds = |texts: &[&str]| Filters::parse(&flags(texts), &["label"]).unwrap().labels(&labels);
        assert!(holds(&["label=a"]) && holds(&["label=a=1"]) && holds(&[]));
        assert!(!holds(&["label=a=2"]) && !holds(&["label=a", "label=b"]));
    }
}
