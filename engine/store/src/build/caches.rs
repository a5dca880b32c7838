//! Folders that steps of builds keep from one build to the next (`RUN --mount=type=cache`).

use crate::error::IoContext as _;
use crate::{Lock, Result, Staging, Store, StoreError};
use std::io::ErrorKind;

impl Store {
    /// Their names.
    pub fn build_caches(&self) -> Result<Vec<String>> {
        let folder = self.paths().build_caches();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).on("list", &folder),
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.on("list", &folder)?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Removes one, unless a step has it for itself.
    pub fn remove_build_cache(&self, name: &str) -> Result<()> {
        let Some(_lock) = Lock::try_take(self.paths(), &format!("cache-{name}"))? else {
            return Err(StoreError::conflict(
                format!("build cache {name} is in use"),
                "try again after the build",
            ));
        };
        let staging = Staging::new(self.paths(), "unused")?;
        staging.take_in(&self.paths().build_caches().join(name))?;
        staging.remove()
    }
}
