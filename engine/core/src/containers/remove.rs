//! `rm`: a container with all that is its own.

use crate::engine::Engine;
use teu_api::{ContainerId, Failure};

impl Engine {
    /// Removes a container. A running one is refused unless `force` is set, which kills it first. `volumes` says
    /// whether its anonymous volumes go with it.
    pub fn remove(&self, id: &ContainerId, force: bool, volumes: bool) -> Result<(), Failure> {
        let record = self.store().container(id)?;
        if record.state.status.is_live() {
            if !force {
                return Err(Failure::conflict(format!(
                    "cannot remove container \"{}\": container is {}",
                    record.name,
                    record.state.status.as_str()
                ))
                .hint("stop the container before removing it, or force it with -f"));
            }
            self.stop(id, Some(0), Some(nix::libc::SIGKILL))?;
        }
        match self.store().remove_container(id, volumes) {
            Ok(()) => Ok(()),
            // A container that removes itself when it ends was quicker.
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
