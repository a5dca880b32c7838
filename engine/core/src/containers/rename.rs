//! `rename`.

use crate::engine::Engine;
use teu_api::id::is_valid_name;
use teu_api::{ContainerId, Failure};

impl Engine {
    /// Gives a container another name.
    pub fn rename(&self, id: &ContainerId, name: &str) -> Result<(), Failure> {
        let name = name.trim_start_matches('/');
        if !is_valid_name(name) {
            return Err(Failure::usage(format!(
                "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            ))
            .hint("choose another name"));
        }
        Ok(self.store().rename_container(id, name)?)
    }
}
