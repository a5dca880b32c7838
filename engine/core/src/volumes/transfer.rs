//! `volume export`: a volume's content as a tar archive.

use super::{Backing, backing};
use crate::engine::Engine;
use crate::images::stack::open_folder;
use std::io::Write;
use std::os::fd::AsFd as _;
use teu_api::Failure;
use teu_store::layers::{Form, pack};

impl Engine {
    /// Writes a volume's content as a tar archive.
    pub fn export_volume(&self, name: &str, writer: impl Write) -> Result<(), Failure> {
        let record = self.store().volume(name)?;
        let folder = match backing(&record.name, &record.options)? {
            Backing::Folder => record.mountpoint,
            Backing::Bind(path, _) => path,
            Backing::Filesystem(kind, ..) => {
                return Err(Failure::unsupported(format!(
                    "cannot export volume {name}: it is a file system of type {kind} that only its containers mount"
                ))
                .hint("copy from inside a container that has it"));
            }
        };
        Ok(pack(open_folder(&folder)?.as_fd(), Form::Whole, writer)?)
    }
}
