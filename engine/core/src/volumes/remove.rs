//! `volume rm` and `volume prune`.

use crate::engine::Engine;
use teu_api::Failure;
use teu_api::volume::VolumeSnapshot;

impl Engine {
    /// Removes a volume that no container has.
    pub fn remove_volume(&self, name: &str) -> Result<(), Failure> {
        Ok(self.store().remove_volume(name)?)
    }

    /// Volumes that no container has: anonymous ones, with `all` named ones as well.
    pub fn unused_volumes(&self, all: bool) -> Result<Vec<VolumeSnapshot>, Failure> {
        let mut volumes = self.volumes()?;
        volumes.retain(|volume| volume.containers.is_empty() && (all || volume.anonymous));
        Ok(volumes)
    }
}
