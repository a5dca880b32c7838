//! Where a step that only makes files makes them: a folder of changes on top of a state's layers.

use super::inside::inside;
use super::state::State;
use crate::engine::Engine;
use rustix::fs::{Mode, OFlags};
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;
use teu_api::Failure;
use teu_store::Staging;

/// The failure of writing a layer.
pub(super) fn broken(error: &io::Error) -> Failure {
    Failure::internal(format!("cannot write the layer: {error}"))
}

/// A place for a layer's changes, and the tree that they are made in.
pub(super) fn changes(engine: &Engine, state: &State) -> Result<(Staging, OwnedFd), Failure> {
    let paths = engine.store().paths();
    let staging = Staging::new(paths, "build")?;
    let (upper, work) = (upper(&staging), staging.path().join("work"));
    for folder in [&upper, &work] {
        std::fs::create_dir(folder).map_err(|error| broken(&error))?;
    }
    // What is new in it is described by the layer; the folder itself is the image's root.
    std::os::unix::fs::chown(&upper, Some(0), Some(0)).map_err(|error| broken(&error))?;
    std::fs::set_permissions(&upper, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .map_err(|error| broken(&error))?;
    let layers: Vec<_> = state.layers.iter().rev().map(|chain| paths.layer(chain)).collect();
    let root = if layers.is_empty() {
        crate::images::stack::open_folder(&upper)?
    } else {
        teu_runtime::overlay::mount(&layers, &upper, &work)?
    };
    Ok((staging, root))
}

/// The folder of changes.
pub(super) fn upper(staging: &Staging) -> PathBuf {
    staging.path().join("upper")
}

/// Makes a folder on top of a state's layers, owned by a user of the image.
pub(super) fn make_folder(
    engine: &Engine,
    state: &State,
    path: &str,
    user: &str,
) -> Result<Staging, Failure> {
    let (staging, root) = changes(engine, state)?;
    let owner = teu_runtime::user::resolve(root.as_fd(), user, &[])?;
    let failed = |errno: rustix::io::Errno| {
        Failure::usage(format!("cannot make the folder {path}: {}", io::Error::from(errno)))
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut parent = inside(root.as_fd(), "/", flags).map_err(failed)?;
    let mut way = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        way = format!("{way}/{part}");
        parent = match inside(root.as_fd(), &way, flags) {
            Err(rustix::io::Errno::NOENT) => {
                rustix::fs::mkdirat(&parent, part, Mode::from_raw_mode(0o755)).map_err(failed)?;
                let made = inside(root.as_fd(), &way, flags).map_err(failed)?;
                let (uid, gid) = (rustix::fs::Uid::from_raw(owner.uid), rustix::fs::Gid::from_raw(owner.gid));
                rustix::fs::fchown(&made, Some(uid), Some(gid)).map_err(failed)?;
                made
            }
            opened => opened.map_err(failed)?,
        };
    }
    Ok(staging)
}
