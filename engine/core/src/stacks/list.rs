//! `compose ls`: every stack, by its containers' labels.

use crate::engine::Engine;
use std::collections::BTreeMap;
use teu_api::Failure;
use teu_compose::labels;

/// A stack as listings show it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StackSummary {
    /// Its name.
    pub name: String,
    /// How many containers are in each state, by the state's word.
    pub states: BTreeMap<&'static str, usize>,
    /// The files it was made from, joined by commas.
    pub files: String,
    /// How many of its containers live.
    pub live: usize,
}

impl Engine {
    /// Every stack, by name.
    pub fn stacks(&self) -> Result<Vec<StackSummary>, Failure> {
        let mut stacks: BTreeMap<String, StackSummary> = BTreeMap::new();
        for record in self.store().containers()? {
            let Some(name) = record.spec.labels.get(labels::PROJECT) else { continue };
            let stack = stacks
                .entry(name.clone())
                .or_insert_with(|| StackSummary { name: name.clone(), ..StackSummary::default() });
            *stack.states.entry(record.state.status.as_str()).or_default() += 1;
            stack.live += usize::from(record.state.status.is_live());
            if let Some(files) = record.spec.labels.get(labels::CONFIG_FILES) {
                stack.files.clone_from(files);
            }
        }
        Ok(stacks.into_values().collect())
    }
}
