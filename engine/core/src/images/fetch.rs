//! A file by its address, for one use.

use crate::engine::Engine;
use std::fs::File;
use std::io::Seek as _;
use teu_api::Failure;
use teu_registry::{Progress, Settings, shown};
use teu_store::Staging;

impl Engine {
    /// Fetches a file, which is gone when it is closed.
    pub fn fetch(&self, address: &str, progress: &dyn Progress) -> Result<File, Failure> {
        let staging = Staging::new(self.store().paths(), "fetched")?;
        let broken =
            |error: std::io::Error| Failure::internal(format!("cannot keep {}: {error}", shown(address)));
        let mut file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(staging.path().join("file"))
            .map_err(broken)?;
        teu_registry::fetch(&Settings::from_env()?, address, None, &mut file, progress)?;
        file.rewind().map_err(broken)?;
        Ok(file)
    }
}
