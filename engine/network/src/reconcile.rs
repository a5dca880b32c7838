//! What dead containers left behind goes: a process may be killed at any instruction.

use crate::error::{NetworkError, Result};
use crate::network::Networks;
use teu_api::ContainerId;

impl Networks {
    /// Gives back the places of containers that `alive` denies, with their interfaces and ports; returns how many.
    /// Only what this state root's rows name is touched. A container that is being started counts as alive.
    pub fn reconcile(&self, alive: &dyn Fn(&ContainerId) -> bool) -> Result<usize> {
        let mut removed = 0;
        let mut failures = Vec::new();
        failures.extend(self.sweep(u32::MAX).err());
        for row in self.tables.endpoints()? {
            if ContainerId::parse(&row.container).is_some_and(|id| alive(&id)) {
                continue;
            }
            match self.detach_endpoint(&row) {
                Ok(()) => removed += 1,
                Err(error) => failures.push(error),
            }
        }
        NetworkError::gather(failures).map(|()| removed)
    }
}
