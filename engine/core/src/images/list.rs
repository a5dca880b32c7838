//! `images`.

use crate::engine::Engine;
use teu_api::Failure;
use teu_api::image::ImageSnapshot;

impl Engine {
    /// Every image.
    pub fn images(&self) -> Result<Vec<ImageSnapshot>, Failure> {
        Ok(self.store().images()?)
    }
}
