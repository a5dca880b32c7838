//! Opening the store.

use crate::blobs::Blobs;
use crate::error::IoContext as _;
use crate::layers::Layers;
use crate::{Lock, Paths, Result, database, files, reserve, staging};
use rusqlite::Connection;
use rustix::fs::{Mode, mkdir};
use rustix::io::Errno;
use std::path::Path;

/// The store, opened by one process or thread for itself. Opening is cheap; share nothing.
pub struct Store {
    paths: Paths,
    connection: Connection,
}

impl Store {
    /// Opens the store, making what is missing and removing what killed processes left half-made.
    pub fn open(paths: Paths) -> Result<Self> {
        // One look in the common case: the layout's version file is made last.
        let fresh = !paths.layout().join("oci-layout").exists();
        if fresh {
            create(&paths)?;
        }
        staging::reconcile(&paths)?;
        let connection = database::open(&paths.database())?;
        let store = Self { paths, connection };
        if fresh {
            store.write_index()?;
        }
        store.sweep_after_boot()?;
        Ok(store)
    }

    /// Where everything lies.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Blobs. The handle needs no database and may go to other threads.
    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.paths.clone())
    }

    /// Unpacked layers. The handle needs no database and may go to other threads.
    pub fn layers(&self) -> Layers {
        Layers::new(self.paths.clone())
    }

    /// The database, for tables that other crates keep there.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}

fn create(paths: &Paths) -> Result<()> {
    std::fs::create_dir_all(paths.root()).on("create", paths.root())?;
    std::fs::create_dir_all(paths.run()).on("create", paths.run())?;
    // Users of a container's user namespace must pass through, so that their own files are in reach; nobody may list.
    let pass = Mode::from_raw_mode(0o711);
    for (folder, mode) in [
        (paths.layout(), Mode::RWXU),
        (paths.layout().join("blobs"), Mode::RWXU),
        (paths.blobs(), Mode::RWXU),
        (paths.layers(), pass),
        (paths.staging(), Mode::RWXU),
        (paths.volumes(), pass),
        (paths.containers(), pass),
    ] {
        make_folder(&folder, mode)?;
    }
    let _lock = Lock::wait(paths, "index")?;
    let version = paths.layout().join("oci-layout");
    if !version.exists() {
        files::write_atomically(&version, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    }
    reserve::keep(paths);
    Ok(())
}

fn make_folder(folder: &Path, mode: Mode) -> Result<()> {
    match mkdir(folder, mode) {
        Ok(()) => rustix::fs::chmod(folder, mode).on("set the permissions of", folder),
        Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error).on("create", folder),
    }
}
