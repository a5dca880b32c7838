//! Content that nothing names: found and removed.

mod repair;

#[cfg(test)]
pub(crate) use repair::count;

#[cfg(test)]
mod kill_test;
#[cfg(test)]
mod tests;

use crate::error::{DatabaseContext as _, IoContext as _};
use crate::images::{used_blobs, used_layers};
use crate::{Lock, Result, Staging, Store, database};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::HashSet;
use std::path::Path;

/// Where the kernel says which start of the host this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// A blob or layer that no image and no container needs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Unused {
    /// A layer by its chain id, `sha256:…`.
    Layer(String),
    /// A blob by its digest, `sha256:…`, and its size in bytes.
    Blob(String, u64),
}

impl Store {
    /// Puts right what a loss of power may have left, at the first opening after each start of the host, when nobody
    /// can be using it yet. Layers are not synced when they are unpacked: that would cost more than the unpacking, and
    /// what matters of them can be made again from their blobs, which are.
    pub(crate) fn sweep_after_boot(&self) -> Result<()> {
        let boot = std::fs::read_to_string(BOOT_ID).on("read", Path::new(BOOT_ID))?;
        if Self::swept_in(self.connection())?.as_deref() == Some(boot.trim()) {
            return Ok(());
        }
        // Others that open the store now wait here, so that what they put in afterwards is safe.
        let transaction = database::write(self.connection())?;
        if Self::swept_in(&transaction)?.as_deref() == Some(boot.trim()) {
            return Ok(());
        }
        if let Some(_sweep) = Lock::try_sweep(self.paths())? {
            let unused = self.unused_content(&transaction, &HashSet::new(), &HashSet::new())?;
            self.remove_content(&transaction, &unused)?;
        }
        self.repair_layers(&transaction)?;
        transaction
            .execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('boot_id', ?)", [boot.trim()])
            .and_then(|_| transaction.commit())
            .database("note this start of the host")
    }

    fn swept_in(connection: &Connection) -> Result<Option<String>> {
        connection
            .query_row("SELECT value FROM meta WHERE key = 'boot_id'", [], |row| row.get(0))
            .optional()
            .database("read the last start of the host")
    }

    /// Layers and blobs that nothing needs, when these images and containers are not counted.
    pub(crate) fn unused_content(
        &self,
        connection: &Connection,
        without_images: &HashSet<&str>,
        without_containers: &HashSet<&str>,
    ) -> Result<Vec<Unused>> {
        let layers =
            used_layers(connection, without_images, without_containers).database("list layers in use")?;
        let blobs = used_blobs(connection, without_images).database("list blobs in use")?;
        let mut unused = Vec::new();
        for name in names(&self.paths().layers())? {
            let chain = format!("sha256:{name}");
            if !layers.contains(&chain) {
                unused.push(Unused::Layer(chain));
            }
        }
        for name in names(&self.paths().blobs())? {
            let digest = format!("sha256:{name}");
            if !blobs.contains(&digest) {
                let size = std::fs::symlink_metadata(self.paths().blobs().join(&name))
                    .map_or(0, |metadata| metadata.len());
                unused.push(Unused::Blob(digest, size));
            }
        }
        Ok(unused)
    }

    /// Removes content whose disuse was established in this very transaction.
    pub(crate) fn remove_content(&self, transaction: &Connection, unused: &[Unused]) -> Result<()> {
        if unused.is_empty() {
            return Ok(());
        }
        let staging = Staging::new(self.paths(), "unused")?;
        for item in unused {
            match item {
                Unused::Layer(chain) => {
                    transaction
                        .execute("DELETE FROM layers WHERE chain_id = ?", [chain])
                        .database("remove a layer")?;
                    staging.take_in(&self.paths().layers().join(chain.trim_start_matches("sha256:")))?;
                }
                Unused::Blob(digest, _) => {
                    staging.take_in(&self.paths().blobs().join(digest.trim_start_matches("sha256:")))?;
                }
            }
        }
        staging.remove()
    }
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).on("list", folder)? {
        // What has another name than ours is not ours to remove.
        if let Ok(name) = entry.on("list", folder)?.file_name().into_string()
            && name.len() == 64
            && name.bytes().all(|b| b.is_ascii_hexdigit())
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
