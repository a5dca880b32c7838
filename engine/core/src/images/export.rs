//! `export`: a container's file system as one archive.

use crate::engine::Engine;
use std::io::Write;
use std::os::fd::AsFd as _;
use teu_api::Failure;
use teu_store::ContainerRecord;
use teu_store::layers::{Form, pack};

impl Engine {
    /// Writes a container's file system, without what is mounted in it. The container may run or not.
    pub fn export(&self, record: &ContainerRecord, writer: impl Write) -> Result<(), Failure> {
        let paths = self.store().paths();
        let upper = paths.container(&record.id).join("upper");
        // A container that never ran has changed nothing.
        std::fs::create_dir_all(&upper)
            .map_err(|error| Failure::internal(format!("cannot open {}: {error}", upper.display())))?;
        // The changes are read as the topmost of read-only layers, so that a running container keeps its own mount.
        let mut lower = vec![upper];
        lower.extend(record.spec.layers.iter().rev().map(|chain| paths.layer(chain)));
        let root = if lower.len() == 1 {
            let flags =
                rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC;
            rustix::fs::open(&lower[0], flags, rustix::fs::Mode::empty())
                .map_err(|error| Failure::internal(format!("cannot open {}: {error}", lower[0].display())))?
        } else {
            teu_runtime::overlay::mount_read_only(&lower)?
        };
        Ok(pack(root.as_fd(), Form::Whole, writer)?)
    }
}
