//! `kill`: a signal for the first process.

use crate::engine::Engine;
use crate::signal;
use teu_api::container::Status;
use teu_api::{ContainerId, Failure, SessionId};
use teu_supervisor::Request;

impl Engine {
    /// Sends a signal by name or number.
    pub fn kill(&self, id: &ContainerId, signal: &str) -> Result<(), Failure> {
        let number = signal::parse(signal)?;
        let record = self.store().container(id)?;
        if !matches!(record.state.status, Status::Running | Status::Paused) {
            return Err(Failure::conflict(format!(
                "cannot kill container: {}: container {} is not running",
                record.name,
                record.id.as_str()
            ))
            .hint(format!("teu start {}", record.name)));
        }
        self.connect(&record)?.request(&Request::Signal {
            session: SessionId::MAIN,
            signal: number,
            all: false,
        })?;
        Ok(())
    }
}
