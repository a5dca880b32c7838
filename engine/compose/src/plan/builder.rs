//! Collects steps.

use super::{Action, ObservedContainer, Plan, Step};

#[derive(Default)]
pub(super) struct Builder {
    pub plan: Plan,
}

impl Builder {
    /// Adds a step after others and tells its index.
    pub fn add(&mut self, action: Action, after: &[usize]) -> usize {
        let mut after = after.to_vec();
        after.sort_unstable();
        after.dedup();
        self.plan.steps.push(Step { action, after });
        self.plan.steps.len() - 1
    }

    /// Stops a container if it lives; the steps that whatever follows must wait for.
    pub fn stop(&mut self, container: &ObservedContainer, after: &[usize]) -> Vec<usize> {
        if !container.phase.is_alive() {
            return after.to_vec();
        }
        let action = Action::StopContainer {
            service: container.service.clone(),
            id: container.id.clone(),
            name: container.name.clone(),
        };
        vec![self.add(action, after)]
    }

    /// Stops and removes a container.
    pub fn remove(&mut self, container: &ObservedContainer, volumes: bool, after: &[usize]) -> usize {
        let after = self.stop(container, after);
        self.add(
            Action::RemoveContainer { id: container.id.clone(), name: container.name.clone(), volumes },
            &after,
        )
    }
}
