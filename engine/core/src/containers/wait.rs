//! `wait`: until a container has ended.

use crate::engine::Engine;
use crate::watch::Watch;
use nix::poll::PollTimeout;
use teu_api::{ContainerId, Failure};

impl Engine {
    /// Waits until the container does not run, and returns its exit code. One that was removed meanwhile counts
    /// with the code it had last.
    pub fn wait(&self, id: &ContainerId) -> Result<i32, Failure> {
        let broken = |error: std::io::Error| Failure::internal(format!("cannot watch the database: {error}"));
        let watch = Watch::new(&self.store().paths().database()).map_err(broken)?;
        let mut code = 0;
        loop {
            let Ok(record) = self.store().container(id) else { return Ok(code) };
            code = record.state.exit_code;
            if !record.state.status.is_live() {
                return Ok(code);
            }
            // Once in a while it is checked whether a supervisor was killed, of which no one else tells.
            if !watch.wait(PollTimeout::from(1000_u16)).map_err(broken)? {
                crate::reconcile::containers(self)?;
            }
        }
    }
}
