//! `rename`.

use crate::engine::Engine;
use teu_api::container::NetworkMode;
use teu_api::id::is_valid_name;
use teu_api::{ContainerId, Failure};
use teu_supervisor::Request;

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
        self.store().rename_container(id, name)?;
        let record = self.store().container(id)?;
        if record.state.status.is_live() {
            if matches!(record.spec.host.network, NetworkMode::Default | NetworkMode::Named) {
                self.networks()?.rename(id, name)?;
            }
            // One that ends just now tells nobody its name any more.
            if let Ok(mut connection) = self.connect(&record) {
                let _ = connection.request(&Request::Rename(name.to_owned()));
            }
        }
        Ok(())
    }
}
