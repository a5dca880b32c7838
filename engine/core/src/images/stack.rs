//! Layers as one tree.

use crate::engine::Engine;
use rustix::fs::{Mode, OFlags};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use teu_api::Failure;

impl Engine {
    /// The tree of these layers, lowest first, mounted nowhere: the mount ends with what holds it open. `None` without
    /// layers.
    pub(crate) fn stack(&self, chain: &[String]) -> Result<Option<OwnedFd>, Failure> {
        let paths = self.store().paths();
        let trees: Vec<PathBuf> = chain.iter().rev().map(|layer| paths.layer(layer)).collect();
        match trees.as_slice() {
            [] => Ok(None),
            // An overlay of one layer that nobody writes to is that layer.
            [only] => open_folder(only).map(Some),
            trees => Ok(Some(teu_runtime::overlay::mount_read_only(trees)?)),
        }
    }
}

/// Opens a folder of the store.
pub(crate) fn open_folder(folder: &Path) -> Result<OwnedFd, Failure> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(folder, flags, Mode::empty()).map_err(|errno| {
        let error = std::io::Error::from(errno);
        Failure::internal(format!("cannot open {}: {error}", folder.display()))
    })
}
