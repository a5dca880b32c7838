//! One path of a container made like one of this machine: what `compose watch` does with each change.

use super::place::Place;
use super::tree::Copier;
use super::{CopyOptions, copy};
use crate::engine::Engine;
use std::io;
use std::os::fd::AsFd as _;
use std::path::Path;
use teu_api::{Failure, FailureKind};
use teu_store::ContainerRecord;
use teu_store::files::remove_tree;

impl Engine {
    /// Makes `target` in a container what `source` is here: a file with its content, a folder without, and nothing
    /// where there is nothing. Folders above are made, and what stands in the way goes.
    pub fn mirror_into(&self, record: &ContainerRecord, source: &Path, target: &str) -> Result<(), Failure> {
        let (to, _held) = self.place(record, target, true)?;
        let is_folder = match source.symlink_metadata() {
            Ok(meta) => meta.is_dir(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return remove(&to, target),
            Err(error) => {
                return Err(Failure::internal(format!("cannot read {}: {error}", source.display())));
            }
        };
        to.make_folders()?;
        if is_folder {
            return to.make_folder();
        }
        copy(&Place::here(source), &to, Copier::new(false, false), CopyOptions::default()).map(drop)
    }
}

fn remove(place: &Place, target: &str) -> Result<(), Failure> {
    let (parent, name) = match place.parent() {
        Ok(found) => found,
        Err(failure) if failure.kind == FailureKind::NotFound => return Ok(()),
        Err(failure) => return Err(failure),
    };
    match remove_tree(parent.as_fd(), name.as_slice()) {
        Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
        Err(errno) => Err(super::failed("remove", target.as_bytes(), errno)),
    }
}
