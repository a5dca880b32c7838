//! `pause` and `unpause`: every process of a container is frozen, and let go on.

use crate::engine::Engine;
use teu_api::{ContainerId, Failure};
use teu_supervisor::Request;

impl Engine {
    /// Freezes a running container.
    pub fn pause(&self, id: &ContainerId) -> Result<(), Failure> {
        self.ask(id, &Request::Pause)
    }

    /// Lets a frozen container go on.
    pub fn unpause(&self, id: &ContainerId) -> Result<(), Failure> {
        self.ask(id, &Request::Unpause)
    }

    fn ask(&self, id: &ContainerId, request: &Request) -> Result<(), Failure> {
        let record = self.store().container(id)?;
        self.connect(&record)?.request(request)?;
        Ok(())
    }
}
