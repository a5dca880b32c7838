//! `stop`: the stop signal, a while to obey it, then SIGKILL.

use crate::engine::Engine;
use teu_api::{ContainerId, Failure};
use teu_supervisor::{Message, Request, SupervisorError};

impl Engine {
    /// Stops a container; one that does not run is left as it is. `timeout` in seconds overrides the container's
    /// own, and a negative one waits for ever; `signal` overrides its stop signal.
    pub fn stop(&self, id: &ContainerId, timeout: Option<i64>, signal: Option<i32>) -> Result<(), Failure> {
        let record = self.store().container(id)?;
        if !record.state.status.is_live() {
            return Ok(());
        }
        let mut connection = match self.connect(&record) {
            Ok(connection) => connection,
            // It ended between the look and the call.
            Err(_) if !teu_supervisor::is_supervised(&self.store().paths().container_run(id))? => {
                return crate::reconcile::containers(self);
            }
            Err(failure) => return Err(failure),
        };
        connection.send(&Request::Stop { signal, timeout })?;
        // `Ok` comes when all is written down; a supervisor that goes first has done so, too.
        loop {
            match connection.recv() {
                Ok(Some(Message::Failed(failure))) => return Err(failure),
                Ok(Some(Message::Ok) | None) => return Ok(()),
                Ok(Some(_)) => {}
                Err(SupervisorError::Protocol(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
