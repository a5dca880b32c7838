//! `demo --down`: everything that the demo made, and nothing else.

use super::{CONTAINERS, LABEL};
use crate::engine::Engine;
use teu_api::Failure;

impl Engine {
    /// Removes the demo's containers and images. `say` is told each step, and ends it there when it fails.
    pub fn demo_down(&self, say: &mut dyn FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        let ours =
            self.store().containers()?.into_iter().filter(|record| record.spec.labels.contains_key(LABEL));
        let mut failures = Vec::new();
        for record in ours {
            say(&format!("removing {}", record.name))?;
            failures.extend(self.remove(&record.id, true, true).err());
        }
        for image in CONTAINERS.map(|container| container.image) {
            if self.store().find_image(image).is_ok() {
                say(&format!("removing {image}"))?;
                failures.extend(self.store().remove_image(image, false).err().map(Failure::from));
            }
        }
        failures.into_iter().next().map_or(Ok(()), Err)
    }
}
