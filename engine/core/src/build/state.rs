//! How far a stage is: its layers, its configuration, its variables.

use std::collections::BTreeMap;
use teu_build::ImageConfig;
use teu_store::{BuildStep, Digest, Hasher, HistoryStep, ImageRecord};

/// What a program finds where neither the image nor the user says otherwise.
pub(super) const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A stage after some of its steps. Another stage may go on from it.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The image at the bottom.
    pub base: Option<ImageRecord>,
    /// What the Dockerfile calls it.
    pub base_name: String,
    /// The `config` object of the image.
    pub config: ImageConfig,
    /// The chain ids of all layers, lowest first.
    pub layers: Vec<String>,
    /// What was done on top of the base.
    pub history: Vec<HistoryStep>,
    /// The values of ARGs that are declared.
    pub arguments: BTreeMap<String, String>,
    /// Who made the image.
    pub author: String,
    /// When the newest layer was made: nanoseconds since the Unix epoch. What is made of the same layers is then the
    /// same image, whenever it is made.
    pub created_at: i64,
}

impl State {
    /// A variable as instructions see it: the image's own before the build's.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.config.variable(name).or_else(|| self.arguments.get(name).cloned())
    }

    /// The environment of a program that a step runs.
    pub fn environment(&self) -> Vec<String> {
        let mut all = self.config.env();
        if !all.iter().any(|entry| entry.starts_with("PATH=")) {
            all.insert(0, PATH.to_owned());
        }
        for (name, value) in &self.arguments {
            if self.config.variable(name).is_none() {
                all.push(format!("{name}={value}"));
            }
        }
        all
    }

    /// What names a step on top of this state. Each part is hashed with its length, so that none runs into the next.
    pub fn key<'a>(&self, kind: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> String {
        let mut hasher = Hasher::default();
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(kind.as_bytes());
        add(self.layers.last().map_or("scratch", String::as_str).as_bytes());
        parts.into_iter().for_each(add);
        hasher.finish().to_string()
    }

    /// The layer on which the next one lies.
    pub fn top(&self) -> Option<Digest> {
        self.layers.last().and_then(|chain| Digest::parse(chain).ok())
    }

    /// Adds a step's layer.
    pub fn push(&mut self, step: BuildStep, created_by: String) {
        self.created_at = step.created_at;
        self.layers.push(step.chain_id.to_string());
        self.remember(created_by, Some(step));
    }

    /// Adds a step that has no layer.
    pub fn note(&mut self, created_by: String) {
        self.remember(created_by, None);
    }

    fn remember(&mut self, created_by: String, step: Option<BuildStep>) {
        self.history.push(HistoryStep {
            created_by,
            comment: "teu build".to_owned(),
            author: String::new(),
            created_at: self.created_at,
            layer: step.map(Into::into),
        });
    }
}
