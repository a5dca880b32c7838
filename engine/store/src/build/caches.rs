//! What steps of builds keep from one build to the next: folders (`RUN --mount=type=cache`) and files that were fetched.

use crate::error::IoContext as _;
use crate::prune::folder_size;
use crate::{Lock, Result, Staging, Store, StoreError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;

/// Something that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildCache {
    /// What names it.
    pub name: String,
    /// Bytes on the disk.
    pub bytes: u64,
    /// When it was changed: nanoseconds since the Unix epoch.
    pub changed_at: i64,
}

impl Store {
    /// All of them, by name.
    pub fn build_caches(&self) -> Result<Vec<BuildCache>> {
        let folder = self.paths().build_caches();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).on("list", &folder),
        };
        let mut caches = Vec::new();
        for entry in entries {
            let entry = entry.on("list", &folder)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let stat = match entry.metadata() {
                // Pruned meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                stat => stat.on("examine", &entry.path())?,
            };
            let changed_at = stat.mtime() * 1_000_000_000 + stat.mtime_nsec();
            caches.push(BuildCache { name, bytes: folder_size(&entry.path())?, changed_at });
        }
        caches.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(caches)
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
