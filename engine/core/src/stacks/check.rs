//! What can be told of a stack without touching it: what is wrong with its text, and how far it is from what there is.

use crate::engine::Engine;
use std::collections::BTreeMap;
use std::path::Path;
use teu_api::Failure;
use teu_compose::plan::{Drift, drift};
use teu_compose::{Disk, Finding, LoadOptions, Project};

/// Checks a text as if it stood in the file at `path`, an absolute one; other files are read from the disk.
pub fn validate(text: &str, path: &Path, options: &LoadOptions) -> Vec<Finding> {
    teu_compose::validate(text, path, options, &Disk)
}

/// This process's variables, as far as a Compose file can name them: what is not UTF-8 is left out.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

impl Engine {
    /// How a project differs from what there is of it.
    pub fn stack_drift(&self, project: &Project) -> Result<Drift, Failure> {
        Ok(drift(project, &self.observe_stack(&project.name, Some(project))?))
    }
}
