//! `restart`: stop, then start.

use crate::engine::Engine;
use teu_api::{ContainerId, Failure};

impl Engine {
    /// Stops a container, if it runs, and starts it.
    pub fn restart(
        &self,
        id: &ContainerId,
        timeout: Option<i64>,
        signal: Option<i32>,
    ) -> Result<(), Failure> {
        self.stop(id, timeout, signal)?;
        self.start(id)?;
        let event = self.store().container(id)?.event("restart");
        self.store().append_event(&event)?;
        Ok(())
    }
}
