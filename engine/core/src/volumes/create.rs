//! `volume create`.

use super::options;
use crate::engine::Engine;
use teu_api::Failure;
use teu_store::{NewVolume, VolumeRecord};

impl Engine {
    /// Makes a volume. One that exists is returned as it is, unless other options are asked for.
    pub fn create_volume(&self, new: &NewVolume) -> Result<VolumeRecord, Failure> {
        options::check(&new.name, &new.options)?;
        let made = self.store().create_volume(new)?;
        if !new.options.is_empty() && made.options != new.options {
            return Err(Failure::conflict(format!(
                "create {}: a volume of this name exists with other options",
                made.name
            ))
            .hint("choose another name, or remove it first: teu volume rm"));
        }
        Ok(made)
    }
}
